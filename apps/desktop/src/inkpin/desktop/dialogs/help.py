"""All keys on one page."""

from collections.abc import Sequence
from tkinter import ttk

from inkpin.desktop.dialogs.dialog import Dialog
from inkpin.desktop.shell import SHOW_FIRST_STEPS, Command, Shell


class HelpDialog(Dialog):
    """The keys of every tab on one page, and where things are kept."""

    def __init__(self, shell: Shell, groups: Sequence[tuple[str, Sequence[Command]]]) -> None:
        super().__init__(shell, "Inkpin: help")
        columns = ttk.Frame(self.body)
        columns.pack(fill="both", expand=True)
        for place, (title, commands) in enumerate(groups):
            group = ttk.Frame(columns, padding=(0, 0, 28, 12))
            group.grid(row=place // 3, column=place % 3, sticky="nw")
            ttk.Label(group, text=title, style="Strong.TLabel").grid(
                row=0, columnspan=2, sticky="w", pady=(0, 4)
            )
            for row, command in enumerate((c for c in commands if c.keys), 1):
                ttk.Label(group, text=command.keys).grid(row=row, column=0, sticky="nw")
                ttk.Label(group, text=command.text, style="Muted.TLabel").grid(
                    row=row, column=1, sticky="w", padx=(12, 0)
                )
        places = ttk.Label(
            self.body,
            text="Tab and Shift+Tab move the focus; Space or Return press what has it.\n"
            f"Your data is in {shell.log_file.parent}, details of errors in {shell.log_file.name}.",
            style="Muted.TLabel",
        )
        places.pack(anchor="w", pady=(4, 12))
        again = ttk.Button(self.body, text="Show the first steps", command=self._show_first_steps)
        again.pack(side="left")
        self.close_button()
        self.open()

    def _show_first_steps(self) -> None:
        self.close()
        self.shell.root.event_generate(SHOW_FIRST_STEPS)
