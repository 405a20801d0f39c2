# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Draws a random case: layouts, roles, types, masks, scores and sizes."""

from __future__ import annotations

import math
import random
from dataclasses import replace

from harness import Case
from mqa import (
    Alibi,
    Always,
    Attention,
    Bias,
    Cache,
    CausalBottomRight,
    CausalOffset,
    CausalTopLeft,
    Chunked,
    Dim,
    Documents,
    Lengths,
    Mask,
    PrefixLM,
    Relative,
    Score,
    SlidingWindow,
    Softcap,
    TensorMask,
)

SIZES = {
    "batch": (0, 1, 1, 2, 2, 3),
    "row": (0, 1, 2, 3, 5, 7, 8, 16, 17, 31, 33, 64, 71),
    "key": (0, 1, 2, 7, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 129, 150),
    "depth": (1, 3, 8, 16, 16, 17, 24, 32, 40, 64, 64, 80, 96, 128, 256),
    "value": (1, 3, 8, 16, 16, 17, 24, 32, 40, 64, 64, 80, 96, 128, 256),
}
LETTERS = {
    "batch": "bg",
    "row": "hmx",
    "key": "np",
    "depth": "dc",
    "value": "ef",
}
SCORES_LIMIT = 60_000
WORK_LIMIT = 4_000_000
WIDTH_LIMIT = 1024


def draw(seed: int) -> Case:
    """The case of a seed; equal seeds give equal cases."""
    rng = random.Random(seed)
    while True:
        case = _draw(rng, seed)
        sizes = case.attention.sizes
        region = case.attention.region_axes
        pairs = math.prod(max(1, sizes[axis]) for axis in region)
        depth = _product(case, "depth")
        value = _product(case, "value")
        small = max(depth, value) <= WIDTH_LIMIT
        if pairs <= SCORES_LIMIT and small and pairs * depth <= WORK_LIMIT:
            return case


def _product(case: Case, role: str) -> int:
    sizes = case.attention.sizes
    return math.prod(max(1, sizes[x]) for x in case.attention.axes(role))


def _draw(rng: random.Random, seed: int) -> Case:
    roles = {role: _letters(rng, role) for role in LETTERS}
    dims = []
    for role, letters in roles.items():
        for letter in letters:
            size = rng.choice(SIZES[role])
            if size == 0 and rng.random() < 0.7:
                size = 4
            share = 0.03 if role in ("depth", "value") else 0.4
            dims.append(Dim(letter, size, rng.random() < share))
    rng.shuffle(dims)
    batch, row, key = roles["batch"], roles["row"], roles["key"]
    memref = rng.random() < 0.2
    options = {
        "dtype": rng.choice(("f32",) * 8 + ("f16", "bf16") * 4 + ("f64",)),
        "scale": _scale(rng, dims),
        "scores": _scores(rng, batch, row, key),
        "memref": memref,
        "step": rng.choice((0, 1, 2)) if memref else 0,
    }
    if rng.random() < 0.7:
        options["mask"] = _mask(rng, batch, row, key, 2)
    if rng.random() < 0.3:
        options["sink"] = _some(rng, batch + row)
        options["sink_dtype"] = rng.choice((None, options["dtype"]))
    if rng.random() < 0.5:
        options["lse"] = _shuffled(rng, batch + row)
    attention = Attention(
        tuple(dims),
        q=_shuffled(rng, batch + row + roles["depth"]),
        k=_shuffled(rng, batch + key + roles["depth"]),
        v=_shuffled(rng, batch + key + roles["value"]),
        o=_shuffled(rng, batch + row + roles["value"]),
        **options,
    )
    if not memref and rng.random() < 0.4:
        attention = _cached(rng, attention)
    split = None
    if not memref and rng.random() < 0.2:
        split = rng.randint(0, attention.sizes[key[0]])
    return Case(f"seed-{seed}", attention, split, key[0], seed=seed)


def _cached(rng: random.Random, attention: Attention) -> Attention:
    """Keys, values or both in pages, as integers, or as pages of integers."""
    found = {}
    names = rng.choice(("k", "v", "kv", "kv"))
    for name in names:
        axes = getattr(attention, name)
        kind = rng.choice(("pages", "integers", "both"))
        key = rng.choice(attention.axes("key"))
        cache = {"key": key}
        if kind != "integers":
            batch = attention.axes("batch")
            count = next(
                (i for i, x in enumerate(axes) if x not in batch), len(axes)
            )
            tables = axes[: rng.randint(0, count)]
            cache["tables"] = tables
            cache["page"] = rng.choice((1, 2, 3, 7, 16, 16, 32, 64, 64, 100))
            cache["page_dim"] = rng.randint(0, len(axes) - len(tables))
            cache["entry"] = rng.choice(("i32", "i64", "index"))
            cache["spare"] = rng.choice((1, 3))
            cache["dynamic"] = rng.random() < 0.3
        if kind != "pages":
            cache["scale"] = _some(rng, axes)
            cache["zero"] = rng.random() < 0.5
        found[f"{name}_cache"] = Cache(**cache)
    return replace(attention, **found)


def _scale(rng: random.Random, dims: list[Dim]) -> float | None:
    """Scores of deviation 1 or so: larger ones are ill-conditioned."""
    depth = math.prod(d.size for d in dims if d.name in LETTERS["depth"])
    if depth <= 8 and rng.random() < 0.5:
        return None
    return rng.choice((0.3, 1.0, 1.0, 2.0, -1.0)) / max(1, depth) ** 0.5


def _letters(rng: random.Random, role: str) -> str:
    least = 0 if role in ("batch", "row") else 1
    weights = {"batch": (3, 5, 1), "row": (1, 5, 5, 1)}.get(role, (0, 8, 1))
    count = rng.choices(range(len(weights)), weights)[0]
    return LETTERS[role][: max(least, count)]


def _shuffled(rng: random.Random, axes: str) -> str:
    return "".join(rng.sample(axes, len(axes)))


def _some(rng: random.Random, axes: str, least: int = 0) -> str:
    """Some of the axes, in any order."""
    return "".join(
        rng.sample(axes, rng.randint(min(least, len(axes)), len(axes)))
    )


def _mask(
    rng: random.Random, batch: str, row: str, key: str, depth: int
) -> Mask:
    if depth and rng.random() < 0.4:
        lhs = _mask(rng, batch, row, key, depth - 1)
        rhs = _mask(rng, batch, row, key, depth - 1)
        return rng.choice((lhs & rhs, lhs & rhs, lhs | rhs, ~lhs))
    integer = rng.choice(("i32", "i64", "index"))
    keys = _some(rng, key, 1)
    masks: list[Mask] = [
        Lengths(_some(rng, batch + row), integer, keys),
        TensorMask(_some(rng, batch + row + key)),
        Documents(_some(rng, batch + row), _some(rng, batch + key), integer),
    ]
    if rng.random() < 0.05:
        masks = [Always(rng.random() < 0.5)]
    if row and rng.random() < 0.7:
        at = {"rows": _some(rng, row, 1), "keys": keys}
        left = rng.choice((None, 0, 3, 20))
        right = (
            rng.choice((0, 2, 30)) if left is None else rng.choice((None, 0, 5))
        )
        masks = [
            CausalTopLeft(**at),
            CausalBottomRight(**at),
            CausalOffset(dtype=integer, **at),
            SlidingWindow(left, right, **at),
            PrefixLM(rng.randint(0, 40), **at),
            Chunked(rng.randint(1, 40), **at),
        ]
    return rng.choice(masks)


def _scores(
    rng: random.Random, batch: str, row: str, key: str
) -> tuple[Score, ...]:
    dtype = rng.choice(("f32", "f32", "f16", "bf16"))
    choices: list[Score] = [
        Softcap(rng.choice((0.5, 3.0, 30.0))),
        Bias(_some(rng, batch + row + key), dtype),
    ]
    if row:
        at = {"rows": _some(rng, row, 1), "keys": _some(rng, key, 1)}
        choices.append(Alibi(_some(rng, batch + row), "f32", **at))
        choices.append(Relative(0.125, rng.randint(1, 30), **at))
    count = rng.choices((0, 1, 2), (5, 3, 2))[0]
    return tuple(rng.sample(choices, count))
