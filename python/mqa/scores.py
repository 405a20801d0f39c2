# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Named scores: what happens to a scaled score before the mask.

Each score gives the IR of a `score` region (`emit`) and the formula in NumPy
(`apply`, f64 over the batch, row and key dimensions). Constants are f32 in the
IR, as in NumPy here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .errors import expect
from .npy import FLOATS, round_f32
from .regions import Body, Env, Extra, Node


class Score(Node):
    """Base of all scores."""

    def emit(self, body: Body, score: str) -> str:
        """Emits the operations on the value `score`; gives the new name."""
        raise NotImplementedError

    def apply(self, env: Env, score: np.ndarray) -> np.ndarray:
        """The new scores, same shape."""
        raise NotImplementedError


@dataclass(frozen=True)
class Softcap(Score):
    """Keeps scores in (-cap, cap): cap * tanh(score / cap)."""

    cap: float

    def __post_init__(self) -> None:
        """Refuses a cap that is not positive."""
        expect(self.cap > 0, "a cap above 0", self.cap)

    def emit(self, body: Body, score: str) -> str:  # noqa: D102
        cap = body.number(round_f32(self.cap))
        ratio = body.float_op("divf", score, cap)
        flat = body.let(f"math.tanh {ratio} : {body.float_type}")
        return body.float_op("mulf", flat, cap)

    def apply(self, env: Env, score: np.ndarray) -> np.ndarray:  # noqa: D102
        cap = round_f32(self.cap)
        return cap * np.tanh(score / cap)


@dataclass(frozen=True)
class Bias(Score):
    """Adds an extra input over `axes`; it broadcasts over the other axes."""

    axes: str = "mn"
    dtype: str = "f32"

    def extras(self) -> tuple[Extra, ...]:  # noqa: D102
        return (Extra("bias", self.axes, _float(self.dtype)),)

    def emit(self, body: Body, score: str) -> str:  # noqa: D102
        return body.float_op("addf", score, body.extra(self.extras()[0]))

    def apply(self, env: Env, score: np.ndarray) -> np.ndarray:  # noqa: D102
        return score + env.extra(self.extras()[0])


@dataclass(frozen=True)
class Alibi(Score):
    """Adds slope * (key - row); an extra input over `axes` holds slopes."""

    axes: str = "h"
    dtype: str = "f32"
    rows: str = "m"
    keys: str = "n"

    def extras(self) -> tuple[Extra, ...]:  # noqa: D102
        return (Extra("slope", self.axes, _float(self.dtype)),)

    def emit(self, body: Body, score: str) -> str:  # noqa: D102
        keys, rows = body.position(self.keys), body.position(self.rows)
        distance = body.to_float(body.index_op("subi", keys, rows))
        slope = body.extra(self.extras()[0])
        return body.float_op(
            "addf", score, body.float_op("mulf", slope, distance)
        )

    def apply(self, env: Env, score: np.ndarray) -> np.ndarray:  # noqa: D102
        distance = env.position(self.keys) - env.position(self.rows)
        return score + env.extra(self.extras()[0]) * distance


@dataclass(frozen=True)
class Relative(Score):
    """Subtracts weight * min(|key - row|, limit)."""

    weight: float
    limit: int
    rows: str = "m"
    keys: str = "n"

    def emit(self, body: Body, score: str) -> str:  # noqa: D102
        keys, rows = body.position(self.keys), body.position(self.rows)
        ahead = body.index_op("subi", keys, rows)
        behind = body.index_op("subi", rows, keys)
        distance = body.index_op("maxsi", ahead, behind)
        near = body.index_op("minsi", distance, body.constant(self.limit))
        weight = body.number(round_f32(self.weight))
        bias = body.float_op("mulf", weight, body.to_float(near))
        return body.float_op("subf", score, bias)

    def apply(self, env: Env, score: np.ndarray) -> np.ndarray:  # noqa: D102
        distance = np.abs(env.position(self.keys) - env.position(self.rows))
        return score - round_f32(self.weight) * np.minimum(distance, self.limit)


def _float(dtype: str) -> str:
    expect(dtype in FLOATS, f"one of {', '.join(FLOATS)}", repr(dtype))
    return dtype
