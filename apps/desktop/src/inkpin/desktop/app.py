"""Puts the window together: which tabs there are, and what they work on."""

import tkinter as tk
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from tkinter import messagebox

from inkpin.common import InputError
from inkpin.desktop import theme
from inkpin.desktop.lock.device_connection import (
    core_to_emulate,
    emulated_connection,
    serial_connection,
)
from inkpin.desktop.lock.parity_check import ParityCheck, load_c
from inkpin.desktop.lock.session import Session
from inkpin.desktop.lock.store import Store, home, memory_store
from inkpin.desktop.lock.worker import Worker
from inkpin.desktop.logfile import open_log
from inkpin.desktop.root import open_root
from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.settings import Settings, load_settings, save_settings
from inkpin.desktop.tabs.collect import CollectTab
from inkpin.desktop.tabs.device import Connect, DeviceTab
from inkpin.desktop.tabs.improve import ImproveTab
from inkpin.desktop.tabs.lock import LockTab
from inkpin.desktop.tabs.review import ReviewTab
from inkpin.desktop.tabs.train import TrainTab
from inkpin.desktop.window import TabFactory, Window
from inkpin.model.inference.recogniser import SHIPPED, Recogniser

Script = Callable[[Session], Iterator[int]]
Say = Callable[[str], None]

_NOTICES_MS = 300
_EMULATOR = "emulator"  # the device that is no serial port


def run(
    root: tk.Tk,
    store: Store,
    workspace: Workspace,
    script: Script,
    say: Say,
    device: str | None = None,
    title: str = "Inkpin",
    *,
    once: bool = False,
) -> None:
    """Show a lock, with all that makes it better, until the window is closed.

    Args:
        root: from open_root().
        store: of the lock.
        workspace: the samples and the networks; closed at the end.
        script: what to play to the lock.
        say: takes the serial lines.
        device: to follow, in a tab of its own in front: a serial port or "emulator".
        title: of the window.
        once: close when the script has ended.

    Raises:
        InputError: no emulated device can be built here.
    """
    tabs: list[TabFactory] = [
        partial(
            LockTab,
            worker=_worker(store, workspace.recogniser, script, say),
            parity=ParityCheck(lambda: load_c(workspace.networks.active), home()),
            reload=workspace.recogniser,
            once=once,
            first_steps=not once and workspace.networks.base == SHIPPED,
        ),
        partial(CollectTab, workspace=workspace),
        partial(ReviewTab, workspace=workspace),
        partial(ImproveTab, workspace=workspace),
    ]
    front = None
    if device:
        tabs.append(
            partial(
                DeviceTab,
                connect=_connect(device),
                emulated=device == _EMULATOR,
                workspace=workspace,
            )
        )
        front = DeviceTab.title
    _run(root, tabs, workspace, title, front)


def run_collecting(root: tk.Tk, workspace: Workspace, title: str) -> None:
    """Show what collects samples of labels that no network reads yet, until it is closed.

    Args:
        root: from open_root().
        workspace: the samples; closed at the end.
        title: of the window.
    """
    tabs = (CollectTab, ReviewTab, TrainTab)
    _run(root, [partial(tab, workspace=workspace) for tab in tabs], workspace, title)


def _run(
    root: tk.Tk,
    tabs: list[TabFactory],
    workspace: Workspace,
    title: str,
    front: str | None = None,
) -> None:
    root.after_idle(_tell_notices, root, workspace)
    try:
        _window(root, tabs, partial(save_settings, _settings_file()), title, front).run()
    finally:
        workspace.close()


def tell(error: InputError) -> None:
    """Show what ended the window, or kept it from opening, in a window of its own."""
    root = open_root()
    theme.apply(root, load_settings(_settings_file()))
    messagebox.showerror("Inkpin", str(error), parent=root)
    root.destroy()


def _tell_notices(root: tk.Tk, workspace: Workspace) -> None:
    """Tell what had to be mended, whenever something was."""
    if notice := workspace.take_notice():
        messagebox.showwarning("Inkpin", notice, parent=root)
    root.after(_NOTICES_MS, _tell_notices, root, workspace)


def run_replay(
    root: tk.Tk,
    network: Path,
    script: Script,
    say: Say,
    what: str = "a replay",
    *,
    once: bool = False,
) -> None:
    """Show a lock that is forgotten at the end; nothing is written but by the script.

    Args:
        root: from open_root().
        network: the ONNX file to read with.
        script: what to play to the lock.
        say: takes the serial lines.
        what: it is, for the window's title.
        once: close when the script has ended.
    """
    load = partial(Recogniser.load, network)
    lock = partial(
        LockTab,
        worker=_worker(memory_store(), load, script, say),
        parity=ParityCheck(partial(load_c, network), home()),
        reload=load,
        once=once,
    )
    _window(root, [lock], lambda _: None, f"Inkpin ({what}: nothing is kept)").run()


def _connect(device: str) -> Connect:
    """Return what connects to a device.

    Raises:
        InputError: no emulated one can be built here.
    """
    if device != _EMULATOR:
        return lambda _: serial_connection(device, home())
    return partial(emulated_connection, core_to_emulate(), home())


def _window(
    root: tk.Tk,
    tabs: list[TabFactory],
    keep: Callable[[Settings], None],
    title: str = "Inkpin",
    front: str | None = None,
) -> Window:
    log_file = home() / "inkpin.log"
    open_log(log_file)
    settings = load_settings(_settings_file())
    if front:
        settings = replace(settings, tab=front)
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
