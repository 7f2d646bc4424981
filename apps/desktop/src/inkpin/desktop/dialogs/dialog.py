"""A window above the window: modal, closed by Escape."""

import tkinter as tk
from tkinter import ttk

from inkpin.desktop.shell import Shell


class Dialog(tk.Toplevel):
    """Its subclasses fill `body` and then open(); closing gives the focus back.

    Args:
        shell: the window.
        title: of the dialog.
    """

    def __init__(self, shell: Shell, title: str) -> None:
        super().__init__(shell.root)
        self.withdraw()
        self.shell = shell
        self.title(title)
        self.transient(shell.root)
        self._before = shell.root.focus_get()
        self.body = ttk.Frame(self, padding=16)
        self.configure(background=shell.colours.line)  # an edge, where there is no frame
        self.body.pack(fill="both", expand=True, padx=1, pady=1)
        self.bind("<Escape>", lambda _: self.close())
        self.protocol("WM_DELETE_WINDOW", self.close)

    def close_button(self) -> ttk.Button:
        """Add a button that closes, with the focus on it."""
        button = ttk.Button(self.body, text="Close  Esc", command=self.close)
        button.pack(anchor="e")
        button.focus_set()
        return button

    def close(self) -> None:
        """Close the dialog."""
        self.destroy()
        if self._before and self._before.winfo_exists():
            self._before.focus_force()

    def open(self) -> None:
        """Show it over the middle of the window."""
        self.update_idletasks()
        root = self.shell.root
        x = root.winfo_rootx() + (root.winfo_width() - self.winfo_reqwidth()) // 2
        y = root.winfo_rooty() + (root.winfo_height() - self.winfo_reqheight()) // 3
        self.geometry(f"+{max(x, 0)}+{max(y, 0)}")
        # Waiting for it here would run other callbacks, one of which may close it.
        # Clicks beside it come to it as well, and the focus may be gone by then.
        for event in ("<Map>", "<ButtonPress>"):
            self.bind(event, lambda event: self._take_input() if event.widget is self else None)
        self.deiconify()

    def _take_input(self) -> None:
        """Take the focus, and all input of the application."""
        self.grab_set()
        (self.focus_lastfor() or self).focus_force()
