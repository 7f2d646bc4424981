"""All keys on one page."""

from collections.abc import Sequence
from tkinter import ttk

from inkpin.desktop.dialogs.dialog import Dialog
from inkpin.desktop.shell import SHOW_FIRST_STEPS, Command, Shell

_BESIDE = 60  # pixels of a dialog beside its groups, at a scaling of 1


class HelpDialog(Dialog):
    """The keys of every tab on one page, and where things are kept."""

    def __init__(self, shell: Shell, groups: Sequence[tuple[str, Sequence[Command]]]) -> None:
        super().__init__(shell, "Inkpin: help")
        columns = ttk.Frame(self.body)
        columns.pack(fill="both", expand=True)
        frames = []
        for title, commands in groups:
            group = ttk.Frame(columns, padding=(0, 0, "21p", "9p"))
            frames.append(group)
            ttk.Label(group, text=title, style="Strong.TLabel").grid(
                row=0, columnspan=2, sticky="w", pady=(0, "3p")
            )
            for row, command in enumerate((c for c in commands if c.keys), 1):
                ttk.Label(group, text=command.keys).grid(row=row, column=0, sticky="nw")
                ttk.Label(group, text=command.text, style="Muted.TLabel").grid(
                    row=row, column=1, sticky="w", padx=("9p", 0)
                )
        self._arrange(columns, frames)
        places = ttk.Label(
            self.body,
            text="Tab and Shift+Tab move the focus; Space or Return press what has it.\n"
            f"Your data is in {shell.log_file.parent}, details of errors in {shell.log_file.name}.",
            style="Muted.TLabel",
        )
        places.pack(anchor="w", pady=("3p", 0))
        if shell.root.bind(SHOW_FIRST_STEPS):  # there is a lock to take them with
            again = ttk.Button(
                self.foot, text="Show the first steps", command=self._show_first_steps
            )
            again.pack(side="left")
        self.close_button()
        self.open()

    def _arrange(self, columns: ttk.Frame, groups: Sequence[ttk.Frame]) -> None:
        """Put the groups beside each other, as many as the screen has room for."""
        room = self.winfo_screenwidth() - _BESIDE * self.shell.scaling
        for wide in (3, 2, 1):
            for place, group in enumerate(groups):
                group.grid(row=place // wide, column=place % wide, sticky="nw")
            columns.update_idletasks()
            if columns.winfo_reqwidth() <= room:
                break

    def _show_first_steps(self) -> None:
        self.close()
        self.shell.root.event_generate(SHOW_FIRST_STEPS)
