"""The project's C as WebAssembly: compile it, run it in Node; knows nothing of its use."""

from inkpin.wasm.node import command, node, run
from inkpin.wasm.toolchain import available, build

__all__ = ["available", "build", "command", "node", "run"]
