"""Write a network as C: the frame of its two files.

What stands in it for each call, the call itself says.
"""

import hashlib
import json

import numpy as np

from inkpin.common import InputError
from inkpin.model.confidence import Confidence
from inkpin.model.converter.c_text import array, c_name, comment, numbers, string, structure
from inkpin.model.converter.codegen.c_source import CSource, Parameter
from inkpin.model.converter.codegen.layout import lay_out
from inkpin.model.converter.integer_program import (
    CallSite,
    IntegerProgram,
    KernelCall,
    ValueType,
)
from inkpin.model.converter.ir import Input, Output, size
from inkpin.preprocess import SIDE

_MOST_LABELS = 255  # what a uint8_t holds


def emit(program: IntegerProgram, name: str, model: bytes, metadata: dict[str, str]) -> CSource:
    """Return the C of a network.

    Args:
        program: the network in integers.
        name: a C identifier.
        model: the bytes of the ONNX file, for its hash.
        metadata: the file's; its labels and confidence table, if any, go into the C.

    Raises:
        InputError: unusable metadata.
    """
    return _Emitter(program, name, model, metadata).source()


class _Emitter:
    def __init__(
        self, program: IntegerProgram, name: str, model: bytes, metadata: dict[str, str]
    ) -> None:
        self.program, self.name, self.ink = program, name, name.upper()
        self.layout = lay_out(program)
        self.several = len(program.outputs) > 1
        self.outputs = self._outputs()
        self.output, result = self.outputs[0], program.types[program.output]
        self.inputs = tuple(self._input(*each) for each in enumerate(program.inputs))
        # Both are of one output of scores.
        self.labels = () if self.several else _labels(metadata, self.output.count)
        self.confidence = None if self.several else _confidence(metadata)
        if self.confidence and (result.kind != "int32" or result.quantisation.scale != 1):
            raise InputError("a confidence table takes integer logits; these are fractions")
        self.hash = hashlib.sha256(model).hexdigest()
        self.made = (
            "/* Made by `inkpin-model convert` from a model with SHA-256\n"
            f" * {self.hash}. Do not edit. */\n"
        )
        self.aligned = self.layout.aligned or self.reads_drawings  # ink_predict has words
        self.arena = max(self.layout.arena, 1)
        if self.aligned:
            self.arena += -self.arena % 4
        self.arena_element = "int32_t" if self.aligned else "uint8_t"
        places = np.cumsum([0, *(call.state for call in program.calls)])
        self.states, self.state = places[:-1], int(places[-1])
        self.memory = self.output.count + -(-self.arena // 4)

    def _outputs(self) -> tuple[Parameter, ...]:
        """Return the only output as an argument, or several as fields of their names."""
        if not self.several:
            held = self.program.types[self.program.output]
            wide = held.kind == "int32"
            meaning = _meaning("A logit" if wide else f"An output {_code(held)}", held)
            return (_written("logits" if wide else "output", held, meaning),)
        names: list[str] = []
        for each in self.program.outputs:
            name = c_name(each.name)
            while name in names:
                name += "_"
            names.append(name)
        return tuple(map(self._field, names, self.program.outputs))

    def _field(self, name: str, output: Output) -> Parameter:
        held = self.program.types[output.value]
        shape = ", ".join(map(str, held.shape))
        each = "element" if held.kind == "int32" else _code(held)
        return _written(name, held, _meaning(f"{name} is ({shape}), each {each}", held))

    @property
    def reads_drawings(self) -> bool:
        """See CSource."""
        first = self.program.types[self.program.inputs[0].name]
        return bool(
            self.labels
            and len(self.labels) <= _MOST_LABELS
            and self.confidence
            and first.kind == "bits"
            and first.shape[-2:] == (SIDE, SIDE)
        )

    def source(self) -> CSource:
        return CSource(
            name=self.name,
            header=self.made + self._header(),
            body=self.made + self._body(),
            arena=self.arena,
            arena_element=self.arena_element,
            memory=self.memory,
            inputs=self.inputs,
            outputs=self.outputs,
            c_files=tuple(sorted({file for call in self.program.calls for file in call.c_files})),
            labels=self.labels,
            state=self.state,
            reads_drawings=self.reads_drawings,
        )

    def _input(self, place: int, given: Input) -> Parameter:
        """Return the argument that an input of the graph becomes."""
        alone = len(self.program.inputs) == 1
        name = "input" if alone else f"input{place}_{c_name(given.name)}"
        held = self.program.types[given.name]
        if held.kind == "bits":
            height, width = held.shape[-2:]
            meaning = f"Bit c of {name}[r] is the cell in row r, column c, of {height} x {width}."
            return Parameter(name, "uint32_t", height, meaning)
        shape = ", ".join(map(str, held.shape))
        meaning = _meaning(f"{name} is ({shape}), each {_code(held)}", held)
        steps: tuple[float, ...] = ()
        starts: tuple[float, ...] = ()
        each = 1
        if given.threshold is not None:
            meaning = f"{name} is ({shape}), each 1 where the cell exceeds {given.threshold:g}."
        if given.scaling is not None:
            worth = given.scaling.gain * held.quantisation.scale
            steps = tuple(map(float, worth))
            start = given.scaling.offset - worth * held.quantisation.zero_point
            starts = tuple(map(float, start))
            each = given.scaling.each
            meaning = (
                f"{name} is ({shape}), {_code(held)} of number i worth b * step + start, which "
                f"{self.ink}_{name.upper()}_STEPS and _STARTS list by feature."
            )
        return Parameter(name, held.c_element, size(held.shape), meaning, steps, starts, each)

    @property
    def prototype(self) -> str:
        """The function's declarator."""
        start = f"void {self.name}_{'step' if self.state else 'run'}("
        arena = f"{self.ink}_ARENA" + (" / 4" if self.aligned else "")
        reads = ", ".join(parameter.declaration for parameter in self.inputs)
        output = f"{self.output.element} {self.output.name}[{self.ink}_CLASSES]"
        if self.several:
            output = f"{self.name}_outputs *outputs"
        state = f"int32_t state[{self.ink}_STATE], " if self.state else ""
        indent = " " * len(start)
        return f"{start}{reads}, {output},\n{indent}{state}{self.arena_element} arena[{arena}])"

    @property
    def reset(self) -> str:
        """The declarator of the function that begins a stream."""
        return f"void {self.name}_reset(int32_t state[{self.ink}_STATE])"

    def _header(self) -> str:
        ink, name = self.ink, self.name
        meanings = "\n * ".join(parameter.meaning for parameter in (*self.inputs, *self.outputs))
        sizes = f"{ink}_ARENA = {self.arena}"
        if not self.several:
            sizes = f"{ink}_CLASSES = {self.output.count}, {sizes}"
        if self.state:
            sizes = f"{sizes}, {ink}_STATE = {self.state}"
        parts = [
            f"#ifndef {ink}_H\n#define {ink}_H\n",
            "#include <stdint.h>\n",
            *(['#include "ink_predict.h"\n'] if self.reads_drawings else []),
            '#ifdef __cplusplus\nextern "C" {\n#endif\n',
            f'#define {ink}_MODEL "{self.hash[:8]}" /* the SHA-256 begins so */\n',
            f"enum {{ {sizes} }};\n",
            *([self._structure()] if self.several else []),
            *(
                [f"/* Call it before the first step of every sequence. */\n{self.reset};\n"]
                * bool(self.state)
            ),
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
        if self.reads_drawings:
            parts.append(
                "/* For ink_predict, and the words that it works in. */\n"
                f"extern const ink_model {name}_model;\nenum {{ {ink}_MEMORY = {self.memory} }};\n"
            )
        parts.append("#ifdef __cplusplus\n}\n#endif\n#endif\n")
        return "\n".join(parts)

    def _structure(self) -> str:
        """Return the declaration of the structure of several outputs."""
        fields = "".join(
            f"    {each.element} {each.name}[{each.count}];\n" for each in self.outputs
        )
        return f"typedef struct {{\n{fields}}} {self.name}_outputs;\n"

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
        for place, (value, data) in enumerate(self.program.constants.items()):
            note = comment(value, self._shown(value))
            element = self.program.types[value].c_element
            parts.append(note + array(f"static const {element} constant{place}", data.ravel()))
        said = [self._invocations(call, i) for i, call in enumerate(self.program.calls)]
        lines = []
        if any("bytes + " in text for text in said):
            lines.append("    uint8_t *const bytes = (uint8_t *)arena;\n")
        elif not self.layout.arena:
            lines.append("    (void)arena;\n")
        for i, (call, invocations) in enumerate(zip(self.program.calls, said, strict=True)):
            constants = call.constants(i)
            note = comment(" ".join(call.nodes), self._note(call))
            if constants:
                parts.append(note + constants)
            else:
                lines.append("".join(f"    {line}\n" for line in note.splitlines()))
            lines.append(invocations)
        parts.append(f"{self.prototype} {{\n{''.join(lines)}}}\n")
        if self.state:
            parts.append(f"{self.reset} {{\n    ink_recurrent_reset(state, {ink}_STATE);\n}}\n")
        if self.reads_drawings:
            parts.append(self._model())
        return "\n".join(parts)

    def _model(self) -> str:
        """Return the definition of the structure that ink_predict takes."""
        ink, name = self.ink, self.name
        fields = {
            "run": f"{name}_run",
            "labels": f"{name}_labels",
            "margins": f"{name}_margins",
            "percents": f"{name}_percents",
            "hash": f"{ink}_MODEL",
            "classes": f"{ink}_CLASSES",
            "levels": f"{ink}_MARGINS",
            "threshold": f"{ink}_THRESHOLD",
        }
        return structure(f"const ink_model {name}_model", fields)

    def _shown(self, name: str) -> str:
        held = self.program.types[name]
        shape = "x".join(map(str, held.shape[1:] if held.shape[:1] == (1,) else held.shape)) or "1"
        zero = held.quantisation.zero_point
        return f"{shape} scale {held.quantisation.scale:g}" + (f" zero {zero}" if zero else "")

    def _note(self, call: KernelCall) -> str:
        reads, remark = ", ".join(map(self._shown, call.inputs)), call.remark
        return f"{reads} -> {self._shown(call.output)}" + (f", {remark}" if remark else "")

    def _pointer(self, name: str) -> str:
        """Return the C expression of where a value lies."""
        places = {
            given.name: parameter.name
            for given, parameter in zip(self.program.inputs, self.inputs, strict=True)
        }
        places |= {value: f"constant{i}" for i, value in enumerate(self.program.constants)}
        place = self.layout.aliases[name]
        if place in places:
            return places[place]
        for output, parameter in zip(self.program.outputs, self.outputs, strict=True):
            if place == self.layout.aliases[output.value]:
                return f"outputs->{parameter.name}" if self.several else parameter.name
        offset = self.layout.offsets[place]
        if not self.aligned:
            return f"arena + {offset}"
        words = f"arena + {offset // 4}"
        by_kind = {"int32": words, "int16": f"(ink_short *)({words})"}
        return by_kind.get(self.program.types[name].kind, f"bytes + {offset}")

    def _scratch(self, call: KernelCall, i: int) -> str:
        """Return the C expression of where a call's working memory lies."""
        offset = self.layout.scratch[i]
        if offset is None:
            return "NULL"
        if call.aligned:
            return f"arena + {offset // 4}"
        return f"(int8_t *)({'bytes' if self.aligned else 'arena'} + {offset})"

    def _invocations(self, call: KernelCall, i: int) -> str:
        site = CallSite(
            number=i,
            inputs=[self._pointer(name) for name in call.inputs],
            output=self._pointer(call.output),
            scratch=self._scratch(call, i),
            state=f"state + {self.states[i]}" if self.states[i] else "state",
            count=size(self.program.types[call.output].shape),
        )
        return "".join(f"    {line};\n" for line in call.invocations(site))


def _written(name: str, held: ValueType, meaning: str) -> Parameter:
    """Return an output as C writes it."""
    return Parameter(name, held.c_element, size(held.shape), meaning)


def _code(held: ValueType) -> str:
    """Return what an element is called that is not an int32_t."""
    return "int16_t b" if held.kind == "int16" else "byte b"


def _meaning(subject: str, held: ValueType) -> str:
    zero = held.quantisation.zero_point if held.kind == "bytes" else 0
    term = f"(b - {zero})" if zero else "b"
    if held.kind == "int32":
        return f"{subject} is worth {held.quantisation.scale:g}."
    return f"{subject} worth {held.quantisation.scale:.9g} * {term}."


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
