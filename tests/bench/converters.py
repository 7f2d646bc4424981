"""Converters from ONNX, and from scikit-learn, to C: ours and those of others, where installed."""

import contextlib
import importlib.util
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from inkpin.common import InputError
from inkpin.model import convert
from inkpin.model.onnx_runtime import onnxruntime

_PROGRAM = """#include "bench.h"
#include <stdint.h>
{head}
_Alignas(8) unsigned char bench_input[{given}];
_Alignas(8) unsigned char bench_output[{answered}];
const size_t bench_input_size = sizeof bench_input, bench_output_size = sizeof bench_output;
void bench_run(void) {{ {run} }}
"""


@dataclass(frozen=True)
class Program:
    """A network in C, for Target.cost.

    Attributes:
        sources: C files.
        include: folders of headers.
        given: the bytes of its input.
        expected: its output; None where that says something else than the graph's.
        exact: whether its output is the same to the bit.
    """

    sources: tuple[Path, ...]
    include: tuple[Path, ...]
    given: bytes
    expected: np.ndarray | None
    exact: bool = False

    def check(self, answer: bytes) -> None:
        """Raise InputError if a run answered something else."""
        if self.expected is None:
            return
        got = np.frombuffer(answer, self.expected.dtype)
        near = np.allclose(got, self.expected.ravel(), rtol=1e-3, atol=1e-3)
        if not (np.array_equal(got, self.expected.ravel()) if self.exact else near):
            raise InputError(f"answers {got}, not {self.expected.ravel()}")


@dataclass(frozen=True)
class Task:
    """What is converted.

    Attributes:
        model: an ONNX file.
        samples: inputs, float32; the first is what is run.
        forest: the scikit-learn forest that the model says again, or None.
    """

    model: Path
    samples: np.ndarray
    forest: Any = None


class Converter(ABC):
    """One of them.

    Attributes:
        name: of it.
    """

    name: str

    @property
    @abstractmethod
    def version(self) -> str | None:
        """None where it is not installed."""

    @abstractmethod
    def program(self, task: Task, folder: Path) -> Program:
        """Return a task's C, written into an empty folder; InputError where it is refused."""


def _write(folder: Path, head: str, run: str, given: int, answered: int) -> Path:
    path = folder / "bench.c"
    path.write_text(_PROGRAM.format(head=head, run=run, given=given, answered=answered))
    return path


class Inkpin(Converter):
    """Ours, calibrated with the samples."""

    name = "inkpin"

    @property
    def version(self) -> str | None:
        """See Converter."""
        return "this checkout"

    def program(self, task: Task, folder: Path) -> Program:
        """See Converter."""
        converted = convert(task.model, task.samples, name="net")
        source, program = converted.source, converted.integer_program
        sources = tuple(path for path in converted.write(folder) if path.suffix == ".c")
        name = program.inputs[0].name
        codes = program.encode({name: task.samples[:1]})
        kind = {"uint8_t": np.uint8, "int32_t": np.int32}[source.output.element]
        expected = program.run(codes)[next(iter(program.results))].astype(kind)
        each = 4 if source.arena_element == "int32_t" else 1
        head = f'#include "net.h"\nstatic {source.arena_element} arena[NET_ARENA / {each}];'
        run = "net_run(bench_input, (void *)bench_output, arena);"
        given = codes[name].astype(np.uint8).tobytes()
        bench = _write(folder, head, run, len(given), expected.nbytes)
        return Program((*sources, bench), (folder,), given, expected, exact=True)


class FloatConverter(Converter):
    """One whose C computes in floats; a subclass says what its command is.

    Attributes:
        function: of its C.
    """

    function: str

    @abstractmethod
    def convert(self, model: Path, to: Path) -> None:
        """Write the C file; CalledProcessError where it is refused."""

    def program(self, task: Task, folder: Path) -> Program:
        """See Converter."""
        path = folder / "net.c"
        try:
            self.convert(task.model, path)
        except subprocess.CalledProcessError as error:
            raise InputError(f"refused, exit status {error.returncode}") from error
        session = onnxruntime.InferenceSession(task.model)
        given = task.samples[:1]
        answers = session.run(None, {session.get_inputs()[0].name: given})
        expected = np.asarray(answers[-1], np.float32)
        others = [np.asarray(answer).nbytes for answer in answers[:-1]]
        head = f"void {self.function}({', '.join(['const void *'] + len(answers) * ['void *'])});"
        head += "".join(f"\nstatic int64_t o{i}[{size}];" for i, size in enumerate(others))
        names = [f"o{i}" for i in range(len(others))]
        run = f"{self.function}({', '.join(['bench_input', *names, 'bench_output'])});"
        bench = _write(folder, head, run, given.nbytes, expected.nbytes)
        return Program((path, bench), (), given.tobytes(), expected)


class Onnx2c(FloatConverter):
    """kraiskil's onnx2c, built from its sources and on PATH."""

    name = "onnx2c"
    function = "entry"

    @property
    def version(self) -> str | None:
        """See Converter: it has no numbers."""
        return "as found on PATH" if shutil.which(self.name) else None

    def convert(self, model: Path, to: Path) -> None:
        """See FloatConverter."""
        with to.open("wb") as file:
            subprocess.run(
                [self.name, str(model)], stdout=file, stderr=subprocess.DEVNULL, check=True
            )


class EmxOnnxCgen(FloatConverter):
    """emmtrix' emx-onnx-cgen, told to put nothing on a heap or into a file of weights."""

    name = "emx-onnx-cgen"
    function = "model"

    @property
    def version(self) -> str | None:
        """See Converter."""
        return _installed(self.name)

    def convert(self, model: Path, to: Path) -> None:
        """See FloatConverter."""
        whole = ("--large-temp-threshold", "0", "--large-weight-threshold", "0")
        words = ("-m", "emx_onnx_cgen", "compile", str(model), str(to), "--model-name", "model")
        subprocess.run([sys.executable, *words, *whole], capture_output=True, check=True)


class Emlearn(Converter):
    """emlearn, which takes scikit-learn's forests and counts the votes of their trees.

    Attributes:
        method: how the trees become C: "inline" or "loadable".
    """

    def __init__(self, method: str) -> None:
        """Set the method."""
        self.method = method
        self.name = f"emlearn, {method}"

    @property
    def version(self) -> str | None:
        """See Converter."""
        return _installed("emlearn") if importlib.util.find_spec("sklearn") else None

    def program(self, task: Task, folder: Path) -> Program:
        """See Converter."""
        if task.forest is None:
            raise InputError("takes no ONNX")
        import emlearn

        with contextlib.chdir(folder):  # where it leaves files
            made = emlearn.convert(task.forest, method=self.method, dtype="int16_t")
            made.save(file="forest.h", name="forest", format="c")
            expected = np.asarray(made.predict(task.samples[:1]), np.int32)
        features = task.samples[0].astype(np.int16)
        run = (
            f"*(int32_t *)bench_output = "
            f"forest_predict((const int16_t *)bench_input, {features.size});"
        )
        bench = _write(folder, '#include "forest.h"', run, features.nbytes, 4)
        include = (folder, Path(emlearn.__file__).parent)
        return Program((bench,), include, features.tobytes(), expected, exact=True)


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


CONVERTERS: tuple[Converter, ...] = (
    Inkpin(),
    Onnx2c(),
    EmxOnnxCgen(),
    Emlearn("inline"),
    Emlearn("loadable"),
)
