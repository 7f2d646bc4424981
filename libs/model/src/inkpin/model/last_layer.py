"""The last dense layer of a network: what goes into it, and the same network with another one.

In the graphs that are meant the logits come straight out of a Gemm whose weights and bias are
integers behind a DequantizeLinear; see `export`.
"""

from collections.abc import Mapping

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import helper, numpy_helper

from inkpin.model.recogniser import open_session
from inkpin.preprocess import InputError

_BATCH = 500


class LastLayer:
    """The last layer of a network, and the way to it.

    Args:
        model: the bytes of an ONNX file.
        name: of the file, for messages.

    Attributes:
        weights: integers, as float32, (classes, features).
        bias: integers, as float32, (classes,).
        weight_scales: what a class's weights are multiplied with, float32 (classes,).
        bias_scales: what its bias is multiplied with, float32 (classes,).
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
        self._makers = {node.output[0]: node for node in graph.node}
        self._constants = {tensor.name: tensor for tensor in graph.initializer}
        gemm = self._makers.get(graph.output[0].name)
        if gemm is None or gemm.op_type != "Gemm" or len(gemm.input) != 3:
            raise self._refused("its logits do not come out of a dense layer with a bias")
        how = {a.name: helper.get_attribute_value(a) for a in gemm.attribute}
        if how.get("transA") or how.get("alpha", 1) != 1 or how.get("beta", 1) != 1:
            raise self._refused("its last layer does more than a product and a sum")
        self._input, self._columns = gemm.input[0], bool(how.get("transB"))
        self._weights, weights, weight_scales = self._integers(gemm.input[1])
        self._bias, self.bias, bias_scales = self._integers(gemm.input[2])
        self.weights = weights if self._columns else weights.T
        self.weight_scales = np.broadcast_to(weight_scales, self.bias.shape)
        self.bias_scales = np.broadcast_to(bias_scales, self.bias.shape)
        self.metadata = {entry.key: entry.value for entry in self._proto.metadata_props}

    def features(self, bitmaps: np.ndarray) -> np.ndarray:
        """Return what goes into the layer, float32 (n, features), of bitmaps (n, 28, 28)."""
        proto = onnx.ModelProto()
        proto.CopyFrom(self._proto)
        del proto.graph.output[:]
        proto.graph.output.append(helper.make_empty_tensor_value_info(self._input))
        if not len(bitmaps):
            return np.zeros((0, self.weights.shape[1]), np.float32)
        session = open_session(proto.SerializeToString(), self._name)
        images = (bitmaps != 0).astype(np.float32)[:, None]
        name = session.get_inputs()[0].name
        parts = [
            session.run(None, {name: images[start : start + _BATCH]})[0]
            for start in range(0, len(images), _BATCH)
        ]
        return np.concatenate(parts)

    def logits(self, features: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Return float32 (n, classes) for features (n, features) and integers like the layer's."""
        scaled = weights * self.weight_scales[:, None]
        return features @ scaled.T + bias * self.bias_scales

    def replaced(self, weights: np.ndarray, bias: np.ndarray, metadata: Mapping[str, str]) -> bytes:
        """Return the network as an ONNX file with other integers in the layer.

        Args:
            weights: integers (classes, features), of the same type's range.
            bias: integers (classes,).
            metadata: all of it.
        """
        proto = onnx.ModelProto()
        proto.CopyFrom(self._proto)
        for tensor, values in (
            (self._weights, weights if self._columns else weights.T),
            (self._bias, bias),
        ):
            place = next(i for i, t in enumerate(proto.graph.initializer) if t.name == tensor)
            dtype = numpy_helper.to_array(self._constants[tensor]).dtype
            proto.graph.initializer[place].CopyFrom(
                numpy_helper.from_array(values.astype(dtype), tensor)
            )
        del proto.metadata_props[:]
        helper.set_model_props(proto, dict(metadata))
        onnx.checker.check_model(proto, full_check=True)
        return proto.SerializeToString(deterministic=True)

    def _integers(self, value: str) -> tuple[str, np.ndarray, np.ndarray]:
        """Return the name of the integers behind a value, themselves, and their scales."""
        maker = self._makers.get(value)
        if maker is None or maker.op_type != "DequantizeLinear":
            raise self._refused("its last layer is not quantised")
        if not set(maker.input) <= set(self._constants) or len(maker.input) > 2:
            raise self._refused("its last layer is quantised in another way")
        integers, scales = (
            numpy_helper.to_array(self._constants[name]).astype(np.float32) for name in maker.input
        )
        return maker.input[0], integers, scales.reshape(-1)

    def _refused(self, reason: str) -> InputError:
        return InputError(f"{self._name}: {reason}: take a network that `inkpin-model train` wrote")
