"""The window: tabs, a line of status, and the look that the user chose."""

import logging
import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tkinter import messagebox, ttk

from inkpin.common import InputError, RefusedError
from inkpin.common.progress import Stopped
from inkpin.desktop import theme
from inkpin.desktop.dialogs.help import HelpDialog
from inkpin.desktop.jobs import Jobs
from inkpin.desktop.keyboard import Keyboard
from inkpin.desktop.percent import PERCENT
from inkpin.desktop.remark import Remark, nothing
from inkpin.desktop.settings import DARK, LIGHT, Settings
from inkpin.desktop.shell import Command, Shell, bind
from inkpin.desktop.tabs.tab import Tab
from inkpin.desktop.theme import Colours

POLL_MS = 8
_EDGE = "6p"  # around what the tabs show
_MARGIN = "10.5p"  # beside what stands below them
_NO_BREAK = "\N{NO-BREAK SPACE}"  # at which no line ends
_SHORT = 640  # pixels, at a scaling of 1, of a window that has no room to name keys

TabFactory = Callable[[ttk.Notebook, Shell], Tab]


class Window:
    """The application's window; a Shell for its tabs.

    Args:
        root: from open_root().
        tabs: make the tabs, from left to right.
        settings: the user's choices.
        keep: keeps settings that changed.
        log_file: where the details of errors are, for messages.
        title: of the window.
    """

    def __init__(
        self,
        root: tk.Tk,
        tabs: Sequence[TabFactory],
        settings: Settings,
        keep: Callable[[Settings], None],
        log_file: Path,
        title: str = "Inkpin",
    ) -> None:
        self.root = root
        self.settings = settings
        self.jobs = Jobs()
        self.log_file = log_file
        self._keep = keep
        self._error: BaseException | None = None
        self._closed = self._full = False
        self._next_poll = ""
        root.title(title)
        root.report_callback_exception = self._fail
        theme.apply(root, settings)
        self._book = ttk.Notebook(root)
        self._header = self._make_header()  # before the tabs: Tab follows the order of making
        self._tabs = [make(self._book, self) for make in tabs]
        self._footer = ttk.Frame(root, padding=(_MARGIN, 0, _MARGIN, "6p"))
        self._keys = ttk.Label(self._footer, style="Muted.TLabel")
        self._status = ttk.Label(self._footer)
        self._said = Remark(lambda text: self._status.configure(text=text))
        self._front: Tab | None = None
        self._wrap_text(round(800 * self.scaling))  # long lines are not to widen the window
        self._lay_out()
        self._bind()

    @property
    def colours(self) -> Colours:
        """The colours of the theme."""
        return theme.colours(self.settings)

    @property
    def scaling(self) -> float:
        """How large to draw."""
        return theme.scaling(self.root, self.settings)

    def run(self) -> None:
        """Show the window until it is closed.

        Raises:
            BaseException: whatever ended the session or the window before that.
        """
        self._tab_changed()
        self._place()
        self.root.deiconify()
        # Where no window manager gives it, the keyboard would follow the pointer out of dialogs.
        self.root.after_idle(self._take_keyboard)
        for tab in self._tabs:
            tab.start()
        self._next_poll = self.root.after_idle(self._poll)
        try:
            self.root.mainloop()
        finally:
            self.jobs.stop()
            for tab in self._tabs:
                tab.stop()
        if self._error:
            raise self._error

    def remember(self, settings: Settings) -> None:
        """Take other settings, and keep them."""
        self.settings = settings
        try:
            self._keep(self.settings)
        except InputError as error:
            self.status(str(error))

    def status(self, text: str) -> None:
        """Say in a line what is going on, until that is not so any more."""
        self._said.say(text, self._front.subject if self._front else nothing)

    def report_error(self, error: BaseException) -> None:
        """Tell the user of an error: an InputError by its line, others with the log's place.

        What stopped or was refused is said in the line of status, the others are in a dialog.
        """
        if isinstance(error, Stopped):
            self.status("Stopped; nothing was changed.")
            return
        if isinstance(error, RefusedError):
            self.status(f"{error}.")
            return
        logging.getLogger("inkpin").error("told to the user", exc_info=error)
        detail = f"The details are in {self.log_file}."
        if isinstance(error, InputError):
            line = str(error)
        else:
            line = f"Something unexpected went wrong ({type(error).__name__})."
            detail += " Please report it with that file; you can go on."
        self.status(line)
        # Not at once: whoever reports, such as a poll, is not to wait for the answer.
        self.root.after_idle(self._show_error, line, detail)

    def _show_error(self, line: str, detail: str) -> None:
        messagebox.showerror("Inkpin", line, detail=detail, parent=self.root)

    def full_screen(self, on: bool) -> None:
        """Fill the screen with the current tab alone, or no longer."""
        if on == self._full or self._front is None:
            return
        self._full = on
        if on:
            self._natural = self.root.geometry()
            # Where no window manager listens, the size alone has to do.
            size = f"{self.root.winfo_screenwidth()}x{self.root.winfo_screenheight()}+0+0"
        else:
            size = self._natural
        self.root.attributes("-fullscreen", on)
        self.root.geometry(size)
        self._dress(self._front)

    def _dress(self, tab: Tab) -> None:
        """Show what belongs around a tab, in full screen or not."""
        bare = self._full and tab.bare
        if bare:
            self._header.place_forget()
            self._footer.grid_remove()
        else:
            self._show_header()
            self._footer.grid()
        if self._full:
            self._leave.pack(side="left")
        else:
            self._leave.pack_forget()
        self._book.configure(style="Bare.TNotebook" if bare else "TNotebook")
        self._book.grid(padx=0 if bare else _EDGE, pady=0 if bare else _EDGE)
        tab.full_screen(bare)

    def close(self, error: BaseException | None = None) -> None:
        """End the program; with an error, run() raises it."""
        if self._closed:  # a dialog that was open then has errors of its own
            return
        self._closed = True
        self._error = error
        if error and not isinstance(error, InputError | KeyboardInterrupt):
            logging.getLogger("inkpin").error("ended the program", exc_info=error)
        self.full_screen(False)
        self.remember(replace(self.settings, geometry=self.root.geometry()))
        self.root.after_cancel(self._next_poll)
        self.root.destroy()

    def _lay_out(self) -> None:
        self.root.columnconfigure(0, weight=1)
        self.root.rowconfigure(0, weight=1)
        self._book.grid(row=0, column=0, sticky="nsew", padx=_EDGE, pady=_EDGE)
        self._footer.grid(row=1, column=0, sticky="ew")
        self._status.pack(anchor="w")
        self._keys.pack(anchor="w")
        self._show_header()
        for tab in self._tabs:
            self._book.add(tab, text=tab.title)
            if tab.title == self.settings.tab:
                self.root.tk.call(self._book, "select", tab)
        self._book.enable_traversal()

    def _make_header(self) -> ttk.Frame:
        header = ttk.Frame(self._book, style="Strip.TFrame")
        self._mode = ttk.Button(header, command=self._toggle_theme, style="Strip.Toolbutton")
        keys = ttk.Button(header, text="Help  F1", command=self._help, style="Strip.Toolbutton")
        self._mode.pack(side="left")
        keys.pack(side="left")
        self._leave = ttk.Button(
            header,
            text="Leave  Esc",
            command=lambda: self.full_screen(False),
            style="Strip.Toolbutton",
        )
        self._name_mode()
        return header

    def _show_header(self) -> None:
        self._header.place(relx=1, x="-4.5p", y="9p", anchor="ne")

    def _name_mode(self) -> None:
        self._mode.configure(text="Light  F9" if self.settings.theme == DARK else "Dark  F9")

    def _bind(self) -> None:
        choices = (
            Command((f"<Control-Key-{n}>",), f"Ctrl+{n}", "", partial(self._select, tab))
            for n, tab in enumerate(self._tabs, 1)
        )
        commands = (*self._general(), *choices)
        Keyboard(self.root, commands, self._tabs, lambda: self._front, self._leave_full_screen)
        bind(self._book, "<<NotebookTabChanged>>", self._tab_changed)
        self.root.bind("<Configure>", self._resized, add=True)
        self.root.protocol("WM_DELETE_WINDOW", self.close)

    def _general(self) -> tuple[Command, ...]:
        return (
            Command(("<F1>",), "F1", "this help", self._help),
            Command(("<F9>",), "F9", "light or dark", self._toggle_theme),
            Command(("<F11>",), "F11", "full screen and back", self._toggle_full_screen),
            Command(
                ("<Control-plus>", "<Control-equal>", "<Control-KP_Add>"),
                "Ctrl++",
                "larger text",
                lambda: self._resize(1),
            ),
            Command(
                ("<Control-minus>", "<Control-KP_Subtract>"),
                "Ctrl+-",
                "smaller text",
                lambda: self._resize(-1),
            ),
            Command(("<Control-q>",), "Ctrl+Q", "quit", self.close),
        )

    def _poll(self) -> None:
        """Look for news of threads; the next time is certain, whatever comes of this one."""
        self._next_poll = self.root.after(POLL_MS, self._poll)
        for tab in self._tabs:
            tab.poll()
            if self._closed:
                return
        self.jobs.poll()
        if self._closed:
            return
        self._said.poll()
        # Counted from here: were it due at once, Tk would find no idle moment to paint in.
        self.root.after_cancel(self._next_poll)
        self._next_poll = self.root.after(POLL_MS, self._poll)
        # Tk paints when nothing else is to be done, which a quick pen on a busy machine never lets
        # come: last, since what was put off until then may be a dialog.
        self.root.update_idletasks()

    def _place(self) -> None:
        """Give the window the size that it had, or its natural one; no more than the screen's."""
        self.root.update_idletasks()
        width, height = self.root.winfo_reqwidth(), self.root.winfo_reqheight()
        size = self.settings.geometry.partition("+")[0].split("x")
        if len(size) == 2 and all(side.isdecimal() for side in size):
            width, height = map(int, size)
        width = min(width, self.root.winfo_screenwidth())
        height = min(height, self.root.winfo_screenheight())
        self.root.geometry(f"{width}x{height}")
        self._limit()

    def _limit(self) -> None:
        """Keep the window from becoming so small that parts of a tab are lost."""
        screen = self.root.winfo_screenwidth(), self.root.winfo_screenheight()
        sides = zip(*(tab.minsize for tab in self._tabs), strict=True)
        width, height = (round(max(side) * self.scaling) for side in sides)
        self.root.minsize(min(width, screen[0]), min(height, screen[1]))

    def _take_keyboard(self) -> None:
        """Have the keyboard, where the tab in front wants it: that may be another one by now.

        The window takes it, as what has still to appear cannot, and would lose it if asked twice.
        """
        assert self._front is not None
        self.root.focus_force()
        self._front.first.focus_set()

    def _select(self, tab: Tab) -> None:
        self.root.tk.call(self._book, "select", tab)
        self._tab_changed()

    def _tab_changed(self) -> None:
        """Follow the notebook to another tab."""
        tab: Tab = self.root.nametowidget(self.root.tk.call(self._book, "select"))
        if tab is self._front:
            return
        if self._front:
            self._front.full_screen(False)
        self._front = tab
        self._dress(tab)
        self.status("")
        keys = [f"{c.keys}: {c.text}".replace(" ", _NO_BREAK) for c in tab.commands if c.keys]
        self._keys.configure(text=f"{3 * _NO_BREAK}·   ".join(keys))
        if tab.title != self.settings.tab:
            self.remember(replace(self.settings, tab=tab.title))
        tab.first.focus_set()
        tab.shown()

    def _resized(self, event: tk.Event) -> None:
        """Follow the window to its new size; its parts tell of theirs here too."""
        if event.widget is not self.root:
            return
        self._wrap_text(max(event.width - 2 * self.root.winfo_pixels(_MARGIN), 1))
        # The keys are in the help too; where there is little height it is for the tab.
        if event.height < _SHORT * self.scaling:
            self._keys.pack_forget()
        elif not self._keys.winfo_manager():
            self._keys.pack(anchor="w")

    def _wrap_text(self, width: int) -> None:
        for label in (self._status, self._keys):
            label.configure(wraplength=width)

    def _toggle_theme(self) -> None:
        self.remember(replace(self.settings, theme=LIGHT if self.settings.theme == DARK else DARK))
        self._name_mode()
        theme.apply(self.root, self.settings)

    def _toggle_full_screen(self) -> None:
        self.full_screen(not self._full)

    def _leave_full_screen(self) -> bool:
        """Return whether there was one to leave."""
        was = self._full
        self.full_screen(False)
        return was

    def _resize(self, steps: int) -> None:
        self.remember(self.settings.resized(steps))
        theme.apply(self.root, self.settings)
        self.root.event_generate("<<ThemeChanged>>")
        self._limit()
        self.status(f"Text at {self.settings.size}{PERCENT}.")

    def _help(self) -> None:
        tabs = [(tab.title, tab.commands) for tab in self._tabs]
        numbers = f"Ctrl+1 … Ctrl+{len(self._tabs)}"
        general = (Command((), numbers, "the tabs", lambda: None), *self._general())
        HelpDialog(self, [*tabs, ("Everywhere", general)])

    def _fail(self, _kind: type[BaseException], error: BaseException, _trace: object) -> None:
        """Take an error of a callback; Ctrl-C ends the program, others are told."""
        if self._closed:  # a dialog that was open then has errors of its own
            return
        if isinstance(error, KeyboardInterrupt):
            self.close(error)
        else:
            self.report_error(error)
