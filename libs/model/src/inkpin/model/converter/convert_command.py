"""The command that converts a model and says what the C costs."""

import argparse
import json
import re
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from inkpin.common import InputError
from inkpin.common.files import replacing
from inkpin.model.converter.converted import Converted, convert
from inkpin.model.converter.cost.oracle import AGREEING, Comparison
from inkpin.model.converter.cost.page import page
from inkpin.model.converter.cost.precision import HURT
from inkpin.model.converter.options import OPTIMISE, RANGES, WEIGHT_BITS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("model", type=Path, metavar="MODEL.onnx")
    parser.add_argument(
        "--calibration",
        type=Path,
        metavar="DATA.npz",
        help="samples of the inputs, .npz, .npy or a folder of PNG files; for models in floats",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="write the C there")
    parser.add_argument(
        "--web",
        type=Path,
        metavar="FILE",
        help="write a page there to try the network in a browser",
    )
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="write the report there as a page with pictures"
    )
    parser.add_argument("--name", help="of the C files; by default the model's")
    parser.add_argument(
        "--output",
        action="append",
        metavar="NAME",
        help="which of several outputs to take, once for each; by default all",
    )
    parser.add_argument(
        "--input-shape",
        action="append",
        default=[],
        type=_input_shape,
        metavar="NAME=1,49,10",
        help="of an input that the model leaves open",
    )
    parser.add_argument(
        "--stream",
        action="store_true",
        help="of a recurrent network: take sequences step by step, by NAME_step and NAME_reset",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--library",
        action="store_true",
        help="make DIR a library for PlatformIO and the Arduino IDE",
    )
    parser.add_argument(
        "--weight-bits",
        type=int,
        default=8,
        choices=WEIGHT_BITS,
        help="of weights that the model does not give as integers",
    )
    parser.add_argument(
        "--activation-bits",
        action="append",
        default=[],
        metavar="16|NODE=16|30dB",
        help="16 bits for the values between layers: all; what a node makes, once for each; or "
        "where a node has less signal to noise than that",
    )
    parser.add_argument(
        "--ranges",
        default="mse",
        choices=RANGES,
        help="how to find the range of a value in the calibration data",
    )
    parser.add_argument(
        "--optimise",
        default="speed",
        choices=OPTIMISE,
        help="speed takes fewer instructions, size less flash; the numbers are the same",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="refuse C that is not as good as onnxruntime on the calibration data: under "
        f"{HURT:g} dB, or under {AGREEING:.0%}% with the same best class",
    )
    parser.add_argument(
        "--symmetric", action="store_true", help="give values of both signs the zero 128"
    )


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model convert`."""
    if not (arguments.out or arguments.web or arguments.html):
        raise InputError(
            "say where to: --out DIR for the C, --web FILE for a page, --html FILE for the report"
        )
    if arguments.web and arguments.stream:
        raise InputError("--web: the page takes whole inputs: leave --stream or --web out")
    converted = convert(
        arguments.model,
        arguments.calibration,
        name=arguments.name,
        output=arguments.output,
        input_shapes=dict(arguments.input_shape),
        stream=arguments.stream,
        weight_bits=arguments.weight_bits,
        **_widths(arguments.activation_bits),
        ranges=arguments.ranges,
        symmetric=arguments.symmetric,
        optimise=arguments.optimise,
    )
    report = converted.report
    if arguments.strict:
        _check(converted)
    wrote = []
    if arguments.out:
        example = not arguments.library
        files = converted.write(arguments.out, example=example, library=arguments.library)
        names = ", ".join(str(file.relative_to(arguments.out)) for file in files)
        wrote.append(f"wrote {names} to {arguments.out}")
    if arguments.web:
        _page_writer()(converted, arguments.web)
        wrote.append(f"wrote {arguments.web}: open it in a browser, or send it")
    if arguments.html:
        text = page(converted.source.name, converted.integer_program, report)
        with replacing(arguments.html) as file:
            file.write(text.encode())
        wrote.append(f"wrote {arguments.html}: the report as a page")
    if arguments.json:
        print(json.dumps(report))
    else:
        print(*wrote, _text(report), sep="\n")


def _widths(wanted: Sequence[str]) -> dict[str, Any]:
    """Return the options of convert that values of --activation-bits stand for.

    Raises:
        InputError: one is none of its three forms.
    """
    options: dict[str, Any] = {"activation_bits": 8, "shorts": [], "shorts_under": None}
    for text in wanted:
        name, _, bits = text.rpartition("=")
        if name and bits == "16":
            options["shorts"].append(name)
        elif text in ("8", "16"):
            options["activation_bits"] = int(text)
        elif found := re.fullmatch(r"(\d+(?:\.\d+)?) ?dB", text, re.IGNORECASE):
            options["shorts_under"] = float(found[1])
        else:
            raise InputError(
                f"--activation-bits {text}: give 16 for all values, NODE=16 for what a node makes, "
                "or a bound like 30dB"
            )
    return {**options, "shorts": tuple(options["shorts"])}


def _page_writer() -> Callable[[Converted, Path], None]:
    """Return what writes a page: the web room, above this one, declares it in pyproject.toml.

    Raises:
        InputError: it is not installed.
    """
    for found in entry_points(group="inkpin.page"):
        writer: Callable[[Converted, Path], None] = found.load()
        return writer
    raise InputError("--web: no room for pages is installed: install the whole of inkpin anew")


def _input_shape(text: str) -> tuple[str, tuple[int, ...]]:
    """Return the name and the sides of NAME=1,49,10."""
    name, _, sides = text.rpartition("=")
    shape = tuple(int(side) for side in sides.split(","))
    if not name or min(shape) < 1:
        raise ValueError
    return name, shape


_input_shape.__name__ = "shape NAME=1,49,10"  # as argparse names it


def _check(converted: Converted) -> None:
    """Refuse what is not known to give onnxruntime's answers."""
    if not converted.comparisons:
        raise InputError("--strict compares with onnxruntime: give --calibration DATA as well")
    for comparison in converted.comparisons:
        _check_output(comparison)


def _check_output(comparison: Comparison) -> None:
    if comparison.failure is not None:
        raise InputError(
            f"--strict: onnxruntime does not run the model ({comparison.failure}): mend the model, "
            "or leave --strict out"
        )
    if comparison.doubt:
        raise InputError(
            f"--strict: output {comparison.output!r}: {comparison.doubt} beside onnxruntime: "
            "leave --strict out to see which node loses it"
        )


def _text(report: dict[str, Any]) -> str:
    operators = ", ".join(f"{kind} {count}" for kind, count in report["ops"].items())
    lines = [f"network: {_sizes(report)}"]
    for optimised, flash in report["flash_optimised_for"].items():
        lines.append(f"optimised for {optimised}: flash {_flash(flash)}")
    if "recogniser" in report:
        lines.append(f"with preprocess and stroke buffer: {_sizes(report['recogniser'])}")
    lines += [
        f"multiply-accumulates {report['macs']:,}",
        f"arena {report['arena_bytes']:,} bytes (no plan can do with less than "
        f"{report['arena_bound']:,}):",
        *(
            f"  {place['offset']:6,} + {place['bytes']:6,}  in steps {place['first']}"
            f"-{place['last']}  {place['name']}"
            for place in sorted(
                report["arena"], key=lambda place: (place["first"], place["offset"])
            )
        ),
        f"operators: {operators}",
    ]
    if report["state_bytes"]:
        lines.append(f"state from step to step: {report['state_bytes']:,} bytes")
    if report["dropped"]:
        lines.append(f"dropped: {', '.join(report['dropped'])}")
    lines += ["", _nodes(report)]
    if report["agreement"] is not None:
        lines.append(f"same best class as the float graph: {report['agreement']:.2%}")
    for output in report["outputs"]:
        start = f"output {output['name']!r} " if len(report["outputs"]) > 1 else ""
        lines.append(start + _beside_onnxruntime(output.get("onnxruntime")))
    lines += [f"warning: {warning}" for warning in report["warnings"]]
    return "\n".join(lines)


def _beside_onnxruntime(compared: dict[str, Any] | None) -> str:
    if compared is None:
        return "not compared with onnxruntime: that takes calibration data"
    if compared["failure"] is not None:
        return f"not compared with onnxruntime, which does not run it: {compared['failure']}"
    ran = "the compiled C" if compared["ran"] == "c" else "no C compiler: the integer reference"
    said = [f"beside onnxruntime on {compared['samples']} samples ({ran}):"]
    if compared["agreement"] is not None:
        said.append(f"same best class {compared['agreement']:.2%}")
    if compared["snr_db"] is not None:
        said.append(f"{compared['snr_db']:g} dB of signal to noise")
    return f"{said[0]} {', '.join(said[1:])}"


def _nodes(report: dict[str, Any]) -> str:
    rows = [f"{'flash':>8} {'RAM':>7} {'MACs':>10} {'SNR/dB':>6}  kernel and nodes"]
    for node in report["nodes"]:
        snr = "" if node["snr_db"] is None else f"{node['snr_db']:.1f}"
        rows.append(
            f"{node['flash']:8,} {node['ram']:7,} {node['macs']:10,} {snr:>6}  "
            f"{node['kernel']}: {' '.join(node['nodes'])}"
        )
    return "\n".join(rows)


def _sizes(report: dict[str, Any]) -> str:
    return f"flash {_flash(report['flash_bytes'])}; RAM {_count(report['ram_bytes'])}"


def _flash(by_target: dict[str, int | None]) -> str:
    return ", ".join(f"{target} {_count(size)}" for target, size in by_target.items())


def _count(size: int | None) -> str:
    return "(no compiler)" if size is None else f"{size:,} bytes"
