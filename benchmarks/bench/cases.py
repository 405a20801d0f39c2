# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is measured: one Case is one attention, timed by mqa and by peers.

Shapes are [heads, rows, depth] for the query and [kv_heads, keys, depth] for
key and value, batch 1. Every mask is one interval of keys for each row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

ALL = ("torch", "flex", "ort", "openvino", "jax", "iree")
# FlexAttention and IREE take long to compile, and IREE long to run: they take
# part where they tell something.
QUICK_ONES = ("torch", "ort", "openvino", "jax")
FASTEST = ("torch", "ort", "openvino")


@dataclass(frozen=True)
class Case:
    """One attention.

    Attributes:
        name: for the tables.
        group: what it is measured for; summary.py and plots.py go by it.
        heads, kv_heads, rows, keys, depth: the shape.
        mask: full, causal, window-<n>, chunked-<n>, documents, documents-ids.
        dtype: of query, key, value and output; int8: key and value with one
            scale per token, the rest f32.
        layout: bhsd (heads outside) or bshd (heads inside).
        peers: who takes part.
        naive: the reference lowering takes part too.
    """

    name: str
    group: str
    heads: int
    kv_heads: int
    rows: int
    keys: int
    depth: int = 128
    mask: str = "full"
    dtype: str = "f32"
    layout: str = "bhsd"
    peers: tuple[str, ...] = ()
    naive: bool = False

    @property
    def stored(self) -> str:
        """Element type of key and value."""
        return "i8" if self.dtype == "int8" else self.dtype

    @property
    def scale(self) -> float:
        """The usual factor of the scores."""
        return self.depth**-0.5

    @property
    def cache_bytes(self) -> int:
        """Bytes of keys and values: what a decoding step must read."""
        size = {"f32": 4, "bf16": 2, "f16": 2, "int8": 1}[self.dtype]
        scales = 4 if self.dtype == "int8" else 0
        return 2 * self.kv_heads * self.keys * (self.depth * size + scales)

    @property
    def flops(self) -> int:
        """Useful FLOPs: two products over the live pairs."""
        low, high = spans(self)
        return 4 * self.depth * self.heads * int(np.sum(high - low))

    def live_blocks(self, rows: int, keys: int) -> int:
        """How many blocks of rows x keys hold a live pair, for one head."""
        low, high = spans(self)
        total = 0
        for first in range(0, self.rows, rows):
            begin = int(np.min(low[first : first + rows])) // keys
            end = -(-int(np.max(high[first : first + rows])) // keys)
            total += max(0, end - begin)
        return total


def document_ids(tokens: int) -> np.ndarray:
    """Sorted ids of documents with lengths between 1/16 and 1/4 of all."""
    lengths = np.random.default_rng(7).integers(tokens // 16, tokens // 4, 32)
    return np.searchsorted(np.cumsum(lengths), np.arange(tokens), "right")


def spans(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """First key and end of the keys that each row sees."""
    row = np.arange(case.rows)
    kind, _, size = case.mask.partition("-")
    low, high = np.zeros_like(row), row + 1 + case.keys - case.rows
    if kind == "full":
        high = np.full_like(row, case.keys)
    elif kind == "window":
        low = np.maximum(0, high - int(size))
    elif kind == "chunked":
        low = row // int(size) * int(size)
    elif kind == "documents":
        ids = document_ids(case.rows)
        low = np.searchsorted(ids, ids, "left")
    return low, high


def _prefill(sizes: tuple[int, ...], heads: tuple[int, ...]) -> list[Case]:
    found = []
    for depth in (128, 64):
        for mask in ("full", "causal"):
            for count in heads:
                for size in sizes:
                    name = f"prefill D={depth} {mask} Hq={count} S={size}"
                    costly = count == heads[0] and size == sizes[-1]
                    some = QUICK_ONES if count == heads[0] else FASTEST
                    found.append(
                        Case(name, "prefill", count, 1, size, size, depth,
                             mask, peers=ALL if costly else some)
                    )  # fmt: skip
    return found


def _decode(sizes: tuple[int, ...]) -> list[Case]:
    found = []
    for size in sizes:
        name = f"decode MQA-32 S={size}"
        costly = size == sizes[min(1, len(sizes) - 1)]
        peers = ALL if costly else QUICK_ONES
        found.append(Case(name, "decode", 32, 1, 1, size, peers=peers))
    return found


def _types(sizes: tuple[int, ...], prefill: int) -> list[Case]:
    found = []
    for size in sizes:
        for dtype in ("f32", "bf16", "f16", "int8"):
            name = f"decode Hq=8 {dtype} S={size}"
            peers = QUICK_ONES if dtype == "f32" else ("torch", "jax")
            found.append(
                Case(name, "types", 8, 1, 1, size, dtype=dtype,
                     peers=() if dtype == "int8" else peers)
            )  # fmt: skip
    for dtype in ("f32", "bf16"):
        name = f"prefill D=128 {dtype} Hq=8 S={prefill}"
        found.append(
            Case(name, "types-prefill", 8, 1, prefill, prefill, dtype=dtype,
                 peers=("torch",))
        )  # fmt: skip
    return found


def _heads(size: int) -> list[Case]:
    return [
        Case(f"decode Hq=32 Hkv={count} S={size}", "heads", 32, count, 1, size,
             peers=("torch", "ort"))
        for count in (32, 16, 8, 4, 2, 1)
    ]  # fmt: skip


def _masks(size: int, window: int) -> list[Case]:
    masks = ["full", "causal", f"window-{window}", f"window-{window // 4}"]
    masks += [f"chunked-{size // 4}", "documents", "documents-ids"]
    flex = {f"window-{window}", "documents"}
    return [
        Case(f"mask {mask} Hq=2 S={size}", "masks", 2, 1, size, size, mask=mask,
             peers=("flex",) if mask in flex else ())
        for mask in masks
    ]  # fmt: skip


def _layouts(size: int) -> list[Case]:
    return [
        Case(f"decode Hq=32 Hkv=4 {layout} S={size}", "layout", 32, 4, 1, size,
             layout=layout)
        for layout in ("bhsd", "bshd")
    ]  # fmt: skip


def all_cases() -> list[Case]:
    """What docs/Performance.md shows."""
    k = 1024
    naive = Case(
        "naive Hq=8 S=512", "naive", 8, 1, 512, 512, mask="causal", naive=True
    )
    return [
        *_prefill((k, 2 * k), (8, 32)),
        *_decode((4 * k, 16 * k, 32 * k, 128 * k)),
        *_types((4 * k, 128 * k), 2 * k),
        *_heads(32 * k),
        *_masks(16 * k, k),
        *_layouts(16 * k),
        naive,
        replace(naive, name="naive Hq=8 S=512 full", mask="full"),
    ]


def quick_cases() -> list[Case]:
    """The same kinds, tiny: for trying the benchmark out."""
    naive = Case("naive Hq=8 S=64", "naive", 8, 1, 64, 64, naive=True)
    return [
        *_prefill((64, 128), (2,)),
        *_decode((256, 512)),
        *_types((256,), 64),
        *_heads(128)[::5],
        *_masks(256, 32),
        *_layouts(128),
        naive,
    ]
