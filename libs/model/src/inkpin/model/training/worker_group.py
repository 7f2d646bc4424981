"""Processes that train one network together, each on its share of every batch (takes PyTorch)."""

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType

import torch
from torch import Tensor, distributed

from inkpin.common import InputError


class Team:
    """Workers that begin equal, average their gradients, and so stay equal.

    They are forks of the process that makes the team and leads it, so that data is shared and
    nothing is handed back: what the leader's networks have learned is what all have.

    Args:
        workers: how many; 1 where there is no fork.

    Attributes:
        leads: whether this process is the one that reports and saves.
    """

    def __init__(self, workers: int) -> None:
        self.leads = True
        self._workers = workers if hasattr(os, "fork") else 1
        self._rank = 0
        self._others: list[multiprocessing.process.BaseProcess] = []

    def __enter__(self) -> "Team":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for other in self._others:
            if kind:
                other.terminate()
            other.join()

    def run(self, work: Callable[[], None]) -> None:
        """Have every worker do the work; return when the leader has done it.

        Raises:
            InputError: another worker died.
        """
        if self._workers == 1:
            work()
            return
        with tempfile.TemporaryDirectory() as folder:
            meeting = Path(folder) / "meeting"
            fork = multiprocessing.get_context("fork")
            for rank in range(1, self._workers):
                other = fork.Process(target=self._follow, args=(rank, meeting, work), daemon=True)
                other.start()
                self._others.append(other)
            self._meet(meeting)
            try:
                work()
            except RuntimeError as error:
                if all(other.is_alive() for other in self._others):
                    raise
                raise InputError(f"a training process died ({error}): try --workers 1") from error
            finally:
                distributed.destroy_process_group()

    def share(self, batch: Tensor) -> Tensor:
        """Return this worker's part of a batch."""
        return batch[self._rank :: self._workers]

    def agree(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Replace the gradients by their mean over the workers."""
        if self._workers == 1:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        distributed.all_reduce(flat)
        flat /= self._workers
        parts = flat.split([gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))

    def _follow(self, rank: int, meeting: Path, work: Callable[[], None]) -> None:
        self._rank, self.leads, self._others = rank, False, []
        self._meet(meeting)
        try:
            work()
        except (KeyboardInterrupt, RuntimeError):
            os._exit(1)  # the leader stopped, and says why

    def _meet(self, meeting: Path) -> None:
        distributed.init_process_group(
            "gloo", init_method=f"file://{meeting}", rank=self._rank, world_size=self._workers
        )
