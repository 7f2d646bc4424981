"""The command `inkpin`: the lock in a window, or a replay without one."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from importlib.resources import as_file, files
from pathlib import Path

from inkpin.desktop.headless import Album, replay, save
from inkpin.desktop.replay import play
from inkpin.desktop.session import Recogniser, Session
from inkpin.desktop.store import home, throw_away, user_store
from inkpin.desktop.worker import Worker
from inkpin.model.cli import Parser
from inkpin.model.samples import Sample, load_samples
from inkpin.preprocess import InputError


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="inkpin", description="A lock that opens when you write your PIN on it.")
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
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    try:
        options = _parser().parse_args(arguments)
        samples = load_samples(options.replay) if options.replay else None
        if options.headless:
            _headless(samples, options.screenshot)
        else:
            _windowed(samples, options.screenshot)
    except InputError as error:
        print(f"inkpin: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _load() -> Recogniser:
    from inkpin.model.recogniser import Recogniser as Network  # slow, so on the worker's thread

    return Network.load()


def _say(line: str) -> None:
    print(line, flush=True)


def _bundled() -> list[Sample]:
    with as_file(files("inkpin.samples") / "pin.jsonl") as path:
        return load_samples(path)


def _headless(samples: list[Sample] | None, screenshot: Path | None) -> None:
    session = replay(_bundled() if samples is None else samples, _load, _say)
    if screenshot:
        save(session.image(), screenshot)


def _windowed(samples: list[Sample] | None, screenshot: Path | None) -> None:
    try:
        from inkpin.desktop.window import NoWindowError, Window, open_root

        root = open_root()
    except ImportError as error:
        if error.name not in ("tkinter", "_tkinter"):
            raise
        _without_window("no tkinter: install it (Debian: python3-tk)", samples, screenshot)
        return
    except NoWindowError as error:
        _without_window(str(error), samples, screenshot)
        return

    def script(session: Session) -> Iterator[int]:
        yield from play(session, samples or ())
        if screenshot:
            save(session.image(), screenshot)

    store = user_store() if samples is None else nullcontext(throw_away())
    with store as kept:

        def start(show: Callable[[str], None]) -> Session:
            def say(line: str) -> None:
                show(line)
                _say(line)

            return Session(kept, _load, say)

        worker = Worker(start, script)
        Window(root, worker, throw_away=samples is not None).run(once=screenshot is not None)


def _without_window(why: str, samples: list[Sample] | None, screenshot: Path | None) -> None:
    """Say why there is no window, and show what one would have shown."""
    what = "the bundled strokes" if samples is None else "the strokes"
    print(f"inkpin: {why}; replaying {what} without a window", file=sys.stderr)
    if screenshot:
        _headless(samples, screenshot)
        return
    album = Album(home() / "screens")
    replay(_bundled() if samples is None else samples, _load, _say, album.look)
    print(f"the screens are in {album.folder}")


if __name__ == "__main__":
    sys.exit(main())
