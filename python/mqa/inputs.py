# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random inputs for a description, and the check of inputs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .attention import Attention
from .errors import expect
from .npy import storage_type, to_storage
from .regions import Extra


def random_inputs(
    attention: Attention, seed: int
) -> dict[str, np.ndarray | int]:
    """Inputs by argument name, in storage (`npy.py`); equal for equal seeds.

    Extra inputs get values that suit their kind: lengths from 0 to the number
    of keys, few document ids, masks with an all-false row, positive slopes.
    """
    rng = np.random.default_rng(seed)
    kinds = {f"x{i}": x for i, x in enumerate(attention.extras())}
    keys = max(
        (attention.sizes[axis] for axis in attention.axes("key")), default=0
    )
    found: dict[str, np.ndarray | int] = {}
    for operand in attention.inputs():
        cached = attention.cached(operand.name)
        if cached is not None:
            found.update(cached.random(rng))
            continue
        shape = tuple(attention.sizes[axis] for axis in operand.axes)
        if operand.name in kinds:
            values = _values(rng, kinds[operand.name], shape, keys)
        else:
            values = rng.standard_normal(shape)
        found[operand.name] = to_storage(values, operand.dtype)
    for scalar in attention.scalars():
        found[scalar.name] = int(rng.integers(-2, keys + 2))
    return found


def _values(
    rng: np.random.Generator, extra: Extra, shape: tuple[int, ...], keys: int
) -> np.ndarray:
    if extra.kind == "length":
        return rng.integers(0, keys + 1, shape)
    if extra.kind.endswith("document"):
        ids = rng.integers(0, 3, shape)
        return np.sort(ids) if shape else ids
    if extra.kind == "mask":
        keep = np.asarray(rng.random(shape) < 0.7)
        if keep.ndim > 1 and keep.size:
            keep[(-1,) * (keep.ndim - 1)] = False
        return keep
    if extra.kind == "slope":
        return 0.5 ** rng.integers(1, 9, shape)
    return rng.standard_normal(shape)


def check_inputs(
    attention: Attention, inputs: Mapping[str, np.ndarray | float]
) -> None:
    """Raises `MqaError` unless every input is there, shaped and typed right."""
    names = [x.name for x in attention.stored()]
    names += [x.name for x in attention.scalars()]
    for name in names:
        expect(
            name in inputs, f"input {name}", f"{', '.join(inputs) or 'none'}"
        )
    for operand in attention.stored():
        if operand.scalar:
            continue
        array, shape = np.asarray(inputs[operand.name]), operand.sizes
        what = f"{operand.name} of shape {shape}"
        expect(array.shape == shape, what, array.shape)
        wanted = storage_type(operand.dtype)
        right = array.dtype == wanted
        if operand.dtype == "bf16":
            right = array.dtype.itemsize == 2 and array.dtype.kind in "uV"
        expect(right, f"{operand.name} of type {wanted}", array.dtype)
