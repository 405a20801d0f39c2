# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is measured: one Case is one attention.

Shapes are [batch, heads, rows, depth] for the query and the output and
[batch, kv_heads, keys, depth] for key and value, contiguous. A causal row m
sees the keys 0 to m; every causal case has as many rows as keys.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

DTYPES = ("bf16", "f16")
TOKENS = 16 << 10  # of a batch of prompts


@dataclass(frozen=True)
class Case:
    """One attention.

    Attributes:
        name: for the tables and --cases.
        group: prefill, decode or latency; measure.py and tables.py go by it.
        batch, heads, kv_heads, rows, keys, depth: the shape.
        causal: whether a row sees only the keys up to its own.
        dtype: of all operands; bf16 or f16.
        flex: FlexAttention takes part, which takes long to compile.
    """

    name: str
    group: str
    batch: int
    heads: int
    kv_heads: int
    rows: int
    keys: int
    depth: int = 128
    causal: bool = False
    dtype: str = "bf16"
    flex: bool = False

    @property
    def scale(self) -> float:
        """The usual factor of the scores."""
        return self.depth**-0.5

    @property
    def sharing(self) -> int:
        """How many query heads share one head of keys."""
        return self.heads // self.kv_heads

    @property
    def pairs(self) -> int:
        """Pairs of a row and a key that it sees, for one head."""
        if self.causal:
            return self.rows * (self.rows + 1) // 2
        return self.rows * self.keys

    @property
    def flops(self) -> int:
        """Useful FLOPs: two products over the live pairs."""
        return 4 * self.depth * self.batch * self.heads * self.pairs

    @property
    def bytes(self) -> int:
        """Bytes that must move: every operand once."""
        queries = self.batch * self.heads * self.rows
        cache = self.batch * self.kv_heads * self.keys
        return 2 * self.depth * 2 * (queries + cache)

    @property
    def shapes(self) -> dict[str, list[int]]:
        """The operands as the compiled function takes them."""
        rows = [] if self.group != "prefill" else [self.rows]
        query = [self.batch, self.kv_heads, self.sharing, *rows, self.depth]
        cache = [self.batch, self.kv_heads, self.keys, self.depth]
        return {"q": query, "k": cache, "v": cache, "out": query}

    @property
    def file(self) -> str:
        """A file name without an ending."""
        return "".join(c if c.isalnum() else "-" for c in self.name).lower()

    def small(self) -> Case:
        """The same computation in a size that no block divides."""
        keys = 300 if self.group == "prefill" else 1100
        rows = keys if self.group == "prefill" else 1
        mask = " causal" if self.causal else ""
        name = (
            f"small {self.group} {self.dtype} D={self.depth}{mask} "
            f"{self.heads}/{self.kv_heads}"
        )
        return replace(self, name=name, batch=2, rows=rows, keys=keys)

    def record(self) -> dict:
        """For the manifest."""
        return asdict(self)


def from_record(record: dict) -> Case:
    """The inverse of Case.record; other fields are ignored."""
    fields = Case.__dataclass_fields__
    return Case(**{key: record[key] for key in fields if key in record})


def _prefill(dtype: str) -> list[Case]:
    wanted = [(128, 16, kv, s << 10) for kv in (16, 4, 1) for s in (2, 4, 8, 16)]
    wanted += [(d, 16, kv, s << 10) for d in (64, 256) for kv in (16, 1)
               for s in (2, 8)]  # fmt: skip
    found = []
    for causal in (False, True):
        for depth, heads, kv_heads, size in wanted:
            mask = "causal" if causal else "full"
            name = (
                f"prefill {dtype} D={depth} {mask} {heads}/{kv_heads} "
                f"S={size >> 10}k"
            )
            flex = dtype == "bf16" and depth == 128 and size == 8 << 10
            found.append(
                Case(name, "prefill", max(1, TOKENS // size), heads, kv_heads,
                     size, size, depth, causal, dtype, flex)
            )  # fmt: skip
    return found


def _decode(dtype: str) -> list[Case]:
    found = []
    for heads in (32, 8):
        for size in (4, 16, 32, 128):
            for batch in (1, 8, 32):
                name = f"decode {dtype} {heads}/1 B={batch} S={size}k"
                flex = dtype == "bf16" and heads == 32 and size == 32
                found.append(
                    Case(name, "decode", batch, heads, 1, 1, size << 10,
                         dtype=dtype, flex=flex)
                )  # fmt: skip
    return found


def _latency(dtype: str) -> list[Case]:
    return [
        Case(f"latency {dtype} {heads}/1 B=1 S=1k", "latency", 1, heads, 1, 1,
             1 << 10, dtype=dtype)
        for heads in (32, 8)
    ]  # fmt: skip


def all_cases() -> list[Case]:
    """All that is measured, bf16 first: a short budget ends in f16."""
    found = []
    for dtype in DTYPES:
        found += [*_prefill(dtype), *_decode(dtype), *_latency(dtype)]
    return found
