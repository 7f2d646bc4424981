"""Samples from and to other programs' files: asks which, and does it while a dialog is up."""

from collections.abc import Callable, Sequence
from pathlib import Path

from inkpin.common import InputError
from inkpin.desktop.dialogs.format_dialog import FormatDialog
from inkpin.desktop.dialogs.progress_dialog import ProgressDialog
from inkpin.desktop.jobs import Job
from inkpin.desktop.samples.wording import sample_count
from inkpin.desktop.shell import Shell
from inkpin.model.collection.collection import Collection
from inkpin.model.collection.sample import Entry
from inkpin.model.data.formats.registry import EXPORTS, IMPORTS, read_samples, write_samples


def import_samples(
    shell: Shell, collection: Collection, imported: Callable[[int, int], None]
) -> None:
    """Ask for a file and add its samples.

    Args:
        shell: the window.
        collection: takes the samples.
        imported: told how many there were, and how many of them are new.
    """

    def chosen(path: Path, kind: str) -> None:
        def work(job: Job) -> tuple[int, int]:
            samples = read_samples(path, kind, job.progress)
            job.commit()
            return len(samples), len(collection.extend(samples))

        ProgressDialog(shell, f"Importing {path}", work, lambda counts: imported(*counts))

    FormatDialog(shell, "Import samples", IMPORTS, chosen, save=False)


def export_samples(shell: Shell, entries: Sequence[Entry]) -> None:
    """Ask for a file and write samples to it.

    Raises:
        InputError: there are none.
    """
    if not entries:
        raise InputError("No samples to export: collect some, or change the filter")
    many = sample_count(len(entries))

    def chosen(path: Path, kind: str) -> None:
        def work(job: Job) -> list[Path]:
            return write_samples([entry.sample for entry in entries], path, kind, job.progress)

        def written(files: list[Path]) -> None:
            more = f" and {len(files) - 1:,} more" if len(files) > 1 else ""
            shell.status(f"{many} written to {files[0]}{more}.")

        ProgressDialog(shell, f"Exporting to {path}", work, written)

    FormatDialog(shell, f"Export the {many} shown", EXPORTS, chosen, save=True)
