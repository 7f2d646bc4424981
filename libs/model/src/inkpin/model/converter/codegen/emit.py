"""Write a network as C: the frame of its two files.

What stands in it for each step comes from declarations.py and statements.py.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from inkpin.common import InputError
from inkpin.common.files import replacing
from inkpin.model.confidence import Confidence
from inkpin.model.converter.codegen.declarations import declarations
from inkpin.model.converter.codegen.layout import Layout, lay_out
from inkpin.model.converter.codegen.statements import Site, statements
from inkpin.model.converter.codegen.text import array, c_name, comment, numbers, string
from inkpin.model.converter.ir import Input, size
from inkpin.model.converter.kernels.calls import Call, TableCall, WeightedCall
from inkpin.model.converter.quantise.lowering import Form, Lowered
from inkpin.preprocess import SIDE


@dataclass(frozen=True)
class Parameter:
    """An argument of the function.

    Attributes:
        name: in C.
        element: its type.
        count: of elements.
        meaning: for the header's comment.
        steps: what a byte of each feature is worth, where features have units of their own.
        starts: what its byte 0 stands for.
    """

    name: str
    element: str
    count: int
    meaning: str
    steps: tuple[float, ...] = ()
    starts: tuple[float, ...] = ()

    @property
    def declaration(self) -> str:
        """As a parameter that is read."""
        return f"const {self.element} {self.name}[{self.count}]"

    @property
    def feature(self) -> str:
        """The C expression of which feature number i belongs to."""
        each = self.count // len(self.steps)
        return f"i / {each}" if each > 1 else "i"


@dataclass(frozen=True)
class Source:
    """The C of a network.

    Attributes:
        name: prefix of its files and identifiers.
        header: text of NAME.h.
        body: text of NAME.c.
        arena: bytes of working memory that the caller passes.
        arena_element: its type.
        inputs: the arguments that are read.
        output: the argument that is written.
        kernels: names of the C files that it calls, without .c.
        labels: of the scores, from the metadata; empty if there are none.
        reads_drawings: whether ink_predict can use it: 28x28 bits in, labels and a confidence
            table out.
    """

    name: str
    header: str
    body: str
    arena: int
    arena_element: str
    inputs: tuple[Parameter, ...]
    output: Parameter
    kernels: tuple[str, ...]
    labels: tuple[str, ...]
    reads_drawings: bool

    def write(self, folder: Path) -> list[Path]:
        """Write NAME.h and NAME.c; return the files.

        Raises:
            InputError: the folder cannot be written to.
        """
        texts = {f"{self.name}.h": self.header, f"{self.name}.c": self.body}
        for name, text in texts.items():
            with replacing(folder / name) as file:
                file.write(text.encode())
        return [folder / name for name in texts]


def emit(lowered: Lowered, name: str, model: bytes, metadata: dict[str, str]) -> Source:
    """Return the C of a network.

    Args:
        lowered: the network in integers.
        name: a C identifier.
        model: the bytes of the ONNX file, for its hash.
        metadata: the file's; its labels and confidence table, if any, go into the C.

    Raises:
        InputError: unusable metadata.
    """
    return _Emitter(lowered, name, model, metadata).source()


class _Emitter:
    def __init__(self, lowered: Lowered, name: str, model: bytes, metadata: dict[str, str]) -> None:
        self.lowered, self.name, self.ink = lowered, name, name.upper()
        self.layout: Layout = lay_out(lowered)
        result = lowered.forms[lowered.output]
        self.output = Parameter(
            "logits" if result.kind == "wide" else "output",
            "int32_t" if result.kind == "wide" else "uint8_t",
            size(result.shape),
            _meaning("A logit" if result.kind == "wide" else "An output byte", result),
        )
        self.inputs = self._inputs()
        self.labels = _labels(metadata, self.output.count)
        self.confidence = _confidence(metadata)
        if self.confidence and (result.kind != "wide" or result.code.scale != 1):
            raise InputError("a confidence table takes integer logits; these are fractions")
        self.hash = hashlib.sha256(model).hexdigest()
        self.made = (
            "/* Made by `inkpin-model convert` from a model with SHA-256\n"
            f" * {self.hash}. Do not edit. */\n"
        )
        self.arena = max(self.layout.arena, 1)
        self.arena_element = "int32_t" if self.layout.aligned else "uint8_t"

    def source(self) -> Source:
        first = self.lowered.forms[self.lowered.inputs[0].name]
        return Source(
            name=self.name,
            header=self.made + self._header(),
            body=self.made + self._body(),
            arena=self.arena,
            arena_element=self.arena_element,
            inputs=self.inputs,
            output=self.output,
            kernels=tuple(sorted({k for call in self.lowered.calls for k in call.kernels})),
            labels=self.labels,
            reads_drawings=bool(
                self.labels
                and self.confidence
                and first.kind == "bits"
                and first.shape[-2:] == (SIDE, SIDE)
            ),
        )

    def _inputs(self) -> tuple[Parameter, ...]:
        sources = self.lowered.inputs
        made = []
        for place, source in enumerate(sources):
            form = self.lowered.forms[source.name]
            name = "input" if len(sources) == 1 else f"input{place}_{c_name(source.name)}"
            if form.kind == "bits":
                height, width = form.shape[-2:]
                meaning = (
                    f"Bit c of {name}[r] is the cell in row r, column c, of {height} x {width}."
                )
                made.append(Parameter(name, "uint32_t", height, meaning))
                continue
            shape = ", ".join(map(str, form.shape))
            meaning = _meaning(f"{name} is ({shape}), each byte b", form)
            if source.threshold is not None:
                meaning = (
                    f"{name} is ({shape}), each 1 where the cell exceeds {source.threshold:g}."
                )
            steps = starts = ()
            if source.scaling is not None:
                worth = source.scaling.gain * form.code.scale
                steps = tuple(map(float, worth))
                starts = tuple(map(float, source.scaling.offset - worth * form.code.zero_point))
                meaning = (
                    f"{name} is ({shape}), byte b of number i worth b * step + start, which "
                    f"{self.ink}_{name.upper()}_STEPS and _STARTS list by feature."
                )
            made.append(Parameter(name, "uint8_t", size(form.shape), meaning, steps, starts))
        return tuple(made)

    @property
    def prototype(self) -> str:
        """The function's declarator."""
        indent = " " * len(f"void {self.name}_run(")
        arena = f"{self.ink}_ARENA" + (" / 4" if self.layout.aligned else "")
        reads = ", ".join(parameter.declaration for parameter in self.inputs)
        output = f"{self.output.element} {self.output.name}[{self.ink}_CLASSES]"
        return (
            f"void {self.name}_run({reads}, {output},\n{indent}{self.arena_element} arena[{arena}])"
        )

    def _header(self) -> str:
        ink, name = self.ink, self.name
        meanings = "\n * ".join(
            [*(parameter.meaning for parameter in self.inputs), self.output.meaning]
        )
        parts = [
            f"#ifndef {ink}_H\n#define {ink}_H\n",
            "#include <stdint.h>\n",
            '#ifdef __cplusplus\nextern "C" {\n#endif\n',
            f'#define {ink}_MODEL "{self.hash[:8]}" /* the SHA-256 begins so */\n',
            f"enum {{ {ink}_CLASSES = {self.output.count}, {ink}_ARENA = {self.arena} }};\n",
            f"/* {meanings} */\n{self.prototype};\n",
        ]
        for parameter in self.inputs:
            if parameter.steps:
                start = f"{ink}_{parameter.name.upper()}"
                parts.append(numbers(f"{start}_STEPS", parameter.steps))
                parts.append(numbers(f"{start}_STARTS", parameter.starts))
        if self.labels:
            parts.append(f"extern const char *const {name}_labels[{ink}_CLASSES];\n")
        if self.confidence:
            parts.append(
                "/* Confidence in percent by the margin between the two largest logits, with\n"
                " * 0 as one more of them, for nothing that has a label: entry i\n"
                f" * counts from {name}_margins[i] on. Below the threshold a reading is "
                "refused. */\n"
                f"enum {{ {ink}_MARGINS = {len(self.confidence.margins)}, "
                f"{ink}_THRESHOLD = {self.confidence.threshold} }};\n"
                f"extern const uint16_t {name}_margins[{ink}_MARGINS];\n"
                f"extern const uint8_t {name}_percents[{ink}_MARGINS];\n"
            )
        parts.append("#ifdef __cplusplus\n}\n#endif\n#endif\n")
        return "\n".join(parts)

    def _body(self) -> str:
        ink, name = self.ink, self.name
        parts = [f'#include "{name}.h"\n\n#include <stddef.h>\n\n#include "ink_kernels.h"\n']
        if self.labels:
            texts = ", ".join(map(string, self.labels))
            parts.append(f"const char *const {name}_labels[{ink}_CLASSES] = {{{texts}}};\n")
        if self.confidence:
            length = f"{ink}_MARGINS"
            parts.append(array(f"const uint16_t {name}_margins", self.confidence.margins, length))
            parts.append(array(f"const uint8_t {name}_percents", self.confidence.percents, length))
        for place, (value, data) in enumerate(self.lowered.constants.items()):
            note = comment(value, self._shown(value))
            parts.append(note + array(f"static const uint8_t constant{place}", data.ravel()))
        said = [self._statement(call, i) for i, call in enumerate(self.lowered.calls)]
        lines = []
        if any("bytes + " in text for text in said):
            lines.append("    uint8_t *const bytes = (uint8_t *)arena;\n")
        elif not self.layout.arena:
            lines.append("    (void)arena;\n")
        for i, (call, statement) in enumerate(zip(self.lowered.calls, said, strict=True)):
            declared = declarations(call, i)
            note = comment(" ".join(call.nodes), *self._notes(call))
            if declared:
                parts.append(note + declared)
            else:
                lines.append("".join(f"    {line}\n" for line in note.splitlines()))
            lines.append(statement)
        parts.append(f"{self.prototype} {{\n{''.join(lines)}}}\n")
        return "\n".join(parts)

    def _shown(self, name: str) -> str:
        form = self.lowered.forms[name]
        shape = "x".join(map(str, form.shape[1:] if form.shape[:1] == (1,) else form.shape)) or "1"
        zero = f" zero {form.code.zero_point}" if form.code.zero_point else ""
        return f"{shape} scale {form.code.scale:g}{zero}"

    def _notes(self, call: Call) -> list[str]:
        notes = [
            ", ".join(self._shown(name) for name in call.inputs) + " -> " + self._shown(call.output)
        ]
        if isinstance(call, WeightedCall):
            filters = "x".join(map(str, call.weights.shape[1:]))
            notes[0] += f", {call.grain} filters {filters}"
        elif isinstance(call, TableCall):
            notes[0] += f", table of {call.kind}"
        return notes

    def _pointer(self, name: str) -> str:
        """Return the C expression of where a value lies."""
        places = {source.name: parameter.name for source, parameter in self._sources()}
        places |= {value: f"constant{i}" for i, value in enumerate(self.lowered.constants)}
        home = self.layout.homes[name]
        if home in places:
            return places[home]
        if home == self.layout.homes[self.lowered.output]:
            return self.output.name
        offset = self.layout.offsets[home]
        if not self.layout.aligned:
            return f"arena + {offset}"
        wide = self.lowered.forms[name].kind == "wide"
        return f"arena + {offset // 4}" if wide else f"bytes + {offset}"

    def _sources(self) -> Iterator[tuple[Input, Parameter]]:
        return zip(self.lowered.inputs, self.inputs, strict=True)

    def _statement(self, call: Call, i: int) -> str:
        scratch = self.layout.scratch[i]
        base = "bytes" if self.layout.aligned else "arena"
        if scratch is None:
            working = "NULL"
        elif call.aligned:
            working = f"arena + {scratch // 4}"
        else:
            working = f"(int8_t *)({base} + {scratch})"
        ins = [self._pointer(name) for name in call.inputs]
        count = size(self.lowered.forms[call.output].shape)
        lines = statements(call, Site(i, ins, self._pointer(call.output), working, count))
        return "".join(f"    {line};\n" for line in lines)


def _meaning(subject: str, form: Form) -> str:
    zero = form.code.zero_point if form.kind == "bytes" else 0
    term = f"(b - {zero})" if zero else "b"
    if form.kind == "wide":
        return f"{subject} is worth {form.code.scale:g}."
    return f"{subject} worth {form.code.scale:.9g} * {term}."


def _labels(metadata: dict[str, str], classes: int) -> tuple[str, ...]:
    if "labels" not in metadata:
        return ()
    try:
        labels = tuple(map(str, json.loads(metadata["labels"])))
    except (TypeError, ValueError) as error:
        raise InputError("the labels in its metadata are not a JSON list") from error
    if len(labels) != classes:
        raise InputError(f"{len(labels)} labels in its metadata for {classes} scores")
    return labels


def _confidence(metadata: dict[str, str]) -> Confidence | None:
    if "confidence" not in metadata:
        return None
    try:
        return Confidence.from_json(metadata["confidence"])
    except ValueError as error:
        raise InputError(f"in its metadata: {error}") from error
