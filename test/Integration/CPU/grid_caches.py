# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cases of the grid: paged and quantised caches, and both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from grid_parts import Cases, attention, dynamic
from harness import Case
from mqa import (
    Attention,
    Bias,
    Cache,
    CausalBottomRight,
    Lengths,
    SlidingWindow,
)

GROUPED = {"q": "bghmd", "k": "bngd", "v": "bnge", "o": "bghme"}
HEADS_FIRST = {**GROUPED, "k": "bgnd", "v": "bgne"}


def cached(of: Attention, k: Cache, v: Cache | None = None) -> Attention:
    """The same with caches; one for both unless `v` is given."""
    return replace(of, k_cache=k, v_cache=v or k)


def decode(n: int = 200, d: int = 64, **rest) -> Attention:
    """One token, eight heads, multi-query."""
    dims = f"b=2 h=8 m=1 n={n} d={d} e={d}"
    return attention(dims, **{"scale": d**-0.5, **rest})


def grouped(layout: dict[str, str], m: int = 3, n: int = 150) -> Attention:
    """Two groups of three heads."""
    dims = f"b=2 g=2 h=3 m={m} n={n} d=64 e=64"
    return attention(dims, **{**layout, "scale": 0.125})


def _garbage_beyond(case: Attention, lengths: tuple[int, ...]) -> Case:
    """Table entries and positions that no row sees hold anything."""

    def tweak(inputs: dict) -> None:
        inputs["x0"][...] = lengths
        for name, cache in (("k", case.k_cache), ("v", case.v_cache)):
            table = inputs[f"{name}_table"]
            for row, length in zip(table, lengths):
                row[-(-length // cache.page) :] = np.iinfo(table.dtype).max

    return Case("garbage", case, tweak=tweak)


def pages() -> Cases:
    """Page sizes that are and are not multiples of key blocks."""
    for page in (1, 3, 16, 64, 100, 128, 512):
        cache = Cache(page, "b")
        yield f"{page}", cached(decode(), cache)
        yield f"{page}-d128", cached(decode(d=128), cache)
        of = attention("b=2 h=2 m=40 n=150 d=64 e=64", mask=CausalBottomRight())
        yield f"{page}-causal", cached(of, cache)
        yield f"{page}-gqa", cached(grouped(GROUPED), cache)
        yield f"{page}-gqa-heads-first", cached(grouped(HEADS_FIRST), cache)
    every = {"q": "bhmd", "k": "bhnd", "v": "bhne", "o": "bhme"}
    mha = attention("b=2 h=3 m=5 n=70 d=16 e=24", **every)
    yield "mha", cached(mha, Cache(16, "b", page_dim=1))
    yield "table-per-head", cached(mha, Cache(16, "bh"))
    shared = grouped({**GROUPED, "k": "ngd", "v": "nge"})
    yield "one-table", cached(shared, Cache(16))
    for at in (0, 1, 2):
        yield f"page-dim-{at}", cached(grouped(GROUPED), Cache(16, "b", at))
    yield "transposed", cached(decode(k="bdn", v="ben"), Cache(16, "b"))
    odd = Cache(7, "b", entry="index"), Cache(16, "b", entry="i64")
    yield "keys-and-values-differ", cached(decode(), *odd)
    yield "keys-only", replace(decode(), k_cache=Cache(16, "b"))
    for dtype in ("f16", "bf16", "f64"):
        yield dtype, cached(decode(dtype=dtype), Cache(64, "b"))
    yield "dynamic-keys", dynamic(cached(decode(), Cache(16, "b")), "n")
    everything = cached(decode(), Cache(16, "b", dynamic=True))
    yield "dynamic", dynamic(everything)
    window = attention(
        "b=2 h=2 m=40 n=150 d=64 e=64",
        mask=SlidingWindow(20, 0),
        scores=(Bias("mn"),),
    )
    yield "window", cached(window, Cache(16, "b"))
    yield "states", Case("", cached(decode(), Cache(16, "b")), split=70)


def garbage() -> Cases:
    """Numbers that are no page beyond the length of a sequence."""
    for page in (1, 16, 64, 100):
        for m in (1, 20):
            of = attention(f"b=3 h=4 m={m} n=200 d=64 e=64", mask=Lengths("b"))
            value = cached(of, Cache(page, "b"))
            yield f"{page}-{m}", _garbage_beyond(value, (0, 65, 130))
            yield (
                f"{page}-{m}-dynamic",
                _garbage_beyond(dynamic(value, "n"), (200, 1, 64)),
            )


def quantised() -> Cases:
    """Scales per token, per channel, for all; zero points; types."""
    scales = ("bn", "bn"), ("bd", "be"), ("d", "e"), ("n", "n"), ("", "")
    for key, value in scales:
        for zero in (False, True):
            for d in (64, 128):
                caches = (Cache(scale=x, zero=zero) for x in (key, value))
                name = f"{key or 'all'}-{'zero-' if zero else ''}{d}"
                yield name, cached(decode(d=d), *caches)
    full = Cache(scale="bnd"), Cache(scale="enb")
    yield "per-element", cached(decode(n=70), *full)
    for dtype in ("f16", "bf16", "f64"):
        yield dtype, cached(decode(dtype=dtype), Cache(scale="bn"))
    of = attention("b=1 h=4 m=70 n=150 d=64 e=40", mask=CausalBottomRight())
    yield "prefill", cached(of, Cache(scale="n"))
    yield "gqa", cached(grouped(GROUPED), Cache(scale="bng", zero=True))
    yield "dynamic", dynamic(cached(decode(), Cache(scale="bn")))
    yield "transposed", cached(decode(k="dbn", v="enb"), Cache(scale="bn"))
    yield "odd", cached(decode(n=70, d=40), Cache(scale="n"))
    yield "values-only", replace(decode(), v_cache=Cache(scale="bn"))
    yield "states", Case("", cached(decode(), Cache(scale="bn")), split=70)


def quantised_pages() -> Cases:
    """An int8 pool."""
    for page in (1, 3, 16, 64, 100):
        yield f"{page}", cached(decode(), Cache(page, "b", scale="bn"))
    channel = Cache(16, "b", scale="gd"), Cache(16, "b", scale="ge")
    yield "per-channel", cached(grouped(HEADS_FIRST), *channel)
    zero = Cache(64, "b", scale="nb", zero=True)
    yield "dynamic", dynamic(cached(decode(), zero))
    of = attention("b=3 h=4 m=1 n=200 d=64 e=64", mask=Lengths("b"))
    value = cached(of, Cache(16, "b", scale="bn", zero=True))
    yield "garbage", _garbage_beyond(value, (0, 65, 130))
