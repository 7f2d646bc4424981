"""Puts the window together: which tabs there are, and what they work on."""

import tkinter as tk
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from inkpin.desktop.lock.device_connection import Desk
from inkpin.desktop.lock.parity_check import SecondOpinion
from inkpin.desktop.lock.session import Recogniser, Session
from inkpin.desktop.lock.store import Store, home, throw_away
from inkpin.desktop.lock.worker import Worker
from inkpin.desktop.logfile import open_log
from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.settings import load_settings, save_settings
from inkpin.desktop.tabs.collect import CollectTab
from inkpin.desktop.tabs.device import DeviceTab
from inkpin.desktop.tabs.improve import ImproveTab
from inkpin.desktop.tabs.lock import LockTab
from inkpin.desktop.tabs.review import ReviewTab
from inkpin.desktop.window import TabMaker, Window

Script = Callable[[Session], Iterator[int]]
Say = Callable[[str], None]


def run(
    root: tk.Tk,
    store: Store,
    samples: Path,
    script: Script,
    say: Say,
    desk: Desk | None = None,
    *,
    once: bool = False,
) -> None:
    """Show the user's lock, with all that makes it better, until the window is closed.

    Args:
        root: from open_root().
        store: of the lock.
        samples: the file of the collected samples.
        script: what to play to the lock.
        say: takes the serial lines.
        desk: a device to follow, in a tab of its own in front.
        once: close when the script has ended.
    """
    workspace = Workspace(home(), samples)
    lock = partial(
        LockTab,
        worker=_worker(store, workspace.recogniser, script, say),
        second=SecondOpinion(workspace.device, home()),
        reload=workspace.recogniser,
        once=once,
    )
    others = (CollectTab, ReviewTab, ImproveTab)
    tabs = [lock, *(partial(tab, workspace=workspace) for tab in others)]
    front = None
    if desk:
        tabs.append(partial(DeviceTab, desk=desk, workspace=workspace))
        front = DeviceTab.title
    try:
        _window(root, tabs, partial(save_settings, _settings_file()), front=front).run()
    finally:
        workspace.close()


def run_replay(
    root: tk.Tk,
    load: Callable[[], Recogniser],
    device: Callable[[], Recogniser],
    script: Script,
    say: Say,
    what: str = "a replay",
    *,
    once: bool = False,
) -> None:
    """Show a lock that is forgotten at the end; nothing is written but by the script.

    Args:
        root: from open_root().
        load: gives the recogniser.
        device: gives the C of the same.
        script: what to play to the lock.
        say: takes the serial lines.
        what: it is, for the window's title.
        once: close when the script has ended.
    """
    lock = partial(
        LockTab,
        worker=_worker(throw_away(), load, script, say),
        second=SecondOpinion(device, home()),
        reload=load,
        once=once,
    )
    _window(root, [lock], lambda _: None, f"Inkpin ({what}: nothing is kept)").run()


def _window(
    root: tk.Tk,
    tabs: list[TabMaker],
    keep: Callable,
    title: str = "Inkpin",
    front: str | None = None,
) -> Window:
    log_file = home() / "inkpin.log"
    open_log(log_file)
    settings = load_settings(_settings_file())
    if front:
        settings = settings.but(tab=front)
    return Window(root, tabs, settings, keep, log_file, title)


def _settings_file() -> Path:
    return home() / "settings.json"


def _worker(store: Store, load: Callable[[], Recogniser], script: Script, say: Say) -> Worker:
    def start(show: Say) -> Session:
        def both(line: str) -> None:
            show(line)
            say(line)

        return Session(store, load, both)

    return Worker(start, script)
