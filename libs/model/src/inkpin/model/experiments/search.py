"""Search small architectures, with Optuna: right often, in little flash.

A trial trains one architecture shortly, on labels alone, and converts it. The study lies in a
database, so that a search goes on where it was stopped, and several processes may share it, each
with a seed of its own.
"""

import csv
import io
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import optuna
from sqlalchemy.exc import SQLAlchemyError

from inkpin.common import InputError
from inkpin.common.files import read_bytes, replacing
from inkpin.model.adaptation.last_layers import LastLayers
from inkpin.model.converter import convert
from inkpin.model.data.dataset import Split
from inkpin.model.evaluation.charts import png
from inkpin.model.experiments.charts import front
from inkpin.model.export import Layer, to_onnx
from inkpin.model.inference.recogniser import SHIPPED
from inkpin.model.training import sampling
from inkpin.model.training.drawing_cache import kept_subsets
from inkpin.model.training.recipe import (
    FOUR_BITS,
    NINE_LEVELS,
    TERNARY,
    Architecture,
    Conv,
    Recipe,
)
from inkpin.model.training.train import fit_shortly
from inkpin.model.training.training_set import TrainingSet
from inkpin.preprocess import SIDE

TARGET = "cortex-m0plus"
PEERS = {"cnn_16small": (4_534, 0.9890), "cnn_48": (10_602, 0.9943), "cnn_64": (12_570, 0.9954)}
"""BitNetMCU's networks: flash on TARGET in bytes, accuracy on grey MNIST; cnn_16small on 16x16."""

_NO_COMPILER = "no compiler to count flash with: install gcc-arm-none-eabi"


def search(
    split: Split, recipe: Recipe, trials: int, folder: Path, storage: str | None = None
) -> tuple[int, int]:
    """Add trials to a study, and write what all of them so far say, trials.csv and front.png.

    Args:
        split: the data.
        recipe: epochs and seed of each trial.
        trials: how many to add.
        folder: where the files go.
        storage: the study's database, as a URL; None for an SQLite file in the folder.

    Returns:
        How many trials no other beats, and how many there are.

    Raises:
        InputError: an unusable database, or no compiler to count flash with.
    """
    validation = split.validation.bitmaps()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        study = optuna.create_study(
            storage=storage or f"sqlite:///{folder / 'study.db'}",
            study_name=f"inkpin, {recipe.epochs} epochs",
            directions=[*["maximize"] * len(validation), "minimize"],
            sampler=optuna.samplers.TPESampler(seed=recipe.seed),
            load_if_exists=True,
        )
    except (SQLAlchemyError, ValueError, ImportError) as error:
        raise InputError(f"--storage: {str(error).splitlines()[0]}: name a database") from error
    if trials > 0:
        subsets = kept_subsets(split.training, recipe.seed, sampling.FEW)
        training_set = TrainingSet(subsets.values(), len(split.training.labels))

    def objective(trial: optuna.Trial) -> tuple[float, ...]:
        tried = replace(recipe, architecture=suggested(trial), workers=1)
        try:
            trained = fit_shortly(training_set, tried, validation)
        except ValueError as error:
            raise optuna.TrialPruned(str(error)) from error
        flash, ram, macs = _costs(trained.layers)
        trial.set_user_attr("ram", ram)
        trial.set_user_attr("macs", macs)
        return (*trained.accuracy.values(), flash)

    study.optimize(objective, n_trials=trials)
    best = {trial.number for trial in study.best_trials}
    done = study.get_trials(states=[optuna.trial.TrialState.COMPLETE])
    done.sort(key=lambda trial: (trial.number not in best, trial.values[-1]))
    _write_table(done, best, [*validation], folder / "trials.csv")
    draw_front(folder / "trials.csv", folder / "front.png")
    return len(best), len(done)


def suggested(trial: optuna.Trial) -> Architecture:
    """Return the architecture that a trial is to try: one that the fast kernels can compute."""
    first = Conv(
        trial.suggest_int("first", 4, 16, step=4),
        trial.suggest_int("first kernel", 3, 5, step=2),
        pool=2,
        limit=FOUR_BITS,
    )
    width = trial.suggest_int("width between", 8, 24, step=4)
    between = [Conv(width) for _ in range(trial.suggest_int("layers between", 0, 2))]
    pooled = Conv(trial.suggest_int("pooled", 16, 40, step=8), pool=2)
    second, *others = [*between, pooled]
    limit = trial.suggest_categorical("limit of the second", [TERNARY, NINE_LEVELS])
    last = Conv(trial.suggest_int("last", 16, 64, step=8))
    return Architecture((first, replace(second, limit=limit), *others, last), NINE_LEVELS)


def _costs(layers: Sequence[Layer]) -> tuple[int, int, int]:
    """Return bytes of flash and RAM, and multiply-accumulates."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "trial.onnx"
        path.write_bytes(to_onnx(layers, SIDE, {}).SerializeToString())
        report = convert(path).report
    flash = report["flash_bytes"][TARGET]
    if flash is None:
        raise InputError(_NO_COMPILER)
    return flash, report["ram_bytes"], report["macs"]


def _write_table(
    trials: Sequence[optuna.trial.FrozenTrial],
    best: set[int],
    names: Sequence[str],
    path: Path,
) -> None:
    parameters = sorted({name for trial in trials for name in trial.params})
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["trial", "front", *names, "flash", "ram", "macs", *parameters])
    for trial in trials:
        extra = [trial.user_attrs["ram"], trial.user_attrs["macs"]]
        chosen = [trial.params.get(name, "") for name in parameters]
        *shares, flash = trial.values
        row = [trial.number, int(trial.number in best), *shares, int(flash), *extra, *chosen]
        writer.writerow(row)
    with replacing(path) as file:
        file.write(table.getvalue().encode())


def draw_front(table: Path, picture: Path) -> None:
    """Draw the trials of a table that `search` wrote, beside the network that ships today.

    Raises:
        InputError: the table is none of `search`'s, or there is no room for the picture.
    """
    advice = "name a trials.csv, as the search wrote it"
    try:
        header, *rows = csv.reader(read_bytes(table, advice).decode().splitlines())
        names = header[header.index("front") + 1 : header.index("flash")]
        results = [
            [float(row[header.index(name)]) for name in (*names, "flash")] for row in rows if row
        ]
    except (ValueError, IndexError) as error:
        raise InputError(f"{table}: not a table of trials: {advice}") from error
    flash = convert(SHIPPED).report["flash_bytes"][TARGET]
    if flash is None:
        raise InputError(_NO_COMPILER)
    provenance = json.loads(LastLayers(SHIPPED.read_bytes(), str(SHIPPED)).metadata["provenance"])
    figure = front(results, names, flash, provenance["validation"], PEERS, TARGET)
    with replacing(picture) as file:
        file.write(png(figure))
