# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the cases of the grid are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from harness import Case
from mqa import Attention

# What a group of the grid yields: a name with a description or a case.
Cases = Iterator[tuple[str, "Attention | Case"]]

LAYOUT = {"q": "bhmd", "k": "bnd", "v": "bne", "o": "bhme"}


def attention(dims: str, **rest) -> Attention:
    """Multi-query in the usual layout, or what `rest` says."""
    return Attention.of(dims, **{**LAYOUT, "scale": 0.25, **rest})


def head(m: int, n: int, d: int = 16, e: int = 16, **rest) -> Attention:
    """One head without batch; rows and keys only."""
    layout = {"q": "md", "k": "nd", "v": "ne", "o": "me"}
    return attention(f"m={m} n={n} d={d} e={e}", **{**layout, **rest})


def dynamic(of: Attention, axes: str = "") -> Attention:
    """The same with dynamic sizes: batch, row and key, or those of `axes`."""
    axes = axes or of.region_axes
    dims = (replace(x, dynamic=x.name in axes) for x in of.dims)
    return replace(of, dims=tuple(dims))
