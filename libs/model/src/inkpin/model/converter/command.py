"""The command that converts a model and says what the C costs."""

import argparse
import json
from pathlib import Path
from typing import Any

from inkpin.model.converter.converted import convert


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("model", type=Path, metavar="MODEL.onnx")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model convert`."""
    converted = convert(arguments.model)
    report = converted.report
    files = converted.write(arguments.out)
    if arguments.json:
        print(json.dumps(report))
    else:
        print(f"wrote {', '.join(file.name for file in files)} to {arguments.out}")
        print(_table(report))


def _table(report: dict[str, Any]) -> str:
    flash = ", ".join(
        f"{target} {'(no compiler here)' if size is None else f'{size:,}'}"
        for target, size in report["flash_bytes"].items()
    )
    ram = report["ram_bytes"]
    operators = ", ".join(f"{kind} {count}" for kind, count in report["ops"].items())
    return "\n".join(
        [
            f"flash, bytes: {flash}",
            f"RAM, bytes: {'(no compiler here)' if ram is None else f'{ram:,}'}, "
            f"of which arena {report['arena_bytes']:,}",
            f"multiply-accumulates: {report['macs']:,}",
            f"operators: {operators}",
        ]
    )
