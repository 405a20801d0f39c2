# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Named masks: which keys a row may see.

Each mask gives the IR of a `mask` region (`emit`, an i1) and the predicate in
NumPy (`keep`, bool, broadcasts over the batch, row and key dimensions). `rows`
and `keys` are dimensions; of several, the position is the row-major index.
Masks compose with `&`, `|` and `~`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .errors import expect
from .npy import INTEGERS
from .regions import Body, Env, Extra, Node, Scalar


class Mask(Node):
    """Base of all masks."""

    def emit(self, body: Body) -> str:
        """Emits the region's operations and gives the name of the i1."""
        raise NotImplementedError

    def keep(self, env: Env) -> np.ndarray:
        """True where the key is visible."""
        raise NotImplementedError

    def __and__(self, other: Mask) -> Mask:
        """Visible in both."""
        return Both("andi", self, other)

    def __or__(self, other: Mask) -> Mask:
        """Visible in one of the two."""
        return Both("ori", self, other)

    def __invert__(self) -> Mask:
        """Visible where the mask hides."""
        return Not(self)


@dataclass(frozen=True)
class Both(Mask):
    """Two masks joined by `op`: andi or ori."""

    op: str
    lhs: Mask
    rhs: Mask

    def emit(self, body: Body) -> str:  # noqa: D102
        lhs, rhs = self.lhs.emit(body), self.rhs.emit(body)
        return body.let(f"arith.{self.op} {lhs}, {rhs} : i1")

    def keep(self, env: Env) -> np.ndarray:  # noqa: D102
        join = np.logical_and if self.op == "andi" else np.logical_or
        return join(self.lhs.keep(env), self.rhs.keep(env))

    def extras(self) -> tuple[Extra, ...]:  # noqa: D102
        return self.lhs.extras() + self.rhs.extras()

    def scalars(self) -> tuple[Scalar, ...]:  # noqa: D102
        return self.lhs.scalars() + self.rhs.scalars()


@dataclass(frozen=True)
class Not(Mask):
    """The opposite of a mask."""

    mask: Mask

    def emit(self, body: Body) -> str:  # noqa: D102
        value, true = self.mask.emit(body), body.let("arith.constant true")
        return body.let(f"arith.xori {value}, {true} : i1")

    def keep(self, env: Env) -> np.ndarray:  # noqa: D102
        return np.logical_not(self.mask.keep(env))

    def extras(self) -> tuple[Extra, ...]:  # noqa: D102
        return self.mask.extras()

    def scalars(self) -> tuple[Scalar, ...]:  # noqa: D102
        return self.mask.scalars()


@dataclass(frozen=True)
class Always(Mask):
    """The same answer everywhere: all keys, or none."""

    value: bool

    def emit(self, body: Body) -> str:  # noqa: D102
        return body.let(f"arith.constant {str(self.value).lower()}")

    def keep(self, env: Env) -> np.ndarray:  # noqa: D102
        return np.full((1,) * len(env.region), self.value)


@dataclass(frozen=True)
class CausalTopLeft(Mask):
    """Row 0 sees key 0 only: key <= row."""

    rows: str = "m"
    keys: str = "n"

    def emit(self, body: Body) -> str:  # noqa: D102
        keys, rows = body.position(self.keys), body.position(self.rows)
        return body.compare("sle", keys, rows)

    def keep(self, env: Env) -> np.ndarray:  # noqa: D102
        return env.position(self.keys) <= env.position(self.rows)


@dataclass(frozen=True)
class CausalBottomRight(Mask):
    """The last row sees all keys: key <= row + (keys - rows)."""

    rows: str = "m"
    keys: str = "n"

    def emit(self, body: Body) -> str:  # noqa: D102
        shift = body.index_op(
            "subi", body.extent(self.keys), body.extent(self.rows)
        )
        limit = body.index_op("addi", body.position(self.rows), shift)
        return body.compare("sle", body.position(self.keys), limit)

    def keep(self, env: Env) -> np.ndarray:  # noqa: D102
        shift = env.extent(self.keys) - env.extent(self.rows)
        return env.position(self.keys) <= env.position(self.rows) + shift


@dataclass(frozen=True)
class CausalOffset(Mask):
    """Row 0 is at a position that a scalar argument gives: key <= row + offset.

    The argument is `offset_<dtype>`.
    """

    rows: str = "m"
    keys: str = "n"
    dtype: str = "index"

    def scalars(self) -> tuple[Scalar, ...]:  # noqa: D102
        return (Scalar(f"offset_{_integer(self.dtype)}", self.dtype),)

    def emit(self, body: Body) -> str:  # noqa: D102
        offset = body.scalar(self.scalars()[0])
        limit = body.index_op("addi", body.position(self.rows), offset)
        return body.compare("sle", body.position(self.keys), limit)

    def keep(self, env: Env) -> np.ndarray:  # noqa: D102
        offset = env.scalar(self.scalars()[0])
        return env.position(self.keys) <= env.position(self.rows) + offset


@dataclass(frozen=True)
class SlidingWindow(Mask):
    """At most `left` keys before and `right` keys after the row, inclusive.

    None is no limit; a left limit alone does not hide the future.
    """

    left: int | None
    right: int | None
    rows: str = "m"
    keys: str = "n"

    def __post_init__(self) -> None:
        """Refuses a window without limits."""
        limits = (self.left, self.right)
        expect(limits != (None, None), "a left or a right limit", "none")

    def emit(self, body: Body) -> str:  # noqa: D102
        parts = []
        for limit, predicate, sign in self._limits():
            edge = body.index_op(
                "addi", body.position(self.rows), body.constant(sign * limit)
            )
            keys = body.position(self.keys)
            parts.append(body.compare(predicate, keys, edge))
        if len(parts) == 1:
            return parts[0]
        return body.let(f"arith.andi {parts[0]}, {parts[1]} : i1")

    def keep(self, env: Env) -> np.ndarray:  # noqa: D102
        distance = env.position(self.keys) - env.position(self.rows)
        low = True if self.left is None else distance >= -self.left
        high = True if self.right is None else distance <= self.right
        return np.logical_and(low, high)

    def _limits(self) -> list[tuple[int, str, int]]:
        limits = ((self.left, "sge", -1), (self.right, "sle", 1))
        return [(v, p, s) for v, p, s in limits if v is not None]


@dataclass(frozen=True)
class PrefixLM(Mask):
    """Every row sees the first `prefix` keys, and is causal after them."""

    prefix: int
    rows: str = "m"
    keys: str = "n"

    def emit(self, body: Body) -> str:  # noqa: D102
        keys = body.position(self.keys)
        causal = body.compare("sle", keys, body.position(self.rows))
        prefix = body.compare("slt", keys, body.constant(self.prefix))
        return body.let(f"arith.ori {prefix}, {causal} : i1")

    def keep(self, env: Env) -> np.ndarray:  # noqa: D102
        keys = env.position(self.keys)
        return (keys < self.prefix) | (keys <= env.position(self.rows))


@dataclass(frozen=True)
class Lengths(Mask):
    """Keys before a length that an extra input over `axes` holds."""

    axes: str = "b"
    dtype: str = "i32"
    keys: str = "n"

    def extras(self) -> tuple[Extra, ...]:  # noqa: D102
        return (Extra("length", self.axes, _integer(self.dtype)),)

    def emit(self, body: Body) -> str:  # noqa: D102
        length = body.extra(self.extras()[0])
        return body.compare("slt", body.position(self.keys), length)

    def keep(self, env: Env) -> np.ndarray:  # noqa: D102
        return env.position(self.keys) < env.extra(self.extras()[0])


@dataclass(frozen=True)
class Documents(Mask):
    """Row and key are of one document; two extra inputs hold the ids."""

    row_axes: str = "m"
    key_axes: str = "n"
    dtype: str = "i32"

    def extras(self) -> tuple[Extra, ...]:  # noqa: D102
        dtype = _integer(self.dtype)
        row = Extra("row document", self.row_axes, dtype)
        return (row, Extra("key document", self.key_axes, dtype))

    def emit(self, body: Body) -> str:  # noqa: D102
        row, key = self.extras()
        return body.compare("eq", body.extra(row), body.extra(key))

    def keep(self, env: Env) -> np.ndarray:  # noqa: D102
        row, key = self.extras()
        return env.extra(row) == env.extra(key)


@dataclass(frozen=True)
class TensorMask(Mask):
    """An i1 extra input over `axes`; it broadcasts over the other axes."""

    axes: str = "mn"

    def extras(self) -> tuple[Extra, ...]:  # noqa: D102
        return (Extra("mask", self.axes, "i1"),)

    def emit(self, body: Body) -> str:  # noqa: D102
        return body.extra(self.extras()[0])

    def keep(self, env: Env) -> np.ndarray:  # noqa: D102
        return env.extra(self.extras()[0])


@dataclass(frozen=True)
class Chunked(Mask):
    """Row and key lie in the same chunk of `size` positions."""

    size: int
    rows: str = "m"
    keys: str = "n"

    def __post_init__(self) -> None:
        """Refuses chunks without a position."""
        expect(self.size > 0, "a chunk size above 0", self.size)

    def emit(self, body: Body) -> str:  # noqa: D102
        size = body.constant(self.size)
        rows = body.index_op("divui", body.position(self.rows), size)
        keys = body.index_op("divui", body.position(self.keys), size)
        return body.compare("eq", rows, keys)

    def keep(self, env: Env) -> np.ndarray:  # noqa: D102
        rows, keys = env.position(self.rows), env.position(self.keys)
        return rows // self.size == keys // self.size


def _integer(dtype: str) -> str:
    expect(dtype in INTEGERS, f"one of {', '.join(INTEGERS)}", repr(dtype))
    return dtype
