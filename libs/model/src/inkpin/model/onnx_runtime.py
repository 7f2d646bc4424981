"""onnxruntime without its telemetry: import it from here, so that no way in can miss that.

The official builds keep a device id in the user's cache folder and send what they count to their
maker. Only a variable that is there before the import stops it.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as failures

__all__ = ["failures", "onnxruntime"]
