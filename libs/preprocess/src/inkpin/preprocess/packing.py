"""Bitmaps as the C takes them: one 32-bit word a row, bit c for column c."""

import numpy as np
import numpy.typing as npt

from inkpin.common.arrays import AnyArray, Bitmap

PackedRows = npt.NDArray[np.uint32]
"""(h,), for a bitmap (h, w), w <= 32."""


def pack_rows(bitmap: AnyArray) -> PackedRows:
    """Return a bitmap (h, w), non-zero taken as ink, as packed rows."""
    bits = (np.asarray(bitmap) != 0).astype(np.uint32)
    rows: PackedRows = (bits << np.arange(bits.shape[1], dtype=np.uint32)).sum(
        axis=1, dtype=np.uint32
    )
    return rows


def unpack_rows(rows: PackedRows) -> Bitmap:
    """Return the bitmap, (n, n), of n packed rows."""
    return (rows[:, None] >> np.arange(len(rows), dtype=np.uint32) & 1).astype(bool)
