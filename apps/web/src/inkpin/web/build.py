"""The page's WebAssembly module: the device's C, its shell in a browser, and a pad to try it on."""

from pathlib import Path

from inkpin import wasm
from inkpin.common import UnavailableError
from inkpin.device import build as device
from inkpin.model.inference.wasm_engine import PAD

C_FOLDER = Path(__file__).parent / "c"

EMULATED = Path(__file__).with_name("emulated.mjs")
"""Puts a module in the place of the emulated device, in Node."""


def build_module() -> Path:
    """Return the module of the shipped network, with its key derivation from Debian's mbedTLS.

    Raises:
        UnavailableError: a tool or the sources are missing.
    """
    if missing := wasm.available():
        raise UnavailableError(missing)
    library = device.mbedtls()
    sources = [*device.device_sources(), *sorted(C_FOLDER.glob("*.c")), PAD, library.memory]
    folders = dict.fromkeys(path.parent for path in sources)
    return wasm.build(
        sources,
        [*folders, *library.include],
        ("-Os", device.MBEDTLS_FLAG),
        upstream=library.sources,
    )
