"""How this installation's commands are typed: in a checkout through `./dev`, elsewhere bare."""

import os
import shlex
from pathlib import Path

_DEV = Path(__file__).parents[5] / "dev"
_TRAIN = "inkpin-model train"
_TASKS = {"train": "torch", "web": "web"}
"""Tasks of `./dev` that have an extra; `run` has the others."""


def typed(command: str) -> str:
    """Return a command of ours, `inkpin-model fetch` for one, as the reader types it."""
    if not _DEV.is_file() or command.startswith("./dev "):
        return command
    if command.startswith(_TRAIN):  # a task of its own, since it takes PyTorch
        return _dev("train") + command.removeprefix(_TRAIN)
    return f"{_dev('run')} {command}"


def extras_remedy(*extras: str) -> str:
    """Return what to do where these extras of the distribution are not installed."""
    if _DEV.is_file():
        tasks = [_TASKS[extra] for extra in extras if extra in _TASKS]
        return f"`{_dev([*tasks, 'run'][0])}` has it"
    from importlib.metadata import requires  # here, since every start would wait for it

    packages = [
        shlex.quote(requirement.partition(";")[0].strip())
        for requirement in requires("inkpin") or ()
        if any(requirement.endswith(f"extra == '{extra}'") for extra in extras)
    ]
    return f"type `python -m pip install {' '.join(packages)}`"


def _dev(task: str) -> str:
    return f"{'py dev' if os.name == 'nt' else './dev'} {task}"
