"""The command `inkpin`: the lock in a window, or a replay without one."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path

from inkpin.common import InputError
from inkpin.common.parser import Parser
from inkpin.desktop.lock.headless import Album, replay, save_png
from inkpin.desktop.lock.replay import play
from inkpin.desktop.lock.session import Session
from inkpin.desktop.lock.store import home, user_store
from inkpin.model.data.samples import Sample, load_samples
from inkpin.model.inference.recogniser import SHIPPED, Recogniser


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
        help="read with this network, of any labels, on an empty lock that is thrown away",
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
    """Run the command; return its exit status."""
    try:
        options = _parser().parse_args(arguments)
        if options.device and (
            options.headless or options.replay or options.screenshot or options.model
        ):
            raise InputError("--device goes into a window: leave the other options out")
        samples = load_samples(options.replay) if options.replay else None
        if options.headless:
            _headless(samples, options)
        else:
            _windowed(options, samples)
    except InputError as error:
        print(f"inkpin: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


def _bundled() -> list[Sample]:
    with as_file(files("inkpin.samples") / "pin.jsonl") as path:
        return load_samples(path)


def _replay(
    samples: list[Sample] | None,
    options: argparse.Namespace,
    look: Callable[[Session], None] = lambda _: None,
) -> Session:
    load = partial(Recogniser.load, options.model or SHIPPED)
    return replay(_bundled() if samples is None else samples, load, _say, look)


def _headless(samples: list[Sample] | None, options: argparse.Namespace) -> None:
    session = _replay(samples, options)
    if options.screenshot:
        save_png(session.image(), options.screenshot)


def _windowed(options: argparse.Namespace, samples: list[Sample] | None) -> None:
    try:
        from inkpin.desktop import app
        from inkpin.desktop.root import NoWindowError, open_root

        root = open_root()
    except ImportError as error:
        if error.name not in ("tkinter", "_tkinter"):
            raise
        _without_window("no tkinter: install it (Debian: python3-tk)", samples, options)
        return
    except NoWindowError as error:
        _without_window(str(error), samples, options)
        return

    def script(session: Session) -> Iterator[int]:
        yield from play(session, samples or ())
        if options.screenshot:
            save_png(session.image(), options.screenshot)

    once = options.screenshot is not None
    if samples is not None or options.model:
        what = options.model.name if options.model else "a replay"
        app.run_replay(root, options.model or SHIPPED, script, _say, what, once=once)
        return
    with user_store() as store:
        collected = options.samples or home() / "samples.jsonl"
        app.run(root, store, collected, script, _say, options.device, once=once)


def _without_window(why: str, samples: list[Sample] | None, options: argparse.Namespace) -> None:
    """Say why there is no window, and show what one would have shown."""
    what = "the bundled strokes" if samples is None else "the strokes"
    print(f"inkpin: {why}; replaying {what} without a window", file=sys.stderr)
    if options.screenshot:
        _headless(samples, options)
        return
    album = Album(home() / "screens")
    _replay(samples, options, album.look)
    print(f"the screens are in {album.folder}")


if __name__ == "__main__":
    sys.exit(main())
