"""The converter's result: C that can be run, written and measured."""

import ctypes
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnx

from inkpin.common import InputError, host_compiler
from inkpin.common.files import read_bytes, replacing
from inkpin.model import C_FOLDER
from inkpin.model.converter.c_text import c_name
from inkpin.model.converter.codegen.c_source import CSource
from inkpin.model.converter.codegen.emit import emit
from inkpin.model.converter.codegen.example import example_text, library_files
from inkpin.model.converter.cost import oracle, precision
from inkpin.model.converter.cost.programs import Costs, network_costs, recogniser_costs
from inkpin.model.converter.cost.widths import lower_by_choice
from inkpin.model.converter.ir import ArgMax, Output, Program
from inkpin.model.converter.kernel_selection import select_kernels
from inkpin.model.converter.onnx.batch import with_batch_of_one
from inkpin.model.converter.onnx.byte_values import BYTE_OFFSETS
from inkpin.model.converter.onnx.external import embedded
from inkpin.model.converter.onnx.graph import BatchError, Graph, Reading, read
from inkpin.model.converter.onnx.importer import import_graph
from inkpin.model.converter.options import OPTIMISE, Options
from inkpin.model.converter.passes import simplify
from inkpin.model.converter.quantise.calibration import Calibration, doubts, fitting, load
from inkpin.model.converter.quantise.input_scaling import scale_inputs
from inkpin.model.converter.quantise.shorts import possible_shorts
from inkpin.model.converter.quantise.tree_inputs import scale_tree_inputs
from inkpin.model.converter.streaming import streamed
from inkpin.preprocess.packing import pack_rows


class Converted:
    """A network as C.

    Args:
        model: the bytes of an ONNX file.
        file: its name, for messages.
        name: of the C files and identifiers.
        calibration: samples of the inputs; needed for what the model does not give quantised.
        options: of the quantisation.
        reading: of the file.
        stream: take the steps of sequences one at a time, and keep the state between them.

    Attributes:
        stream: how that is done; None for whole inputs at once.
        source: the C.
        program: the network in real numbers.
        integer_program: the network in integers.
    """

    def __init__(
        self,
        model: bytes,
        file: str,
        name: str,
        calibration: Calibration | None = None,
        options: Options | None = None,
        reading: Reading | None = None,
        stream: bool = False,
    ) -> None:
        try:
            graph, program = _imported(model, reading)
            self._graph, self.program = graph, simplify(program)
            options = options or Options()
            self._given = None if calibration is None else load(calibration, self.program)
            self._samples, self.stream = self._given, None
            if stream:
                self.stream, self.program = streamed(graph, reading, self.program)
                self._samples = self._given and self.stream.apart(self._given)
            self.program = scale_tree_inputs(self.program, self._samples)
            if self._samples is not None:
                with np.errstate(all="ignore"):
                    self.program = scale_inputs(self.program, self._samples, options)
            with np.errstate(all="ignore"):
                self._values = self._samples and self.program.run(self.reals(self._samples))
            _check_finite(self.program, self._values)
            self._options = options
            self._lowered = lower_by_choice(self.program, self._values, self._samples, options)
            self._values = self._lowered.values
            self.integer_program = select_kernels(self._lowered.program, options.optimise)
            self.source = emit(self.integer_program, name, model, graph.metadata)
            self._emit = partial(emit, name=name, model=model, metadata=graph.metadata)
        except InputError as error:
            raise InputError(f"{file}: {error}") from error

    def reals(self, samples: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return samples as the Program takes them: real numbers, or bits."""
        reals = {}
        for given in self.program.inputs:
            values = samples[given.name]
            if given.byte_offset is not None:
                code = self.program.prescribed[given.name]
                values = code.decode(values.astype(np.int64) + given.byte_offset)
            elif given.threshold is not None:
                values = values > given.threshold
            elif given.scaling is not None:
                values = given.scaling.scaled(values)
            reals[given.name] = values
        return reals

    @property
    def kernels(self) -> list[Path]:
        """The C files, headers too, that the network needs beside its own."""
        return _kernels_of(self.source)

    def predict(
        self, x: np.ndarray | Mapping[str, np.ndarray]
    ) -> np.ndarray | dict[str, np.ndarray]:
        """Run the C, compiled for this machine.

        Args:
            x: the graph's input, of its shape with any batch; for several inputs arrays by name.

        Returns:
            The graph's output, float32; the batches of the samples one behind the other. Several
            outputs are such arrays by name.

        Raises:
            InputError: an array is missing, of another shape or not finite.
        """
        inputs = self.integer_program.inputs
        arrays = x if isinstance(x, Mapping) else {inputs[0].name: x}
        if set(arrays) != {given.name for given in inputs}:
            names = ", ".join(repr(given.name) for given in inputs)
            raise InputError(f"the network reads {names}: give an array for each")
        given = (self.stream.given,) if self.stream else inputs
        samples = fitting(arrays, given, "the data for")
        if self.stream:
            samples = self.stream.apart(samples)
        codes = self.integer_program.encode(samples)
        count = len(next(iter(codes.values())))
        steps = self.stream.steps if self.stream else 1
        rows = []
        for i in range(count):
            if i % steps == 0:
                state = np.zeros(self.source.state, np.int32)  # as the C's reset leaves it
            rows.append(self._outputs({n: array[i] for n, array in codes.items()}, state))
        found = {
            output.name: self._decoded(output, np.stack([row[place] for row in rows]))
            for place, output in enumerate(self.integer_program.outputs)
        }
        return found if len(found) > 1 else next(iter(found.values()))

    def _decoded(self, output: Output, codes: np.ndarray) -> np.ndarray:
        """Return an output of the graph, of any number of samples, of the C's integers."""
        shape = self.integer_program.types[output.value].shape
        results = self.integer_program.decode(codes, output).reshape(len(codes), *shape)
        if self.stream:
            results, shape = (
                self.stream.joined(output.name, results),
                self.stream.outputs[output.name][0],
            )
        batched = len(shape) > 1 or shape == (1,)
        return results.reshape(len(results) * shape[0], *shape[1:]) if batched else results

    def _outputs(self, codes: Mapping[str, np.ndarray], state: np.ndarray) -> list[np.ndarray]:
        """Return the integers that the C makes of those of one sample, by output.

        Args:
            codes: by input.
            state: of a stream, which the C changes.
        """
        data = []
        for given in self.integer_program.inputs:
            bits = self.integer_program.types[given.name].kind == "bits"
            values = codes[given.name]
            data.append(
                pack_rows(values.reshape(values.shape[-2:]) > 0)
                if bits
                else np.ascontiguousarray(values, self.integer_program.types[given.name].element)
            )
        fields = [
            (parameter.name, self.integer_program.types[each.value].element, parameter.count)
            for each, parameter in zip(
                self.integer_program.outputs, self.source.outputs, strict=True
            )
        ]
        output = np.zeros(1, np.dtype(fields, align=True))  # laid out as a C structure
        arena = np.zeros(self.source.arena // 4 + 1, np.int32)
        working = [state, arena] if self.source.state else [arena]
        self._run(*(array.ctypes.data for array in [*data, output, *working]))
        return [output[name][0].astype(np.int64) for name, *_ in fields]

    @cached_property
    def _run(self) -> Any:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            self.source.write(folder)
            sources = [folder / f"{self.source.name}.c", _kernels()]
            library = host_compiler.load(sources, [folder, C_FOLDER])
        return self._of(library)

    def _of(self, library: ctypes.CDLL) -> Any:
        """Return the network's function of a compiled library."""
        run = getattr(library, self.source.function)
        run.argtypes = [ctypes.c_void_p] * (len(self.source.inputs) + 2 + bool(self.source.state))
        run.restype = None
        return run

    def run_from(self, library: ctypes.CDLL) -> None:
        """Let `predict` run the C out of a library that it was compiled into."""
        self.__dict__["_run"] = self._of(library)

    def write(
        self,
        folder: Path | str,
        *,
        kernels: bool = True,
        example: bool = False,
        library: bool = False,
    ) -> list[Path]:
        """Write NAME.h, NAME.c and the kernels; return the files.

        Args:
            folder: is made if it is missing.
            kernels: write the kernels as well.
            example: write NAME_example.c as well, a program.
            library: make the folder a library for PlatformIO and the Arduino IDE: the C in src/,
                and a sketch.

        Raises:
            InputError: the folder cannot be written to.
        """
        folder = Path(folder)
        sources = folder / "src" if library else folder
        files = self.source.write(sources)
        texts: dict[Path, bytes] = {}
        if kernels or library:
            texts = {sources / path.name: path.read_bytes() for path in self.kernels}
        if library:
            for name, text in library_files(self.source).items():
                texts[folder / name] = text.encode()
        if example:
            path = folder / f"{self.source.name}_example.c"
            texts[path] = example_text(self.source, self.integer_program).encode()
        for path, content in texts.items():
            with replacing(path) as file:
                file.write(content)
        return [*files, *texts]

    @cached_property
    def comparisons(self) -> tuple[oracle.Comparison, ...]:
        """The C beside onnxruntime on the original graph, by output; none without calibration."""
        if self._given is None:
            return ()
        count = len(next(iter(self._given.values())))
        picked = np.linspace(0, count - 1, min(count, oracle.MOST)).astype(int)
        samples = {name: array[picked] for name, array in self._given.items()}
        given = {
            value.name: samples[value.name].astype(value.dtype) for value in self._graph.inputs
        }
        program = self.integer_program
        ran: Literal["c", "reference"] = "c"
        try:
            got = self.predict(samples)
        except InputError:  # no compiler, or one that cannot
            ran = "reference"
            values = program.run(
                program.encode(self.stream.apart(samples) if self.stream else samples)
            )
            got = {each.name: self._decoded(each, values[each.value]) for each in program.outputs}
        made = got if isinstance(got, dict) else {program.outputs[0].name: got}
        return tuple(
            self._compared(output, ran, given, made[output.name].reshape(len(picked), -1))
            for output in program.outputs
        )

    def _compared(
        self,
        output: Output,
        ran: Literal["c", "reference"],
        samples: Mapping[str, np.ndarray],
        got: np.ndarray,
    ) -> oracle.Comparison:
        """Return how far an output, (samples, elements), is from onnxruntime's."""
        wanted = oracle.onnxruntime_results(self._graph.proto, output.name, samples)
        program = self.integer_program
        offset, code = output.byte_offset, program.types[output.value].quantisation
        if offset is None and isinstance(wanted, np.ndarray) and wanted.dtype in BYTE_OFFSETS:
            # Bytes before what was dropped: we give the numbers that they stand for.
            wanted = code.decode(wanted.astype(int) + BYTE_OFFSETS[wanted.dtype])
        maker = next((op for op in self.program.ops if op.output == output.value), None)
        return oracle.compare(
            output.name,
            ran,
            wanted,
            got,
            zero=0 if offset is None else code.zero_point - offset,
            is_class=isinstance(maker, ArgMax),
        )

    @property
    def comparison(self) -> oracle.Comparison | None:
        """The worst of the comparisons; None without calibration data."""
        return min(self.comparisons, key=oracle.Comparison.merit, default=None)

    @property
    def _may_be_wider(self) -> bool:
        """Whether 16 bits are left to try."""
        possible = self._values and possible_shorts(self.program, self._values, self._options)
        return self._options.activation_bits != 16 and bool(possible)

    def _flash_optimised_for(self, chosen: Costs) -> dict[str, dict[str, int | None]]:
        """Return the bytes of flash by target as it was optimised, and the other way.

        Args:
            chosen: what the network costs as it was optimised.
        """
        costs = {self._options.optimise: chosen}
        for other in OPTIMISE:
            program = select_kernels(self._lowered.program, other)
            same = [type(call) for call in program.calls] == [
                type(call) for call in self.integer_program.calls
            ]
            if other not in costs and same:
                costs[other] = chosen
            elif other not in costs:
                source = self._emit(program)
                kernels = [path for path in _kernels_of(source) if path.suffix == ".c"]
                costs[other] = network_costs(source, kernels, C_FOLDER)
        return {name: _bytes(cost)["flash_bytes"] for name, cost in costs.items()}

    @cached_property
    def report(self) -> dict[str, Any]:
        """What the network costs, as `inkpin-model convert --json` prints it.

        Bytes are by target, None where its compiler is missing; `ram_bytes` is of a Cortex-M0+ and
        counts input, arena, scores and the deepest stack. `recogniser`, for a network that reads
        drawings, counts stroke buffer, preprocess and prediction as well. What precision.precision
        returns is there too, `outputs`, each with its comparison with onnxruntime, and the worst of
        these as `onnxruntime`; `flash_optimised_for` has `flash_bytes` for speed and for size.
        """
        calls = self.integer_program.calls
        kernels = [path for path in self.kernels if path.suffix == ".c"]
        costs = network_costs(self.source, kernels, C_FOLDER)
        made = {
            **_bytes(costs),
            "flash_optimised_for": self._flash_optimised_for(costs),
            "macs": sum(call.macs for call in calls),
            "ops": self.integer_program.op_counts,
            "dropped": list(self.integer_program.dropped),
            "state_bytes": 4 * self.source.state,
            **precision.precision(self.integer_program, self._values, self._samples),
        }
        made["warnings"] += [*self._lowered.warnings, *doubts(self._given or {})]
        made["outputs"] = [
            {
                "name": output.name,
                "element": parameter.element,
                "count": parameter.count,
                "scale": self.integer_program.types[output.value].quantisation.scale,
            }
            for output, parameter in zip(
                self.integer_program.outputs, self.source.outputs, strict=True
            )
        ]
        for told, comparison in zip(made["outputs"], self.comparisons, strict=False):
            told["onnxruntime"] = asdict(comparison)
            if comparison.doubt:
                said = _doubted(comparison, made["nodes"])
                more = "; --activation-bits 16 may do" if self._may_be_wider else ""
                made["warnings"].append(said + more)
        worst = self.comparison
        made["onnxruntime"] = worst and asdict(worst)
        if self.source.reads_drawings:
            made["recogniser"] = _bytes(recogniser_costs(self.source, kernels, C_FOLDER))
        return made


def _imported(model: bytes, reading: Reading | None) -> tuple[Graph, Program]:
    """Return a file's graph and network; one of several samples is made one of a single one."""
    graph = read(model, reading)
    try:
        return graph, import_graph(graph)
    except BatchError:
        of_one = with_batch_of_one(graph.proto)
        if of_one is None:
            raise
        chosen = None if reading is None else replace(reading, input_shapes={})
        graph = read(of_one.SerializeToString(deterministic=True), chosen)
        return graph, import_graph(graph)


def _doubted(comparison: oracle.Comparison, nodes: list[dict[str, Any]]) -> str:
    """Return the warning of an output that is not onnxruntime's, with the node to look at."""
    hurt = [node for node in nodes if node["snr_db"] is not None]
    worst = min(hurt, key=lambda node: node["snr_db"], default=None)
    said = f"output {comparison.output!r}: {comparison.doubt} beside onnxruntime"
    if worst is None:
        return said
    return f"{said}; the worst node is {worst['nodes'][-1]!r} with {worst['snr_db']:g} dB"


def _check_finite(program: Program, values: Mapping[str, np.ndarray] | None) -> None:
    for op in program.ops:
        if values is not None and not np.isfinite(values[op.output]).all():
            raise InputError(
                f"node {op.nodes[0]!r} computes numbers that are not finite on the calibration "
                "data: check the data and the model"
            )


def _kernels_of(source: CSource) -> list[Path]:
    reader = ("ink_predict.c", "ink_predict.h") if source.reads_drawings else ()
    names = sorted((*source.c_files, *reader), key=lambda name: name.endswith(".h"))
    return [C_FOLDER / name for name in ("ink_kernels.h", *names)]


def _kernels() -> Path:
    """Return all kernels, compiled for this machine once, to link networks with."""
    return host_compiler.build(sorted(C_FOLDER.glob("ink_*.c")), [C_FOLDER])


def compile_together(networks: Sequence[Converted]) -> None:
    """Compile networks of different names in one go, which takes a fraction of the time."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for network in networks:
            network.source.write(folder)
        sources = [folder / f"{network.source.name}.c" for network in networks]
        target = folder / "library"
        flags = (*host_compiler.WARNINGS, "-O1", "-shared", "-fPIC", f"-I{C_FOLDER}")
        host_compiler.run(target, *flags, *map(str, sources), str(_kernels()))
        library = ctypes.CDLL(str(target))
    for network in networks:
        network.run_from(library)


def _bytes(costs: Costs) -> dict[str, Any]:
    ram = costs["cortex-m0plus"]
    return {
        "flash_bytes": {target: cost and cost.flash for target, cost in costs.items()},
        "ram_bytes": ram and ram.ram,
    }


_TFLITE = b"TFL3"  # the format's mark


def convert(
    model: Path | str | bytes | onnx.ModelProto,
    calibration: Calibration | None = None,
    *,
    name: str | None = None,
    output: str | Sequence[str] | None = None,
    input_shapes: Mapping[str, Sequence[int]] | None = None,
    stream: bool = False,
    **options: Any,
) -> Converted:
    """Return an ONNX classifier as fixed-point C.

    Args:
        model: a file, its bytes, or the model itself.
        calibration: some hundred samples of the inputs, in any form that calibration.load takes.
            Needed for what is not quantised.
        name: of the C files and identifiers, made one of C; by default the file's, else "model".
        output: name of the one to take where the graph has several, or names of some; by default
            all of scores are taken.
        input_shapes: of inputs that the model leaves open, by name.
        stream: take the steps of sequences one at a time, by NAME_step, which keeps the state.
        **options: the attributes of Options: weight_bits, symmetric, ranges, optimise,
            activation_bits, shorts, shorts_under.

    Raises:
        InputError: the model cannot be converted; the message names the node.
    """
    outputs = (output,) if isinstance(output, str) else tuple(output or ())
    chosen, reading = Options(**options), Reading(outputs, input_shapes or {})
    if isinstance(model, onnx.ModelProto):
        model = model.SerializeToString(deterministic=True)
    if isinstance(model, bytes):
        told = "the model", c_name(name or "model")
        return Converted(model, *told, calibration, chosen, reading, stream)
    path = Path(model)
    content = read_bytes(path, "export it again")
    try:
        if content[4:8] == _TFLITE:
            raise InputError(
                "a TensorFlow Lite model: make it ONNX with tf2onnx, python -m tf2onnx.convert "
                f"--tflite {shlex.quote(path.name)} --output {shlex.quote(path.stem)}.onnx"
            )
        content = embedded(content, path.parent)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    told = str(path), c_name(name or path.stem)
    return Converted(content, *told, calibration, chosen, reading, stream)
