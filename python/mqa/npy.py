# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Element types, and bf16 arrays without a package that knows bf16.

An array "in storage" has the NumPy type that a `.npy` file of it has: bf16 is
held as uint16 (the upper half of an f32), index as int64, i1 as bool.
"""

from __future__ import annotations

import numpy as np

from .errors import expect

FLOATS = ("f16", "bf16", "f32", "f64")
INTEGERS = ("i1", "i8", "i16", "i32", "i64", "index")
_STORAGE = {
    "f16": np.float16,
    "bf16": np.uint16,
    "f32": np.float32,
    "f64": np.float64,
    "i1": np.bool_,
    "i8": np.int8,
    "i16": np.int16,
    "i32": np.int32,
    "i64": np.int64,
    "index": np.int64,
}


def storage_type(dtype: str) -> np.dtype:
    """The NumPy type that holds elements of the MLIR type `dtype`."""
    expect(dtype in _STORAGE, f"one of {', '.join(_STORAGE)}", repr(dtype))
    return np.dtype(_STORAGE[dtype])


def to_storage(array: np.ndarray, dtype: str) -> np.ndarray:
    """Rounds `array` (any shape) to `dtype`, to nearest even."""
    if dtype != "bf16":
        return np.array(array, dtype=storage_type(dtype), order="C")
    bits = np.asarray(array, dtype=np.float32).view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    quiet_nan = (bits >> 16) | 0x40
    is_nan = (bits & 0x7FFFFFFF) > 0x7F800000
    return np.where(is_nan, quiet_nan, rounded).astype(np.uint16)


def from_storage(array: np.ndarray, dtype: str) -> np.ndarray:
    """The values of an array in storage: f64, int64 or bool, same shape.

    Takes bf16 as `<u2` or as `V2`, and index as any integer type.
    """
    array = np.asarray(array)
    if dtype == "bf16":
        expect(array.dtype.itemsize == 2, "two bytes an element", array.dtype)
        bits = array.view(np.uint16).astype(np.uint32) << 16
        return bits.view(np.float32).astype(np.float64)
    if dtype == "i1":
        return array.astype(np.bool_)
    kind = np.float64 if dtype in FLOATS else np.int64
    return array.astype(kind)


def round_f32(value: float) -> float:
    """`value` as an f32 constant of the IR holds it."""
    return float(np.float32(value))
