"""A page to try a network of one's own on: `inkpin-model convert MODEL --web FILE`.

The converter, in a room below, finds `write` as an entry point.
"""

from pathlib import Path

from inkpin.common.files import replacing
from inkpin.model.converter.converted import Converted
from inkpin.model.inference.wasm_engine import module
from inkpin.web.page import page


def write(converted: Converted, path: Path) -> None:
    """Write the page of a network that reads drawings.

    Raises:
        InputError: the network does not, a tool is missing, or the file cannot be written.
    """
    content = page(module(converted).read_bytes(), title=converted.source.name, lock=False)
    with replacing(path) as file:
        file.write(content)
