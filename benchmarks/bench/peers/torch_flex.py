# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""torch FlexAttention, compiled for the CPU by Inductor."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch.nn.attention.flex_attention import create_block_mask, flex_attention

from ..cases import Case, spans
from ..data import Data
from ..variant import Variant
from .torch_sdpa import array_of, tensor

PACKAGES = ("torch",)


def variants(
    case: Case, data: Data, threads: int
) -> Iterator[tuple[str, object]]:
    """One form; its mask is a block mask of the same intervals."""
    if case.dtype == "int8":
        return

    def build() -> Variant:
        torch.set_num_threads(threads)
        torch._dynamo.reset()
        q, k, v = (tensor(data, x) for x in "qkv")
        shared = case.kv_heads < case.heads
        blocks = _block_mask(case)
        compiled = torch.compile(flex_attention)
        held = []

        def run() -> None:
            with torch.no_grad():
                held[:] = [
                    compiled(q, k, v, block_mask=blocks, enable_gqa=shared)
                ]

        run()
        note = "compiled, block mask" if blocks is not None else "compiled"
        name = "torch FlexAttention"
        return Variant(name, run, lambda: array_of(held[0], case), note)

    yield "torch FlexAttention", build


def _block_mask(case: Case):
    if case.mask == "full":
        return None
    first, end = (torch.from_numpy(x) for x in spans(case))

    def causal(_b, _h, m, n):
        return n <= m

    def inside(_b, _h, m, n):
        return (n >= first[m]) & (n < end[m])

    keep = causal if case.mask == "causal" else inside
    return create_block_mask(
        keep, None, None, case.rows, case.keys, device="cpu"
    )
