"""Processes that train one network together, each on its share of every batch, in PyTorch."""

import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import torch
from torch import Tensor, distributed

from inkpin.common import InputError


class WorkerGroup:
    """Workers that begin equal, average their gradients, and so stay equal.

    They are forks of the process that makes the group, which is the main one, so that data is
    shared and nothing is handed back: what the main process's networks have learned is what all
    have. Ctrl-C is for the main process, which ends the others too.

    Args:
        workers: how many; 1 where there is no fork.

    Attributes:
        is_main: whether this process is the one that reports and saves.
    """

    def __init__(self, workers: int) -> None:
        self.is_main = True
        self._world_size = workers if hasattr(os, "fork") else 1
        self._rank = 0
        self._others: list[multiprocessing.process.BaseProcess] = []

    def __enter__(self) -> "WorkerGroup":
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
        """Have every worker do the work; return when the main process has done it.

        Raises:
            InputError: another worker died.
        """
        if self._world_size == 1:
            work()
            return
        with tempfile.TemporaryDirectory() as folder:
            rendezvous = Path(folder) / "rendezvous"
            fork = multiprocessing.get_context("fork")
            for rank in range(1, self._world_size):
                other = fork.Process(
                    target=self._run_other, args=(rank, rendezvous, work), daemon=True
                )
                with _interrupts_deferred():
                    other.start()
                    self._others.append(other)
            self._init_process_group(rendezvous)
            try:
                work()
            except RuntimeError as error:
                if all(other.is_alive() for other in self._others):
                    raise
                raise InputError(f"a training process died ({error}): try --workers 1") from error
            finally:
                distributed.destroy_process_group()

    def shard(self, batch: Tensor) -> Tensor:
        """Return this worker's part of a batch."""
        return batch[self._rank :: self._world_size]

    def all_reduce(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Replace the gradients by their mean over the workers."""
        if self._world_size == 1:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        distributed.all_reduce(flat)
        flat /= self._world_size
        parts = flat.split([gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))

    def _run_other(self, rank: int, rendezvous: Path, work: Callable[[], None]) -> None:
        self._rank, self.is_main, self._others = rank, False, []
        self._init_process_group(rendezvous)
        try:
            work()
        except RuntimeError:
            os._exit(1)  # the main process stopped, and says why

    def _init_process_group(self, rendezvous: Path) -> None:
        distributed.init_process_group(
            "gloo",
            init_method=f"file://{rendezvous}",
            rank=self._rank,
            world_size=self._world_size,
        )


@contextmanager
def _interrupts_deferred() -> Iterator[None]:
    """Hold Ctrl-C back until the end of the `with`; processes that fork in it never hear one.

    Python loses one that comes while it forks, in what modules have it do before and after. To
    block the signal would not do: another thread would take it.
    """
    if threading.current_thread() is not threading.main_thread():  # only that one is interrupted
        yield
        return
    held: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        signal.raise_signal(signal.SIGINT)
