# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What masks and scores are made of: once as IR, once in NumPy.

A mask or score is written against two small interfaces with the same words:
`Body` emits the operations of a region, `Env` holds NumPy arrays that broadcast
over the batch, row and key dimensions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Callable

import numpy as np

from .npy import FLOATS


@dataclass(frozen=True)
class Extra:
    """An extra input: elements of `dtype` over the dimensions `axes`.

    `kind` says what random values make sense; it is no part of the IR.
    """

    kind: str
    axes: str
    dtype: str


@dataclass(frozen=True)
class Scalar:
    """A scalar argument of the function that a region captures."""

    name: str
    dtype: str


class Node:
    """Base of masks and scores: what they need from outside."""

    def extras(self) -> tuple[Extra, ...]:
        """The extra inputs, in order; equal ones are one input."""
        return ()

    def scalars(self) -> tuple[Scalar, ...]:
        """The captured scalars, in order; equal ones are one argument."""
        return ()


class Emitter:
    """Lines of IR with fresh SSA names `%<prefix><number>`."""

    def __init__(self, prefix: str) -> None:
        """Starts empty; prefixes of nested scopes must differ."""
        self.prefix = prefix
        self.lines: list[str] = []
        self.count = 0

    def let(self, text: str) -> str:
        """Appends `%name = text` and gives the name."""
        name = f"%{self.prefix}{self.count}"
        self.count += 1
        self.lines.append(f"{name} = {text}")
        return name


class Body(Emitter):
    """The operations of one region."""

    def __init__(
        self,
        float_type: str,
        indices: Mapping[str, str],
        extras: Mapping[Extra, str],
        scalars: Mapping[Scalar, str],
        size: Callable[[str], int | str],
    ) -> None:
        """Takes the names of what the region sees.

        Args:
            float_type: type of the score, f32 or f64.
            indices: dimension to the name of its index.
            extras: extra input to the name of its element.
            scalars: captured scalar to its name.
            size: dimension to its static size or the name of its size.
        """
        super().__init__("r")
        self.float_type = float_type
        self.indices = indices
        self.extra_names = extras
        self.scalar_names = scalars
        self.size = size

    def constant(self, value: int) -> str:
        """An index constant."""
        return self.let(f"arith.constant {value} : index")

    def number(self, value: float) -> str:
        """A constant of the score's type."""
        return self.let(f"arith.constant {literal(value)} : {self.float_type}")

    def index_op(self, op: str, lhs: str, rhs: str) -> str:
        """`arith.<op>` on two indices."""
        return self.let(f"arith.{op} {lhs}, {rhs} : index")

    def float_op(self, op: str, lhs: str, rhs: str) -> str:
        """`arith.<op>` on two scores."""
        return self.let(f"arith.{op} {lhs}, {rhs} : {self.float_type}")

    def compare(self, predicate: str, lhs: str, rhs: str) -> str:
        """`arith.cmpi` on two indices."""
        return self.let(f"arith.cmpi {predicate}, {lhs}, {rhs} : index")

    def position(self, axes: str) -> str:
        """The row-major index over `axes`."""
        result = self.indices[axes[0]]
        for axis in axes[1:]:
            scaled = self.index_op("muli", result, self.extent(axis))
            result = self.index_op("addi", scaled, self.indices[axis])
        return result

    def extent(self, axes: str) -> str:
        """The product of the sizes of `axes`, an index."""
        sizes = [self.size(axis) for axis in axes]
        names = [self.constant(s) if isinstance(s, int) else s for s in sizes]
        result = names[0]
        for name in names[1:]:
            result = self.index_op("muli", result, name)
        return result

    def extra(self, extra: Extra) -> str:
        """The element of an extra input; integers become an index."""
        return self._widen(self.extra_names[extra], extra.dtype)

    def scalar(self, scalar: Scalar) -> str:
        """A captured scalar; integers become an index."""
        return self._widen(self.scalar_names[scalar], scalar.dtype)

    def to_float(self, index: str) -> str:
        """An index as a score."""
        wide = self.let(f"arith.index_cast {index} : index to i64")
        return self.let(f"arith.sitofp {wide} : i64 to {self.float_type}")

    def _widen(self, name: str, dtype: str) -> str:
        if dtype in ("i1", "index", self.float_type):
            return name
        if dtype in FLOATS:
            op = "truncf" if dtype == "f64" else "extf"
            return self.let(f"arith.{op} {name} : {dtype} to {self.float_type}")
        return self.let(f"arith.index_cast {name} : {dtype} to index")


class Env:
    """The arrays that a mask or a score sees, over `region` dimensions."""

    def __init__(
        self,
        sizes: Mapping[str, int],
        region: str,
        extras: Mapping[Extra, np.ndarray],
        scalars: Mapping[Scalar, float],
    ) -> None:
        """Takes sizes by dimension, values of extra inputs and of scalars."""
        self.sizes = sizes
        self.region = region
        self.extra_values = extras
        self.scalar_values = scalars

    def spread(self, array: np.ndarray, axes: str) -> np.ndarray:
        """An array over `axes`, shaped so that it broadcasts over `region`."""
        order = [axis for axis in self.region if axis in axes]
        moved = np.transpose(array, [axes.index(axis) for axis in order])
        shape = [self.sizes[a] if a in axes else 1 for a in self.region]
        return moved.reshape(shape)

    def position(self, axes: str) -> np.ndarray:
        """The row-major index over `axes`."""
        result = np.zeros((1,) * len(self.region), dtype=np.int64)
        for axis in axes:
            index = self.spread(np.arange(self.sizes[axis]), axis)
            result = result * self.sizes[axis] + index
        return result

    def extent(self, axes: str) -> int:
        """The product of the sizes of `axes`."""
        return int(np.prod([self.sizes[axis] for axis in axes]))

    def extra(self, extra: Extra) -> np.ndarray:
        """The elements of an extra input."""
        return self.spread(self.extra_values[extra], extra.axes)

    def scalar(self, scalar: Scalar) -> float:
        """The value of a captured scalar."""
        return self.scalar_values[scalar]


def literal(value: float) -> str:
    """A finite float as MLIR reads it, exact: a point is mandatory."""
    mantissa, exponent, power = repr(float(value)).partition("e")
    return mantissa + ("" if "." in mantissa else ".0") + exponent + power
