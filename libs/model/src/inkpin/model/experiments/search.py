"""The command that searches small designs, with Optuna: right often, in little flash.

A trial trains one design shortly, on labels alone, and converts it. The study lies in a database,
so that a search goes on where it was stopped, and several processes may share it, each with a
seed of its own.
"""

import argparse
import csv
import io
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from inkpin.common import InputError
from inkpin.common.files import replacing
from inkpin.model.adaptation.last_layers import LastLayers
from inkpin.model.converter import convert
from inkpin.model.export import Layer, to_onnx
from inkpin.model.inference.recogniser import SHIPPED
from inkpin.model.training.train import add_recipe, check_recipe, load
from inkpin.preprocess import SIDE

if TYPE_CHECKING:
    import optuna

    from inkpin.model.training.network import Design

TARGET = "cortex-m0plus"
PEERS = {"cnn_16small": (4_534, 0.9890), "cnn_48": (10_602, 0.9943), "cnn_64": (12_570, 0.9954)}
"""BitNetMCU's networks: flash on TARGET in bytes, accuracy on grey MNIST; cnn_16small on 16x16."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--out", type=Path, default=Path("search"), metavar="DIR", help="default: %(default)s"
    )
    parser.add_argument("--trials", type=int, default=20, help="to add (default: %(default)s)")
    parser.add_argument(
        "--storage", metavar="URL", help="the study's database (default: an SQLite file in DIR)"
    )
    add_recipe(parser)
    parser.set_defaults(epochs=6)


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model search`; trials.csv and front.png tell of all trials so far."""
    try:
        import optuna
        from sqlalchemy.exc import SQLAlchemyError

        from inkpin.model.training import loop, sampling
        from inkpin.model.training.training_set import Pool
    except ImportError as error:
        raise InputError("the search takes more: pip install 'inkpin[train,report]'") from error
    check_recipe(arguments)
    split = load(arguments, fold=0)
    held_out = split.validation.bitmaps()
    arguments.out.mkdir(parents=True, exist_ok=True)
    try:
        study = optuna.create_study(
            storage=arguments.storage or f"sqlite:///{arguments.out / 'study.db'}",
            study_name=f"inkpin, {arguments.epochs} epochs",
            directions=[*["maximize"] * len(held_out), "minimize"],
            sampler=optuna.samplers.TPESampler(seed=arguments.seed),
            load_if_exists=True,
        )
    except (SQLAlchemyError, ValueError, ImportError) as error:
        raise InputError(f"--storage: {str(error).splitlines()[0]}: name a database") from error
    if arguments.trials > 0:
        drawings = sampling.sources(split.training, arguments.seed, sampling.FEW)
        pool = Pool(drawings.values(), len(split.training.labels))

    def objective(trial: "optuna.Trial") -> tuple[float, ...]:
        recipe = loop.Recipe(suggested(trial), arguments.epochs, arguments.seed, workers=1)
        try:
            fitted = loop.fit_shortly(pool, recipe, held_out)
        except ValueError as error:
            raise optuna.TrialPruned(str(error)) from error
        flash, ram, macs = _costs(fitted.layers)
        trial.set_user_attr("ram", ram)
        trial.set_user_attr("macs", macs)
        return (*fitted.accuracy.values(), flash)

    study.optimize(objective, n_trials=arguments.trials)
    _write_results(study, [*held_out], arguments.out)


def suggested(trial: "optuna.Trial") -> "Design":
    """Return the design that a trial is to try: one that the fast kernels can compute."""
    from inkpin.model.training.network import FOUR_BITS, NINE, TERNARY, Conv, Design

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
    limit = trial.suggest_categorical("limit of the second", [TERNARY, NINE])
    last = Conv(trial.suggest_int("last", 16, 64, step=8))
    return Design((first, replace(second, limit=limit), *others, last), NINE)


def _costs(layers: Sequence[Layer]) -> tuple[int, int, int]:
    """Return bytes of flash and RAM, and multiply-accumulates."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "trial.onnx"
        path.write_bytes(to_onnx(layers, SIDE, {}).SerializeToString())
        report = convert(path).report
    flash = report["flash_bytes"][TARGET]
    if flash is None:
        raise InputError("no compiler to count flash with: install gcc-arm-none-eabi")
    return flash, report["ram_bytes"], report["macs"]


def _write_results(study: "optuna.Study", names: Sequence[str], folder: Path) -> None:
    """Write trials.csv, first the trials that no other beats, and front.png."""
    import optuna

    best = {trial.number for trial in study.best_trials}
    done = study.get_trials(states=[optuna.trial.TrialState.COMPLETE])
    done.sort(key=lambda trial: (trial.number not in best, trial.values[-1]))
    parameters = sorted({name for trial in done for name in trial.params})
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["trial", "front", *names, "flash", "ram", "macs", *parameters])
    for trial in done:
        extra = [trial.user_attrs["ram"], trial.user_attrs["macs"]]
        front = int(trial.number in best)
        chosen = [trial.params.get(name, "") for name in parameters]
        *shares, flash = trial.values
        writer.writerow([trial.number, front, *shares, int(flash), *extra, *chosen])
    with replacing(folder / "trials.csv") as file:
        file.write(table.getvalue().encode())
    with replacing(folder / "front.png") as file:
        file.write(_front([trial.values for trial in done], names))
    print(f"{folder}: {len(done)} trials, {len(best)} of them on the front")


def _front(results: Sequence[Sequence[float]], names: Sequence[str]) -> bytes:
    """Return a PNG of accuracies over flash, the shipped network and the peers beside them.

    Args:
        results: of each trial the shares read rightly, then bytes of flash.
        names: what the shares are of.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    shipped = convert(SHIPPED).report["flash_bytes"][TARGET]
    provenance = json.loads(LastLayers(SHIPPED.read_bytes(), str(SHIPPED)).metadata["provenance"])
    for i, name in enumerate(names):
        dots = axes.scatter(
            [row[-1] for row in results], [row[i] for row in results], 10, alpha=0.5
        )
        colour = dots.get_facecolor()
        edge, most = [], 0.0
        for row in sorted(results, key=lambda row: row[-1]):
            most = max(most, row[i])
            edge.append((row[-1], most))
        if edge:
            axes.step(*zip(*edge, strict=True), where="post", c=colour, label=f"{name}, held out")
        if name in provenance["validation"]:
            axes.scatter(shipped, provenance["validation"][name], 90, colour, marker="*", alpha=1)
    axes.scatter([], [], 90, "k", marker="*", label="the shipped network, trained in full")
    if "MNIST" in names:
        axes.plot(
            *zip(*PEERS.values(), strict=True), "k^", label="BitNetMCU, grey MNIST test images"
        )
        for name, point in PEERS.items():
            axes.annotate(name, point, (4, 4), textcoords="offset points", fontsize=7)
    axes.margins(x=0.1)  # room for the names
    axes.set_xlabel(f"flash of network and kernels on {TARGET}, bytes")
    axes.set_ylabel("share read rightly")
    axes.legend(loc="lower right", fontsize=8)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=110, metadata={"Software": None})
    return picture.getvalue()
