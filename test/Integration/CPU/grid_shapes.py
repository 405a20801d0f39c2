# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cases of the grid: who shares keys, layouts, sizes, types, memrefs."""

from __future__ import annotations

from dataclasses import replace

from grid_parts import Cases, attention, dynamic, head
from mqa import (
    Alibi,
    Bias,
    CausalBottomRight,
    CausalTopLeft,
    Lengths,
    TensorMask,
)


def sharing() -> Cases:
    """Who shares keys and values; heads map to groups contiguously."""
    for heads in (1, 2, 3, 7, 71):
        yield f"mqa-{heads}", attention(f"b=2 h={heads} m=5 n=9 d=16 e=16")
    grouped = {"q": "bghmd", "k": "bgnd", "v": "bgne", "o": "bghme"}
    for group in (1, 3, 7):
        dims = f"b=2 g=2 h={group} m=5 n=33 d=16 e=16"
        yield f"gqa-{group}", attention(dims, mask=CausalTopLeft(), **grouped)
    every = {"q": "bhmd", "k": "bhnd", "v": "bhne", "o": "bhme"}
    yield "mha", attention("b=2 h=3 m=5 n=9 d=16 e=16", **every)
    yield "mha-long", attention("b=1 h=2 m=70 n=70 d=16 e=16", **every)
    yield "one-head", head(17, 33)
    rowless = {"q": "bd", "k": "bnd", "v": "bne", "o": "be"}
    yield "no-rows", attention("b=3 n=9 d=16 e=16", **rowless)
    single = {"q": "d", "k": "nd", "v": "ne", "o": "e", "lse": ""}
    yield "no-rows-no-batch", attention("n=9 d=16 e=16", **single)
    decode = attention("b=2 h=8 n=?130 d=64 e=64", q="bhd", o="bhe")
    yield "decode", decode
    yield (
        "decode-71",
        attention("h=71 n=?65 d=64 e=64", q="hd", k="nd", v="ne", o="he"),
    )


def layouts() -> Cases:
    """Every order of dimensions is the same op."""
    dims = "b=2 h=3 m=5 n=9 d=16 e=24"
    yield "bshd", attention(dims, q="bmhd", o="bmhe")
    yield "sbhd", attention(dims, q="mbhd", k="nbd", v="nbe", o="mbhe")
    yield "key-transposed", attention(dims, k="bdn")
    yield "value-transposed", attention(dims, v="ben")
    yield "query-transposed", attention(dims, q="bhdm")
    yield "output-transposed", attention(dims, o="bhem")
    yield "all-reversed", attention(dims, q="dmhb", k="dnb", v="enb", o="emhb")
    yield "order-of-space", attention("e=24 d=16 n=9 m=5 h=3 b=2")
    kv = {"q": "bmghd", "k": "bngd", "v": "bnge", "o": "bmghe"}
    yield (
        "gqa-bshd",
        attention("b=2 g=2 h=3 m=5 n=9 d=16 e=16", lse="bmgh", **kv),
    )
    rows = {"q": "xhmyd", "k": "nd", "v": "ne", "o": "hxmye"}
    yield "four-row-dims", attention("x=2 h=3 m=5 y=2 n=9 d=16 e=16", **rows)
    pages = {"q": "md", "k": "pnd", "v": "pne", "o": "me"}
    paged = attention(
        "m=5 p=3 n=7 d=16 e=16", mask=CausalTopLeft("m", "pn"), **pages
    )
    yield "two-key-dims", paged
    yield "two-key-dims-dynamic", dynamic(paged)
    two = {"q": "bmcd", "k": "ncd", "v": "nfe", "o": "bmef"}
    yield (
        "two-depth-and-value-dims",
        attention("b=2 m=5 n=9 c=3 d=8 e=8 f=2", **two),
    )
    yield "lse-transposed", attention(dims, lse="mhb")
    yield "order-of-lse-and-sink", attention(dims, lse="hmb", sink="hb")


def head_sizes() -> Cases:
    """Depth and value sizes, even and odd, equal and not."""
    for size in (16, 17, 32, 40, 64, 80, 96, 128, 192, 256):
        yield f"{size}", head(19, 37, size, size, scale=size**-0.5)
    for d, e in ((16, 24), (64, 40), (40, 64), (192, 128), (1, 3), (7, 1)):
        yield f"{d}-{e}", head(9, 21, d, e, mask=CausalBottomRight())
    yield "dynamic-depth", dynamic(head(9, 21, 40, 40), "d")
    yield "dynamic-value", dynamic(head(9, 21, 40, 40), "e")


def sizes() -> Cases:
    """Zero, one and tails of rows and keys."""
    for m, n in ((1, 1), (1, 17), (17, 1), (2, 3), (3, 15), (33, 16)):
        yield f"{m}x{n}", head(m, n, lse="m")
    for m, n in ((65, 63), (7, 129), (130, 31), (100, 200)):
        yield f"{m}x{n}", head(m, n, 32, 32, mask=CausalBottomRight())
    yield "no-keys", head(5, 0, lse="m")
    yield "no-keys-dynamic", dynamic(head(5, 0, lse="m"))
    yield "no-keys-sink", head(5, 0, lse="m", sink="m")
    yield "no-rows", head(0, 5)
    yield "no-rows-dynamic", dynamic(head(0, 5, lse="m"))
    yield "no-batch", attention("b=0 h=3 m=5 n=9 d=16 e=16")
    yield "no-heads-dynamic", attention("b=2 h=?0 m=5 n=9 d=16 e=16")
    yield "no-depth", head(5, 9, 0, 16, lse="m")
    yield "no-value", head(5, 9, 16, 0, lse="m")
    everything = attention("b=2 h=3 m=5 n=33 d=16 e=24", lse="bhm")
    yield "all-dynamic", dynamic(everything)
    yield (
        "all-dynamic-causal",
        dynamic(
            attention("b=1 h=2 m=40 n=70 d=64 e=64", mask=CausalBottomRight())
        ),
    )
    for axis in "bhmn":
        yield f"dynamic-{axis}", dynamic(everything, axis)


def types() -> Cases:
    """16-bit and f64 data; log-sum-exp and accumulation stay f32 and f64."""
    for dtype in ("f16", "bf16", "f64"):
        for d in (16, 40, 64, 128):
            value = head(21, 45, d, d, dtype=dtype, scale=d**-0.5)
            yield f"{dtype}-{d}", replace(value, mask=CausalBottomRight())
        extras = attention(
            "b=2 h=3 m=?5 n=?20 d=17 e=24",
            dtype=dtype,
            lse="bhm",
            sink="h",
            sink_dtype=dtype,
            scores=(Bias("mn", dtype),),
            mask=Lengths("b"),
        )
        yield f"{dtype}-everything", extras
        long = head(8, 300, 64, 64, dtype=dtype, lse="m", scale=0.125)
        yield f"{dtype}-many-keys", long
    yield "f16-to-f32", head(21, 45, dtype="f16", out_dtype="f32")
    yield "f32-to-bf16", head(21, 45, out_dtype="bf16")


def memrefs() -> Cases:
    """Memrefs: contiguous, and views with any stride and offset."""
    rest = {"mask": CausalBottomRight(), "lse": "bhm", "memref": True}
    static = attention("b=2 h=3 m=5 n=33 d=16 e=24", **rest)
    for step in (0, 1, 2):
        for dtype in ("f32", "f16"):
            value = replace(static, step=step, dtype=dtype)
            yield f"{dtype}-step-{step}", value
        yield f"dynamic-step-{step}", dynamic(replace(static, step=step))
    extras = replace(
        static,
        sink="h",
        mask=TensorMask("bn") & Lengths("b"),
        scores=(Bias("hmn"), Alibi("h")),
    )
    for step in (0, 1, 2):
        yield f"everything-step-{step}", replace(extras, step=step)
    yield "transposed-step-1", replace(static, q="hdbm", k="ndb", step=1)
