# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""torch.nn.functional.scaled_dot_product_attention.

As called: `enable_gqa` where heads share keys. Folded, for masks that allow it:
the heads of a group become rows, in as many parts as there are threads, since
the kernel runs one head in one thread when it has few rows.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch.nn.functional import scaled_dot_product_attention as sdpa
from torch.utils._python_dispatch import TorchDispatchMode

from ..cases import Case
from ..data import Data
from ..variant import Variant

PACKAGES = ("torch",)
FUSED = "scaled_dot_product_flash_attention_for_cpu"
_TYPES = {"bf16": torch.bfloat16, "f16": torch.float16, "f32": torch.float32}


def tensor(data: Data, name: str) -> torch.Tensor:
    """The buffer as a tensor with a batch of one; no copy."""
    array = getattr(data, name)
    if data.case.dtype == "bf16":
        array = array.view("i2")
    found = torch.from_numpy(array)
    return found.view(_TYPES[data.case.dtype]).unsqueeze(0)


def array_of(output: torch.Tensor, case: Case):
    """[heads, rows, depth], in storage."""
    output = output.reshape(case.heads, case.rows, case.depth)
    if case.dtype == "bf16":
        return output.view(torch.int16).numpy().view("u2")
    return output.numpy()


class _Seen(TorchDispatchMode):
    """The operations that a call comes down to."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.names.add(str(function))
        return function(*args, **(kwargs or {}))


def variants(
    case: Case, data: Data, threads: int
) -> Iterator[tuple[str, object]]:
    """Both forms."""
    if case.mask not in ("full", "causal") or case.dtype == "int8":
        return
    torch.set_num_threads(threads)
    q, k, v = (tensor(data, x) for x in "qkv")
    causal = case.mask == "causal"
    shared = case.kv_heads < case.heads

    def called() -> Variant:
        return _variant("torch SDPA", case, (q, k, v), causal, shared)

    def folded() -> Variant:
        group = case.heads // case.kv_heads
        parts = threads if case.kv_heads == 1 and group % threads == 0 else 1
        heads = case.kv_heads * parts
        rows = q.reshape(1, heads, -1, case.depth)
        keys = k.expand(1, heads, -1, -1) if parts > 1 else k
        values = v.expand(1, heads, -1, -1) if parts > 1 else v
        tensors = (rows, keys, values)
        return _variant("torch SDPA, folded", case, tensors, False, False)

    yield "torch SDPA", called
    if shared and not causal:
        yield "torch SDPA, folded", folded


def _variant(
    name: str,
    case: Case,
    tensors: tuple[torch.Tensor, ...],
    causal: bool,
    shared: bool,
) -> Variant:
    held = []

    def run() -> None:
        with torch.inference_mode():
            held[:] = [sdpa(*tensors, is_causal=causal, enable_gqa=shared)]

    seen = _Seen()
    with torch.no_grad(), seen:
        sdpa(*tensors, is_causal=causal, enable_gqa=shared)
    fused = any(FUSED in name for name in seen.names)
    note = "fused kernel" if fused else "unfused"
    return Variant(name, run, lambda: array_of(held[0], case), note)
