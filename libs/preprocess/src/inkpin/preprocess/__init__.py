"""Pen strokes to 28x28 bits, in integers; the C beside it gives the same bits."""

from inkpin.preprocess.errors import InputError

__all__ = ["InputError"]
