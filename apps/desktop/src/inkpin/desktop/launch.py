"""What the command `inkpin` starts: a window, or a replay without one."""

import argparse
import sys
from collections.abc import Callable, Iterator
from functools import partial

from inkpin.common import InputError
from inkpin.desktop.lock.headless import Album, replay, save_png
from inkpin.desktop.lock.replay import play
from inkpin.desktop.lock.session import Session
from inkpin.desktop.lock.store import home, memory_store, user_store
from inkpin.model.data.samples import Sample, bundled_samples, load_samples
from inkpin.model.inference.recogniser import SHIPPED, Recogniser


def launch(options: argparse.Namespace) -> None:
    """Show, or replay, what the options of the command say.

    Raises:
        InputError: a file is unusable, or there is no window for what takes one.
    """
    samples = None
    if options.replay:
        samples = load_samples(options.replay)
        if not samples:
            raise InputError(f"{options.replay}: no samples: name a file that holds some")
    if options.headless:
        _headless(samples, options)
    else:
        _windowed(options, samples)


def _say(line: str) -> None:
    print(line, flush=True)


def _replay(
    samples: list[Sample] | None,
    options: argparse.Namespace,
    look: Callable[[Session], None] = lambda _: None,
) -> Session:
    load = partial(Recogniser.load, options.model or SHIPPED)
    return replay(bundled_samples() if samples is None else samples, load, _say, look)


def _headless(samples: list[Sample] | None, options: argparse.Namespace) -> None:
    session = _replay(samples, options)
    if options.screenshot:
        save_png(session.image(), options.screenshot)


def _windowed(options: argparse.Namespace, samples: list[Sample] | None) -> None:
    try:
        from inkpin.desktop import app
        from inkpin.desktop.root import NoWindowError, close_root, open_root
        from inkpin.desktop.samples.label_sets import labels_of, workspace_for, workspace_of
        from inkpin.desktop.samples.workspace import Workspace

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
    try:
        if samples is not None or (options.model and once):
            what = options.model.name if options.model else "a replay"
            app.run_replay(root, options.model or SHIPPED, script, _say, what, once=once)
        elif options.labels:
            labels = labels_of(options.labels)
            workspace = workspace_of(labels, home(), options.samples)
            names = ", ".join(labels)
            if workspace.trained:
                title = f"Inkpin ({names}: the lock is thrown away)"
                app.run(root, memory_store(), workspace, script, _say, title=title)
            else:
                app.run_collecting(root, workspace, f"Inkpin ({names})")
        elif options.model:
            workspace = workspace_for(options.model, home(), options.samples)
            title = f"Inkpin ({options.model.name}: the lock is thrown away)"
            app.run(root, memory_store(), workspace, script, _say, title=title)
        else:
            with user_store() as store:
                workspace = Workspace(home(), options.samples or home() / "samples.jsonl")
                app.run(root, store, workspace, script, _say, options.device, once=once)
    except InputError as error:
        # Somebody who started it by its icon sees no terminal.
        if not (once or samples is not None or options.model or options.labels):
            app.tell(error)
        raise
    finally:
        close_root(root)


def _without_window(why: str, samples: list[Sample] | None, options: argparse.Namespace) -> None:
    """Say why there is no window, and show what one would have shown.

    Raises:
        InputError: only a window could.
    """
    for name in ("device", "labels", "samples"):
        if getattr(options, name):
            raise InputError(f"{why}; --{name} takes a window")
    what = "the bundled strokes" if samples is None else "the strokes"
    print(f"inkpin: {why}; replaying {what} without a window", file=sys.stderr)
    if options.screenshot:
        _headless(samples, options)
        return
    album = Album(home() / "screens")
    _replay(samples, options, album.look)
    print(f"the screens are in {album.folder}")
