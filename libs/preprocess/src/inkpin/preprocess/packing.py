"""Bitmaps as the C takes them: one 32-bit word a row, bit c for column c."""

import numpy as np


def pack_rows(bitmap: np.ndarray) -> np.ndarray:
    """Return a bitmap (h, w), w <= 32, as packed rows, uint32 (h,)."""
    bits = (np.asarray(bitmap) != 0).astype(np.uint32)
    return (bits << np.arange(bits.shape[1], dtype=np.uint32)).sum(axis=1, dtype=np.uint32)


def unpack_rows(rows: np.ndarray) -> np.ndarray:
    """Return the bitmap, (n, n) bool, of n packed rows."""
    return (rows[:, None] >> np.arange(len(rows), dtype=np.uint32) & 1).astype(bool)
