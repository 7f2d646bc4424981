"""The dense layers that a network ends in: what goes into them, and the same network with others.

In the graphs that are meant the logits come straight out of a Gemm whose weights and bias are
integers behind a DequantizeLinear; see `export`. Where a convolution before it covers its whole
input, as in the shipped network, that is a dense layer as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import helper, numpy_helper

from inkpin.common import InputError
from inkpin.common.arrays import Bitmaps, Floats, GreyImages, Ints
from inkpin.common.installation import typed
from inkpin.model.export import from_onnx
from inkpin.model.inference.recogniser import open_session

_BATCH = 500

Integers = tuple[Floats | Ints, Floats | Ints]
"""A layer's weights, (out, into), and bias, (out,): integers, whatever their type."""


@dataclass(frozen=True, eq=False)
class Dense:
    """A dense layer.

    Attributes:
        weights: integers, as float32, (out, into).
        bias: integers, as float32, (out,).
        weight_scales: what an output's weights are multiplied with, float32 (out,).
        bias_scales: what its bias is multiplied with, float32 (out,).
        output_step: between the values that an output can have, from 0 on; None for any.
        output_max: the largest of them.
    """

    weights: Floats
    bias: Floats
    weight_scales: Floats
    bias_scales: Floats
    output_step: float | None = None
    output_max: float = np.inf

    def forward(self, inputs: Floats, integers: Integers) -> Floats:
        """Return (n, out) for inputs (n, into) and integers like its own."""
        weights, bias = integers
        scaled = (weights * self.weight_scales[:, None]).T
        sums: Floats = inputs @ scaled + bias * self.bias_scales
        if self.output_step is None:
            return sums
        step = np.float32(self.output_step)
        outputs: Floats = np.clip(np.rint(sums / step) * step, 0, self.output_max)
        return outputs


class LastLayers:
    """The last layers of a network, one or two, and the way to them.

    Args:
        model: the bytes of an ONNX file.
        name: of the file, for messages.

    Attributes:
        layers: in order; the last one gives the logits.
        metadata: of the file, by key.

    Raises:
        InputError: not a network that ends as meant.
    """

    def __init__(self, model: bytes, name: str) -> None:
        try:
            self._proto = onnx.load_model_from_string(model)
        except DecodeError as error:
            raise InputError(f"{name}: not a usable ONNX model; take another file") from error
        self._name = name
        graph = self._proto.graph
        self._made_by = {node.output[0]: node for node in graph.node}
        self._constants = {tensor.name: tensor for tensor in graph.initializer}
        gemm = self._made_by.get(graph.output[0].name)
        if gemm is None or gemm.op_type != "Gemm" or len(gemm.input) != 3:
            raise self._refused("its logits do not come out of a dense layer with a bias")
        attributes = {a.name: helper.get_attribute_value(a) for a in gemm.attribute}
        if (
            attributes.get("transA")
            or attributes.get("alpha", 1) != 1
            or attributes.get("beta", 1) != 1
        ):
            raise self._refused("its last layer does more than a product and a sum")
        self._input, self._transposed = gemm.input[0], bool(attributes.get("transB"))
        weights_name, weights, weight_scales = self._integers(gemm.input[1])
        bias_name, bias, bias_scales = self._integers(gemm.input[2])
        last = Dense(
            weights if self._transposed else weights.T,
            bias,
            np.broadcast_to(weight_scales, bias.shape),
            np.broadcast_to(bias_scales, bias.shape),
        )
        self.layers: tuple[Dense, ...] = (last,)
        self._names = [(weights_name, bias_name)]
        self._add_covering_convolution(model)
        self.metadata = {entry.key: entry.value for entry in self._proto.metadata_props}

    @property
    def integers(self) -> list[Integers]:
        """The layers' own."""
        return [(layer.weights, layer.bias) for layer in self.layers]

    def features(self, bitmaps: Bitmaps | GreyImages) -> Floats:
        """Return what goes into the first of the layers, (n, into), of bitmaps."""
        proto = onnx.ModelProto()
        proto.CopyFrom(self._proto)
        del proto.graph.output[:]
        proto.graph.output.append(helper.make_empty_tensor_value_info(self._input))
        if not len(bitmaps):
            return np.zeros((0, self.layers[0].weights.shape[1]), np.float32)
        session = open_session(proto.SerializeToString(), self._name)
        images = (bitmaps != 0).astype(np.float32)[:, None]
        name = session.get_inputs()[0].name
        parts = [
            session.run(None, {name: images[start : start + _BATCH]})[0]
            for start in range(0, len(images), _BATCH)
        ]
        return np.concatenate(parts).reshape(len(images), -1)

    def activations(self, features: Floats, integers: Sequence[Integers]) -> list[Floats]:
        """Return what goes into each layer, (n, into), and at last the logits.

        Args:
            features: what goes into the first one.
            integers: of each, like its own.
        """
        values = [features]
        for layer, own in zip(self.layers, integers, strict=True):
            values.append(layer.forward(values[-1], own))
        return values

    def logits(self, features: Floats, integers: Sequence[Integers]) -> Floats:
        """Return (n, classes) likewise."""
        return self.activations(features, integers)[-1]

    def with_integers(self, integers: Sequence[Integers], metadata: Mapping[str, str]) -> bytes:
        """Return the network as an ONNX file with other integers in these layers.

        Args:
            integers: of each layer, of its own type's range.
            metadata: all of it.
        """
        proto = onnx.ModelProto()
        proto.CopyFrom(self._proto)
        tensors = {tensor.name: tensor for tensor in proto.graph.initializer}
        for names, (weights, bias) in zip(self._names, integers, strict=True):
            turned = names == self._names[-1] and not self._transposed
            for name, values in zip(names, (weights.T if turned else weights, bias), strict=True):
                before = numpy_helper.to_array(tensors[name])
                after = values.reshape(before.shape).astype(before.dtype)
                tensors[name].CopyFrom(numpy_helper.from_array(after, name))
        del proto.metadata_props[:]
        helper.set_model_props(proto, dict(metadata))
        onnx.checker.check_model(proto, full_check=True)
        return proto.SerializeToString(deterministic=True)

    def _add_covering_convolution(self, model: bytes) -> None:
        """Take in the convolution before the last layer, if it covers its whole input."""
        try:
            *_, layer, last = from_onnx(model, self._name)
        except InputError:
            return
        step = layer.output_scale
        if last.weights[0].size > len(layer.weights) or layer.pool > 1 or step is None:
            return
        node = self._made_by.get(self._input)
        while node is not None and node.op_type != "Conv":
            node = self._made_by.get(node.input[0]) if node.input else None
        if node is None or node.output[0] != layer.name:
            return  # the constants are called as ours are, but stand elsewhere
        self._input = node.input[0]
        self._names.insert(0, (f"{layer.name}_weights_integers", f"{layer.name}_bias_integers"))
        dense = Dense(
            layer.weights.reshape(len(layer.weights), -1).astype(np.float32),
            layer.bias.astype(np.float32),
            layer.weight_scales,
            layer.weight_scales * np.float32(layer.input_scale),
            step,
            layer.output_max * step,
        )
        self.layers = (dense, *self.layers)

    def _integers(self, value: str) -> tuple[str, Floats, Floats]:
        """Return the name of the integers behind a value, themselves, and their scales."""
        maker = self._made_by.get(value)
        if maker is None or maker.op_type != "DequantizeLinear":
            raise self._refused("its last layer is not quantised")
        if not set(maker.input) <= set(self._constants) or len(maker.input) > 2:
            raise self._refused("its last layer is quantised in another way")
        integers, scales = (
            numpy_helper.to_array(self._constants[name]).astype(np.float32) for name in maker.input
        )
        return maker.input[0], integers, scales.reshape(-1)

    def _refused(self, reason: str) -> InputError:
        return InputError(
            f"{self._name}: {reason}: take a network that `{typed('inkpin-model train')}` wrote"
        )
