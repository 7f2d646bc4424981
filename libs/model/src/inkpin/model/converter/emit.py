"""Write a network as C: const arrays and one kernel call for each layer."""

import hashlib
import json
import math
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inkpin.model.confidence import Confidence
from inkpin.model.converter.lower import Layer, Lowered
from inkpin.model.converter.plan import Buffer, plan
from inkpin.model.files import replacing
from inkpin.preprocess import SIDE, InputError

_WORDS = frozenset(
    [
        "auto",
        "break",
        "case",
        "char",
        "const",
        "continue",
        "default",
        "do",
        "double",
        "else",
        "enum",
        "extern",
        "float",
        "for",
        "goto",
        "if",
        "inline",
        "int",
        "long",
        "register",
        "restrict",
        "return",
        "short",
        "signed",
        "sizeof",
        "static",
        "struct",
        "switch",
        "typedef",
        "union",
        "unsigned",
        "void",
        "volatile",
        "while",
    ]
)


@dataclass(frozen=True)
class Source:
    """The C of a network.

    Attributes:
        name: prefix of its files and identifiers.
        header: text of NAME.h.
        body: text of NAME.c.
        arena: bytes of working memory that the caller passes.
        labels: of the scores, from the metadata; empty if there are none.
        reads_drawings: whether ink_predict can use it: 28x28 bits in, labels and a confidence
            table out.
    """

    name: str
    header: str
    body: str
    arena: int
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


def c_name(text: str) -> str:
    """Return `text` as a C identifier in lower case."""
    name = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_").lower() or "model"
    return f"model_{name}" if name[0].isdigit() or name in _WORDS else name


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
    layers = lowered.layers
    maps = [Buffer(math.prod(layer.out_shape), i, i + 1) for i, layer in enumerate(layers[:-1])]
    filters = [Buffer(layer.filter_size, i, i) for i, layer in enumerate(layers)]
    offsets, arena = plan([*maps, *filters])
    labels, confidence = _labels(metadata, layers[-1].out_shape[0]), _confidence(metadata)
    if confidence and lowered.output_scale != 1:
        raise InputError("a confidence table takes integer logits; these are fractions")
    made = (
        "/* Made by `inkpin-model convert` from a model with SHA-256\n"
        f" * {hashlib.sha256(model).hexdigest()}. Do not edit. */\n"
    )
    first = layers[0]
    _, height, width = first.in_shape
    element = f"uint32_t input[{height}]" if first.bitmap else f"uint8_t input[{first.in_size}]"
    indent = " " * len(f"void {name}_run(")
    prototype = (
        f"void {name}_run(const {element}, int32_t logits[{name.upper()}_CLASSES],\n"
        f"{indent}uint8_t arena[{name.upper()}_ARENA])"
    )
    return Source(
        name=name,
        header=made + _header(lowered, name, arena, prototype, labels, confidence),
        body=made + _body(layers, name, offsets, prototype, labels, confidence),
        arena=arena,
        labels=labels,
        reads_drawings=bool(
            labels and confidence and first.bitmap and (height, width) == (SIDE, SIDE)
        ),
    )


def _header(
    lowered: Lowered,
    name: str,
    arena: int,
    prototype: str,
    labels: Sequence[str],
    confidence: Confidence | None,
) -> str:
    ink = name.upper()
    channels, height, width = lowered.layers[0].in_shape
    if lowered.input_scale is None:
        means = f"Bit c of input[r] is the cell in row r, column c, of {height} x {width}."
    else:
        means = (
            f"input is ({channels}, {height}, {width}), each byte worth {lowered.input_scale:g}."
        )
    classes = lowered.layers[-1].out_shape[0]
    parts = [
        f"#ifndef {ink}_H\n#define {ink}_H\n",
        "#include <stdint.h>\n",
        '#ifdef __cplusplus\nextern "C" {\n#endif\n',
        f"enum {{ {ink}_CLASSES = {classes}, {ink}_ARENA = {arena} }};\n",
        f"/* {means}\n * A logit is worth {lowered.output_scale:g}. */\n{prototype};\n",
    ]
    if labels:
        parts.append(f"extern const char *const {name}_labels[{ink}_CLASSES];\n")
    if confidence:
        parts.append(
            "/* Confidence in percent by the margin between the two largest logits: entry i\n"
            f" * counts from {name}_margins[i] on. Below the threshold a reading is refused. */\n"
            f"enum {{ {ink}_MARGINS = {len(confidence.margins)}, "
            f"{ink}_THRESHOLD = {confidence.threshold} }};\n"
            f"extern const uint16_t {name}_margins[{ink}_MARGINS];\n"
            f"extern const uint8_t {name}_percents[{ink}_MARGINS];\n"
        )
    parts.append("#ifdef __cplusplus\n}\n#endif\n#endif\n")
    return "\n".join(parts)


def _body(
    layers: Sequence[Layer],
    name: str,
    offsets: Sequence[int],
    prototype: str,
    labels: Sequence[str],
    confidence: Confidence | None,
) -> str:
    ink = name.upper()
    parts = [f'#include "{name}.h"\n\n#include <stddef.h>\n\n#include "ink_kernels.h"\n']
    if labels:
        texts = ", ".join(map(_string, labels))
        parts.append(f"const char *const {name}_labels[{ink}_CLASSES] = {{{texts}}};\n")
    if confidence:
        length = f"{ink}_MARGINS"
        parts.append(_array(f"const uint16_t {name}_margins", confidence.margins, length))
        parts.append(_array(f"const uint8_t {name}_percents", confidence.percents, length))
    parts += [_layer(layer, i) for i, layer in enumerate(layers)]
    parts.append(f"{prototype} {{\n{_calls(layers, offsets)}}}\n")
    return "\n".join(parts)


def _calls(layers: Sequence[Layer], offsets: Sequence[int]) -> str:
    lines = []
    for i, layer in enumerate(layers):
        kernel = "ink_conv_bits" if layer.bitmap else "ink_conv_bytes"
        source = "input" if i == 0 else f"arena + {offsets[i - 1]}"
        last = i == len(layers) - 1
        target = "logits" if last else f"arena + {offsets[i]}"
        scratch = f"(int8_t *)(arena + {offsets[len(layers) - 1 + i]})"
        lines.append(f"    {kernel}(&layer{i}, {source}, {target}, {scratch});\n")
    return "".join(lines)


def _layer(layer: Layer, index: int) -> str:
    """Return a layer's arrays and descriptor."""
    out, in_group, kernel_h, kernel_w = layer.weights.shape
    size = layer.filter_size
    sides = " -> ".join("x".join(map(str, shape)) for shape in (layer.in_shape, layer.out_shape))
    scales = " -> ".join(f"{scale:g}" for scale in layer.scale)
    nodes = _comment(" ".join(layer.nodes))
    filters = layer.weights.reshape(out, size)
    packed = np.concatenate([_packed(filter_, layer.bits) for filter_ in filters])
    parts = [
        f"/* {nodes}\n * {sides}, scale {scales}, {layer.bits}-bit filters "
        f"{in_group}x{kernel_h}x{kernel_w} */\n",
        _array(f"static const uint8_t weights{index}", packed),
        _array(f"static const int32_t bias{index}", layer.bias),
    ]
    if layer.shift is not None:
        parts.append(_array(f"static const uint8_t shift{index}", layer.shift))
    fields = {
        "weights": f"weights{index}",
        "bias": f"bias{index}",
        "shift": "NULL" if layer.shift is None else f"shift{index}",
        "depth": in_group,
        "out": out,
        "share": out // layer.groups,
        "bits": layer.bits,
        "in_h": layer.in_shape[1],
        "in_w": layer.in_shape[2],
        "kernel_h": kernel_h,
        "kernel_w": kernel_w,
        "stride_h": layer.stride[0],
        "stride_w": layer.stride[1],
        "pad_top": layer.pad[0],
        "pad_left": layer.pad[1],
        "pool_h": layer.pool[0],
        "pool_w": layer.pool[1],
        "pool_stride_h": layer.pool_stride[0],
        "pool_stride_w": layer.pool_stride[1],
        "out_h": layer.out_shape[1],
        "out_w": layer.out_shape[2],
    }
    text = ", ".join(f".{key} = {value}" for key, value in fields.items())
    parts.append(f"static const ink_conv layer{index} = {{\n{_wrapped(text)}\n}};\n")
    return "".join(parts)


def _packed(filter_: np.ndarray, bits: int) -> np.ndarray:
    """Return one filter's weights packed into bytes, lowest bits first."""
    codes = filter_.astype(np.int64) & ((1 << bits) - 1)
    each = 8 // bits
    rows = np.pad(codes, (0, -len(codes) % each)).reshape(-1, each)
    return (rows << (np.arange(each) * bits)).sum(axis=1).astype(np.uint8)


def _array(declaration: str, values: Iterable[int], length: str = "") -> str:
    text = ", ".join(str(int(value)) for value in values)
    return f"{declaration}[{length}] = {{\n{_wrapped(text)}\n}};\n"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 100, initial_indent="    ", subsequent_indent="    ")


def _string(text: str) -> str:
    """Return `text` as a C string literal in UTF-8."""
    plain = set(range(32, 127)) - set(b'"\\?')
    return '"' + "".join(chr(b) if b in plain else f"\\{b:03o}" for b in text.encode()) + '"'


def _comment(text: str) -> str:
    """Return text from a model file made harmless inside a C comment, wrapped."""
    plain = re.sub(r"[^ -~]", "?", text).replace("*/", "* /").replace("/*", "/ *")
    return textwrap.fill(plain, 94, subsequent_indent=" * ", break_on_hyphens=False)


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
