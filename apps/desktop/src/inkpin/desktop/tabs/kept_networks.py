"""What is done with the networks that are kept: one is used, renamed, deleted, and that undone."""

import tkinter as tk
from collections.abc import Callable, Sequence

from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.shell import NETWORK_CHANGED, Shell
from inkpin.desktop.widgets.network_table import NetworkTable
from inkpin.model.adaptation.model_store import KeptNetwork


class KeptNetworks:
    """A table of the networks, and its buttons' work.

    Args:
        parent: the widget around the table.
        shell: the window, which says what was done.
        workspace: the networks.
        buttons: further texts, and what they run, to stand after *Undo*.

    Attributes:
        table: the widget.
    """

    def __init__(
        self,
        parent: tk.Misc,
        shell: Shell,
        workspace: Workspace,
        buttons: Sequence[tuple[str, Callable[[], None]]],
    ) -> None:
        self._shell = shell
        self._workspace = workspace
        self.table = NetworkTable(
            parent,
            shell,
            self.show,
            self._choose,
            self._rename,
            self.delete,
            self._restore,
            (("Undo  Ctrl+Z", self.undo), *buttons),
        )

    def show(self) -> None:
        """List the networks there are now."""
        networks = self._workspace.networks
        kept = networks.kept()
        active = next((one for one in kept if one.path == networks.active), None)
        self.table.show(networks.kept(deleted=True) if self.table.trash else kept, active)

    def undo(self) -> None:
        """Take back the last change."""
        what = self._workspace.undo_network()
        self._after_change(what, "Undone: {}.", "There is nothing to undo.")

    def redo(self) -> None:
        """Do again what was taken back."""
        what = self._workspace.redo_network()
        self._after_change(what, "Done again: {}.", "There is nothing to do again.")

    def delete(self) -> None:
        """Move the network that is chosen to the trash."""
        if network := self._one():
            self._workspace.networks.delete(network.path)
            self.show()
            self._shell.status(f"{network.name} is in the trash; Ctrl+Z brings it back.")

    def _after_change(self, what: str | None, done: str, nothing: str = "") -> None:
        """Show what became of the networks, and say what was done, if anything was."""
        if what:
            self._shell.root.event_generate(NETWORK_CHANGED)
        self._shell.status(done.format(what) if what else nothing)

    def _one(self, *, in_trash: bool = False) -> KeptNetwork | None:
        """Return the network that is chosen; None, and say so, where this is not for it."""
        if self.table.trash != in_trash:
            self._shell.status(
                "Tick trash, and choose what to restore." if in_trash else "Restore it first."
            )
            return None
        if self.table.chosen is None:
            self._shell.status("Choose a network of the table first.")
        return self.table.chosen

    def _choose(self) -> None:
        if network := self._one():
            if network.path == self._workspace.networks.active:
                self._shell.status(f"{network.name} is in use already.")
                return
            self._workspace.choose(network.path)
            self._after_change(network.name, "In use: {}; Ctrl+Z goes back to the one before.")

    def _rename(self, name: str) -> None:
        if network := self._one():
            self._workspace.networks.rename(network.path, name)
            self.show()
            self._shell.status("Renamed; Ctrl+Z gives it its name back.")

    def _restore(self) -> None:
        if network := self._one(in_trash=True):
            self._workspace.networks.restore(network.path)
            self.show()
            self._shell.status(f"{network.name} is back.")
