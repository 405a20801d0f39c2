# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cases of the grid: masks, scores, sinks, states, numerics, all at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from grid_parts import Cases, attention, dynamic, head
from harness import Case
from mqa import (
    Alibi,
    Always,
    Bias,
    CausalBottomRight,
    CausalOffset,
    CausalTopLeft,
    Chunked,
    Documents,
    Lengths,
    PrefixLM,
    Relative,
    SlidingWindow,
    Softcap,
    TensorMask,
)


def masks() -> Cases:
    """Every named mask; more rows than keys, and fewer."""
    named = {
        "top-left": CausalTopLeft(),
        "bottom-right": CausalBottomRight(),
        "offset-i64": CausalOffset(dtype="i64"),
        "window": SlidingWindow(4, 2),
        "window-left": SlidingWindow(4, None),
        "window-right": SlidingWindow(None, 3),
        "window-causal": SlidingWindow(0, 0),
        "prefix": PrefixLM(6),
        "length-i32": Lengths("m", "i32"),
        "document": Documents("m", "n", "i32"),
        "tensor": TensorMask("mn"),
        "chunked-causal": Chunked(5) & CausalTopLeft(),
        "or": CausalTopLeft() | TensorMask("n"),
        "not": ~SlidingWindow(3, 3),
        "none-live": Always(False),
        "all-live": Always(True),
    }
    for name, mask in named.items():
        yield f"{name}-wide", head(11, 37, mask=mask, lse="m")
        yield f"{name}-tall", dynamic(head(37, 11, mask=mask, lse="m"), "mn")
    batched = {"dims": "b=3 h=2 m=5 n=20 d=16 e=16", "lse": "bhm"}
    for dtype in ("i64", "index", "i16"):
        mask = Lengths("b", dtype) & CausalOffset(dtype="i32")
        yield f"length-{dtype}", attention(mask=mask, **batched)
    yield (
        "document-batch",
        attention(mask=Documents("bm", "bn", "i64"), **batched),
    )
    # Blocks of keys that no row of a block sees, and rows that see no block.
    far = head(150, 150, mask=SlidingWindow(3, 0), lse="m")
    yield "empty-blocks", far
    yield "empty-blocks-dynamic", dynamic(far)
    yield "empty-first-blocks", head(6, 200, mask=~PrefixLM(150), lse="m")
    gap = SlidingWindow(None, -70) | SlidingWindow(-70, None)
    yield "empty-middle-blocks", head(100, 200, mask=gap, lse="m")


def broadcasts() -> Cases:
    """Extra inputs that omit dimensions, down to rank 0."""
    dims = "b=2 h=3 m=5 n=20 d=16 e=16"
    for axes in ("", "b", "h", "m", "n", "bn", "hm", "nm", "nhmb"):
        name = axes or "rank-0"
        yield f"mask-{name}", attention(dims, mask=TensorMask(axes), lse="bhm")
        yield f"bias-{name}", attention(dims, scores=(Bias(axes),))


def scores() -> Cases:
    """Every named score; the cap comes before the mask."""
    dims = "b=2 h=3 m=5 n=20 d=16 e=16"
    named = {
        "softcap": (Softcap(2.0),),
        "bias-f16": (Bias("hmn", "f16"),),
        "bias-bf16": (Bias("mn", "bf16"),),
        "bias-f64": (Bias("mn", "f64"),),
        "alibi": (Alibi("h"),),
        "relative": (Relative(0.125, 6),),
        "softcap-then-bias": (Softcap(1.5), Bias("bhmn")),
        "bias-then-softcap": (Bias("bhmn"), Softcap(1.5)),
    }
    for name, chain in named.items():
        yield name, attention(dims, scores=chain)
    masked = attention(
        dims, scores=(Softcap(0.5),), mask=CausalTopLeft(), lse="bhm"
    )
    yield "softcap-masked", masked
    yield (
        "alibi-causal-dynamic",
        dynamic(
            attention(dims, scores=(Alibi("h"),), mask=CausalBottomRight())
        ),
    )


def sinks() -> Cases:
    """One more key without a value, of any layout and type."""
    dims = "b=2 h=3 m=5 n=20 d=16 e=16"
    for axes in ("", "h", "bh", "mhb"):
        yield axes or "rank-0", attention(dims, sink=axes, lse="bhm")
    for dtype in ("f16", "bf16"):
        yield dtype, attention(dims, sink="h", sink_dtype=dtype)
    yield "none-live", attention(dims, sink="h", lse="bhm", mask=Always(False))
    yield (
        "empty-blocks",
        head(90, 90, sink="m", mask=SlidingWindow(2, 0), lse="m"),
    )
    yield "softcap", attention(dims, sink="h", scores=(Softcap(1.0),))


def states() -> Cases:
    """Two ranges of keys, merged: equal to one attention."""
    plain = attention("b=2 h=3 m=5 n=20 d=16 e=24", lse="bhm")
    causal = replace(plain, mask=CausalBottomRight())
    for split in (0, 7, 20):
        yield f"split-{split}", Case("", plain, split)
        yield f"causal-split-{split}", Case("", causal, split)
    yield "dynamic", Case("", dynamic(causal), 7)
    yield "sink", Case("", replace(causal, sink="h"), 7)
    yield "length", Case("", replace(plain, mask=Lengths("b")), 11)
    yield "prefix", Case("", replace(plain, mask=PrefixLM(9)), 11)
    yield "none-live", Case("", replace(plain, mask=Always(False)), 11)
    bias = replace(plain, scores=(Bias("hmn"), Softcap(2.0)))
    yield "scores", Case("", bias, 11)
    for dtype in ("f16", "bf16", "f64"):
        yield dtype, Case("", replace(causal, dtype=dtype), 7)
    yield "long", Case("", head(70, 300, 64, 64, mask=CausalBottomRight()), 130)


def numerics() -> Cases:
    """Finite inputs at the edge of what the types hold; never a NaN."""

    def factor(name: str, by: float):
        return lambda inputs: inputs.update(
            {name: inputs[name] * np.float32(by)}
        )

    def lowest(inputs: dict) -> None:
        inputs["x0"][2:4] = np.finfo(np.float32).min

    def lowest_everywhere(inputs: dict) -> None:
        inputs["x0"][:] = np.finfo(np.float32).min

    def poison(inputs: dict) -> None:
        # Beyond the lengths: products overflow, and the mask comes after.
        inputs["x0"][:] = [7, 0, 20]
        inputs["k"][:, 7:] = 3e38
        inputs["v"][:, 7:] = 3e38
        inputs["k"][2] = 1.0
        inputs["v"][2] = 2.0

    def ascending(inputs: dict) -> None:
        # Every key is the new maximum.
        inputs["q"][:] = 1.0
        inputs["k"][:] = np.arange(len(inputs["k"]))[:, None]

    base = head(9, 140, 16, 16, lse="m")
    yield "large", Case("", base, tweak=factor("q", 1e4), exact=False)
    yield "larger", Case("", base, tweak=factor("q", 1e30), exact=False)
    yield "tiny", Case("", base, tweak=factor("q", 1e-30))
    yield "denormal", Case("", base, tweak=factor("v", 1e-38))
    yield "ascending", Case("", base, tweak=ascending, exact=False)
    yield "scale-zero", replace(base, scale=0.0)
    yield "scale-negative", replace(base, scale=-0.5)
    yield "scale-none", replace(base, scale=None)
    bias = replace(base, scores=(Bias("mn"),))
    yield "lowest-bias", Case("", bias, tweak=lowest, exact=False)
    every = Case("", bias, tweak=lowest_everywhere, exact=False)
    yield "lowest-bias-everywhere", every
    lengths = attention(
        "b=3 h=2 m=5 n=20 d=16 e=16", mask=Lengths("b"), lse="bhm"
    )
    yield "poisoned-padding", Case("", lengths, tweak=poison)
    capped = replace(lengths, scores=(Softcap(5.0),))
    yield "poisoned-padding-softcap", Case("", capped, tweak=poison)


def combined() -> Cases:
    """Everything at once: nothing may be dropped."""
    full = attention(
        "b=2 g=2 h=3 m=9 n=70 d=40 e=24",
        q="bmghd",
        k="bngd",
        v="bgen",
        o="bghme",
        mask=(CausalBottomRight() & SlidingWindow(None, 55) & Lengths("b"))
        | (Documents("bm", "bn") & TensorMask("gmn")),
        scores=(
            Softcap(4.0),
            Bias("ghmn", "f16"),
            Alibi("gh"),
            Relative(0.25, 9),
        ),
        sink="gh",
        lse="bghm",
        scale=0.2,
    )
    yield "static", full
    yield "dynamic", dynamic(full)
    yield "bf16", replace(full, dtype="bf16")
    yield "memref", dynamic(replace(full, memref=True, step=2))
    yield "states", Case("", dynamic(full), 33)
