"""A window above the window: modal, closed by Escape."""

import tkinter as tk
from collections.abc import Iterator
from tkinter import ttk

from inkpin.desktop.dialog_keyboard import DIALOG
from inkpin.desktop.shell import Shell
from inkpin.desktop.widgets.scrolled import Scrolled


class Dialog(tk.Toplevel):
    """Its subclasses fill `body` and `foot`, then open(); closing gives the focus back.

    Where the screen is too small, the body scrolls, and the foot stays in sight.

    Args:
        shell: the window.
        title: of the dialog.

    Attributes:
        first: what has the focus at first.
    """

    def __init__(self, shell: Shell, title: str) -> None:
        super().__init__(shell.root, class_=DIALOG)
        self.withdraw()
        self.shell = shell
        self.title(title)
        self.transient(shell.root)
        self.first: tk.Misc = self
        self._before = shell.root.focus_get()
        self._page = Scrolled(self, shell)
        self.configure(background=shell.colours.line)  # an edge, where there is no frame
        self._page.pack(fill="both", expand=True, padx=1, pady=(1, 0))
        self.body = ttk.Frame(self._page.body, padding="12p")
        self.body.pack(fill="both", expand=True)
        self.foot = ttk.Frame(self, padding=("12p", 0, "12p", "12p"))
        self.foot.pack(fill="x", padx=1, pady=(0, 1), before=self._page, side="bottom")
        self.bind("<Escape>", lambda _: self.close())
        self.protocol("WM_DELETE_WINDOW", self.close)

    def close_button(self) -> ttk.Button:
        """Add a button that closes, with the focus on it."""
        button = ttk.Button(self.foot, text="Close  Esc", command=self.close)
        button.pack(side="right", padx=("6p", 0))
        self.first = button
        return button

    def close(self) -> None:
        """Close the dialog."""
        self.destroy()
        if self._before and self._before.winfo_exists():
            self._before.focus_force()

    def open(self) -> None:
        """Show it over the middle of the window, whole or as much as the screen has room for."""
        self.update_idletasks()
        root = self.shell.root
        wide, high = self.winfo_reqwidth(), self.winfo_reqheight()
        room = root.winfo_screenwidth(), root.winfo_screenheight()
        if high > room[1]:  # then it scrolls
            wide, high = min(wide + self._page.bar_width, room[0]), room[1]
            self.geometry(f"{wide}x{high}")
        x = root.winfo_rootx() + (root.winfo_width() - wide) // 2
        y = root.winfo_rooty() + (root.winfo_height() - high) // 3
        x, y = (max(min(at, r - s), 0) for at, r, s in zip((x, y), room, (wide, high), strict=True))
        self.geometry(f"+{x}+{y}")
        # Waiting for it here would run other callbacks, one of which may close it.
        # Clicks beside it come to it as well, and the focus may be gone by then.
        # The page listens to <ButtonPress-1>, which would keep a press from <ButtonPress>.
        for name in ("<Map>", "<ButtonPress>", "<ButtonPress-1>"):
            self.bind(
                name, lambda event: self._take_input() if event.widget is self else None, add=True
            )
        self.deiconify()
        for sequence in ("<Return>", "<KP_Enter>"):
            self.bind(sequence, lambda _: self._accept())
            for widget in _within(self):
                if isinstance(widget, ttk.Radiobutton | ttk.Checkbutton):  # they take it else
                    widget.bind(sequence, lambda _: self._accept())

    def _accept(self) -> str:
        """Press the accented button, if there is one."""
        for widget in _within(self):
            if isinstance(widget, ttk.Button) and widget.cget("style") == "Accent.TButton":
                widget.invoke()
                break
        return "break"

    def _take_input(self) -> None:
        """Take the focus, and all input of the application."""
        self.grab_set()
        last = self.focus_lastfor()
        (self.first if last in (None, self) else last).focus_force()


def _within(parent: tk.Misc) -> Iterator[tk.Misc]:
    for child in parent.winfo_children():
        yield child
        yield from _within(child)
