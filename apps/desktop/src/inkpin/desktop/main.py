"""The command `inkpin`: the lock in a window, or a replay without one."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from inkpin.common import InputError
from inkpin.common.command import run_command
from inkpin.common.parser import Parser


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="inkpin", description="A lock that opens when you write your PIN on it.")
    parser.add_version()
    parser.add_argument(
        "--replay",
        metavar="FILE.jsonl",
        type=Path,
        help="draw and enter these samples, on an empty lock that is thrown away",
    )
    parser.add_argument(
        "--headless",
        action="store_true",
        help="without a window: print the serial lines (of the bundled samples, without --replay)",
    )
    parser.add_argument(
        "--screenshot",
        metavar="PNG",
        type=Path,
        help="save the screen (after the replay, if there is one) and exit",
    )
    parser.add_argument(
        "--model",
        metavar="FILE.onnx",
        type=Path,
        help="read with this network, of any labels, on an empty lock that is thrown away; what is "
        "collected for these labels is kept",
    )
    parser.add_argument(
        "--labels",
        nargs="+",
        metavar="LABEL",
        help='collect samples of these labels, such as "A B C", and train a network of them; once '
        "there is one, read with it, on an empty lock that is thrown away",
    )
    parser.add_argument(
        "--samples",
        metavar="FILE.jsonl",
        type=Path,
        help="collect samples in this file, not in the one of the user's folder",
    )
    parser.add_argument(
        "--device",
        metavar="PORT|emulator",
        help="follow a device at this serial port, or an emulated one",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status, see `run_command`."""
    return run_command("inkpin", partial(_run, arguments))


def _run(arguments: Sequence[str] | None) -> None:
    options = _parser().parse_args(arguments)
    thrown_away = options.headless or options.replay or options.model
    if options.device and (thrown_away or options.screenshot):
        raise InputError("--device goes into a window: leave the other options out")
    if options.labels and (thrown_away or options.device or options.screenshot):
        raise InputError("--labels collects in a window: leave out all options but --samples")
    if options.samples and (options.headless or options.replay):
        raise InputError(
            "--samples is where a window collects: leave it out, or --headless and --replay"
        )
    # Here, so that --help does not wait for it and Ctrl-C is heard meanwhile.
    from inkpin.desktop import launch

    launch.launch(options)


if __name__ == "__main__":
    sys.exit(main())
