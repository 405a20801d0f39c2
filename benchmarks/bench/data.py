# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Inputs of a case, the f64 reference, and the check of a result."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .cases import Case, document_ids, spans

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python"))
from mqa.npy import from_storage, to_storage

# Largest error allowed, relative to the largest magnitude of the output but at
# least to 1. An f32 kernel with a cheap exponential is within 5e-5.
ALLOWED = {"f32": 5e-5, "int8": 5e-5, "f16": 4e-3, "bf16": 3e-2}
CHECKED_PAIRS = 1 << 24


@dataclass
class Data:
    """Plain buffers in storage types, heads outside.

    Attributes:
        case: whose inputs.
        q: [heads, rows, depth].
        k, v: [kv_heads, keys, depth].
        k_scale, v_scale: [keys], of int8 only.
        extras: of the mask region, in order.
        rows: which rows are checked.
        expected: [heads, len(rows), depth] in f64.
    """

    case: Case
    q: np.ndarray
    k: np.ndarray
    v: np.ndarray
    k_scale: np.ndarray | None
    v_scale: np.ndarray | None
    extras: list[np.ndarray]
    rows: np.ndarray
    expected: np.ndarray

    def error(self, output: np.ndarray) -> float:
        """The largest error of [heads, rows, depth] on the checked rows."""
        shape = (self.case.heads, self.case.rows, self.case.depth)
        if output.shape != shape:
            raise ValueError(f"expected shape {shape}, got {output.shape}")
        if output.dtype == np.uint16:
            output = from_storage(output, "bf16")
        got = output[:, self.rows].astype(np.float64)
        if not np.all(np.isfinite(got)):
            return np.inf
        size = max(1.0, float(np.max(np.abs(self.expected))))
        return float(np.max(np.abs(got - self.expected))) / size

    @property
    def allowed(self) -> float:
        """What `error` may be."""
        return ALLOWED[self.case.dtype]


def make(case: Case) -> Data:
    """Normally distributed inputs, the same for every peer, and the result."""
    rng = np.random.default_rng(1)
    kv_shape = (case.kv_heads, case.keys, case.depth)
    q = rng.standard_normal((case.heads, case.rows, case.depth), np.float32)
    k = rng.standard_normal(kv_shape, np.float32)
    v = rng.standard_normal(kv_shape, np.float32)
    k_scale = v_scale = None
    if case.dtype == "int8":
        k, k_scale = _quantise(k)
        v, v_scale = _quantise(v)
    elif case.dtype != "f32":
        q, k, v = (to_storage(x, case.dtype) for x in (q, k, v))
    extras = []
    if case.mask == "documents":
        extras = [spans(case)[0].astype(np.int32)]
    elif case.mask == "documents-ids":
        extras = [document_ids(case.rows).astype(np.int32)] * 2
    rows = _checked_rows(case)
    expected = _reference(case, q, k, v, (k_scale, v_scale), rows)
    return Data(case, q, k, v, k_scale, v_scale, extras, rows, expected)


def _quantise(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """i8 values and one scale per token, of one head."""
    scale = np.max(np.abs(x[0]), axis=-1) / np.float32(127)
    return np.rint(x / scale[:, None]).astype(np.int8), scale


def _checked_rows(case: Case) -> np.ndarray:
    """All rows, or so many, spread evenly, that the reference takes no time."""
    count = max(8, CHECKED_PAIRS // (case.heads * case.keys))
    if count >= case.rows:
        return np.arange(case.rows)
    return np.unique(np.linspace(0, case.rows - 1, count).astype(np.int64))


def _reference(
    case: Case,
    q: np.ndarray,
    k: np.ndarray,
    v: np.ndarray,
    scales: tuple[np.ndarray | None, np.ndarray | None],
    rows: np.ndarray,
) -> np.ndarray:
    """The formula in f64, head by head."""
    low, high = (x[rows][:, None] for x in spans(case))
    key = np.arange(case.keys)
    hidden = ~((key >= low) & (key < high))
    group = case.heads // case.kv_heads
    out = np.empty((case.heads, len(rows), case.depth))
    for head in range(case.kv_heads):
        keys, values = (
            _to_f64(x[head], case.stored, scale)
            for x, scale in zip((k, v), scales)
        )
        for member in range(head * group, (head + 1) * group):
            stored = "f32" if case.dtype == "int8" else case.dtype
            score = _to_f64(q[member, rows], stored, None) @ keys.T * case.scale
            score[hidden] = -np.inf
            weight = np.exp(score - np.max(score, axis=1, keepdims=True))
            weight /= np.sum(weight, axis=1, keepdims=True)
            out[member] = weight @ values
    return out


def _to_f64(x: np.ndarray, stored: str, scale: np.ndarray | None) -> np.ndarray:
    values = np.asarray(from_storage(x, stored), np.float64)
    return values if scale is None else values * scale[:, None]
