# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""jax.nn.dot_product_attention, jitted; as called and with heads as rows.

XLA takes as many threads as the process may use processors: the worker sets
that before anything is imported.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import ml_dtypes
import numpy as np

from ..cases import Case
from ..data import Data
from ..variant import Variant

PACKAGES = ("jax", "jaxlib")


def attention(case: Case, fold: bool):
    """The function to jit, on [1, rows, heads, depth]."""

    def compute(q, k, v):
        causal = case.mask == "causal"
        return jax.nn.dot_product_attention(
            q, k, v, scale=case.scale, is_causal=causal and not fold
        )

    return compute


def arrays(case: Case, data: Data, fold: bool) -> list[np.ndarray]:
    """Query, key and value as [1, rows, heads, depth]."""
    q = data.q
    if fold:
        q = q.reshape(case.kv_heads, -1, case.depth)
    found = [np.ascontiguousarray(x.swapaxes(0, 1)[None])
             for x in (q, data.k, data.v)]  # fmt: skip
    if case.dtype == "bf16":
        found = [x.view(ml_dtypes.bfloat16) for x in found]
    return found


def canonical(output: np.ndarray, case: Case) -> np.ndarray:
    """[heads, rows, depth] of what `attention` gives, folded or not."""
    if case.dtype == "bf16":
        output = output.view(np.uint16)
    rows = output[0].swapaxes(0, 1)
    return rows.reshape(case.heads, case.rows, case.depth)


def variants(
    case: Case, data: Data, threads: int
) -> Iterator[tuple[str, object]]:
    """Both forms."""
    if case.mask not in ("full", "causal"):
        return
    if case.dtype not in ("f32", "bf16"):  # f16: refused on CPUs
        return

    def build(fold: bool) -> Variant:
        buffers = [jax.device_put(x) for x in arrays(case, data, fold)]
        compiled = jax.jit(attention(case, fold)).lower(*buffers).compile()
        held = []

        def run() -> None:
            held[:] = [compiled(*buffers).block_until_ready()]

        name = "JAX" + (", folded" if fold else "")
        return Variant(name, run,
                       lambda: canonical(np.asarray(held[0]), case),
                       "jitted")  # fmt: skip

    yield "JAX", lambda: build(False)
    if case.kv_heads < case.heads and case.mask == "full":
        yield "JAX, folded", lambda: build(True)
