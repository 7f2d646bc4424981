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
    operators = ", ".join(f"{kind} {count}" for kind, count in report["ops"].items())
    lines = [
        f"network: {_sizes(report)}",
        f"arena {report['arena_bytes']:,} bytes, multiply-accumulates {report['macs']:,}",
        f"operators: {operators}",
    ]
    if "recogniser" in report:
        lines.insert(1, f"with preprocess and stroke buffer: {_sizes(report['recogniser'])}")
    return "\n".join(lines)


def _sizes(report: dict[str, Any]) -> str:
    flash = ", ".join(f"{target} {_count(size)}" for target, size in report["flash_bytes"].items())
    return f"flash {flash}; RAM {_count(report['ram_bytes'])}"


def _count(size: int | None) -> str:
    return "(no compiler)" if size is None else f"{size:,} bytes"
