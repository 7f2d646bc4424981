"""Samples from and to other programs' files: asks which, and does it while a dialog is up."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tkinter import messagebox

from inkpin.common import RefusedError
from inkpin.desktop.dialogs.format_dialog import FormatDialog
from inkpin.desktop.dialogs.progress_dialog import ProgressDialog
from inkpin.desktop.jobs import Job
from inkpin.desktop.samples.wording import label_count, sample_count
from inkpin.desktop.shell import Shell
from inkpin.model.collection.collection import Collection
from inkpin.model.collection.duplicates import new_samples
from inkpin.model.collection.sample import Entry
from inkpin.model.data.formats.registry import (
    EXPORTS,
    IMPORTS,
    found_kind,
    read_samples,
    write_samples,
)
from inkpin.model.data.samples import Sample


@dataclass(frozen=True)
class Found:
    """What is in a file.

    Attributes:
        samples: how many it holds.
        fresh: those that the collection does not have yet.
    """

    samples: int
    fresh: Sequence[Sample]


def import_samples(
    shell: Shell, collection: Collection, path: Path, imported: Callable[[int, int], None]
) -> None:
    """Read a file or a folder, say what is in it, and add what is new of that.

    Args:
        shell: the window.
        collection: takes the samples.
        path: to be read, of any format.
        imported: told how many there were, and how many of them are new.
    """

    def read(job: Job) -> Found:
        samples = read_samples(path, None, job.progress)
        return Found(len(samples), new_samples(collection.find(), samples, job.progress))

    def ask(found: Found) -> None:
        if not found.fresh:
            imported(found.samples, 0)
        elif messagebox.askokcancel(
            "Import", _question(found), detail=_detail(path, found), parent=shell.root
        ):
            ProgressDialog(
                shell, f"Importing {path}", partial(save, found), lambda counts: imported(*counts)
            )
        else:
            shell.status("Nothing was imported.")

    def save(found: Found, job: Job) -> tuple[int, int]:
        job.commit()
        return found.samples, len(collection.extend(found.fresh))

    ProgressDialog(shell, f"Reading {path}", read, ask)


def _question(found: Found) -> str:
    counts = Counter(sample.label for sample in found.fresh)
    return f"Add {sample_count(len(found.fresh))} of {label_count(len(counts))}?"


def _detail(path: Path, found: Found) -> str:
    known = found.samples - len(found.fresh)
    there = f" {sample_count(known)} of it are there already." if known > 1 else ""
    there = " 1 sample of it is there already." if known == 1 else there
    title = IMPORTS[found_kind(path)].title
    return f"{path} ({title}).{there} Ctrl+Z takes them out again."


def export_samples(shell: Shell, entries: Sequence[Entry]) -> None:
    """Ask for a file and write samples to it.

    Raises:
        RefusedError: there are none.
    """
    if not entries:
        raise RefusedError("No samples to export: collect some, or change the filter")
    many = sample_count(len(entries))

    def chosen(path: Path, kind: str) -> None:
        def work(job: Job) -> list[Path]:
            return write_samples([entry.sample for entry in entries], path, kind, job.progress)

        def written(files: list[Path]) -> None:
            more = f" and {len(files) - 1:,} more" if len(files) > 1 else ""
            shell.status(f"{many} written to {files[0]}{more}.")

        ProgressDialog(shell, f"Exporting to {path}", work, written)

    FormatDialog(shell, f"Export the {many} shown", EXPORTS, chosen)
