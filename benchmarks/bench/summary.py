# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The measures of the project's goals, and how the peers compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable

OURS = "mqa"
FOLDED = ", folded"


class Table:
    """Rows of a run by what they measure."""

    def __init__(self, result: dict) -> None:
        """Takes what results.read gives."""
        self.result = result
        self.rows = [row for row in result["rows"] if row["status"] == "ok"]
        self.threads = sorted({row["threads"] for row in self.rows})

    def select(self, **wanted) -> list[dict]:
        """Rows with these values."""
        return [
            row
            for row in self.rows
            if all(row[name] == value for name, value in wanted.items())
        ]

    def ours(self, **wanted) -> list[dict]:
        """Rows of mqa with these values."""
        return self.select(variant=OURS, **wanted)

    def peers(self, row: dict) -> list[dict]:
        """What others did in the case of `row`."""
        same = self.select(case=row["case"], threads=row["threads"])
        return [x for x in same if not x["variant"].startswith(OURS)]


def span(values: Iterable[float], digits: int = 2) -> str:
    """`0.87` or `0.85-0.88`, the least and the largest; a dash for none."""
    found = sorted(values)
    if not found:
        return "-"
    low, high = f"{found[0]:.{digits}f}", f"{found[-1]:.{digits}f}"
    return low if low == high else f"{low}-{high}"


def _ratios(over: list[dict], under: list[dict], key: str) -> list[float]:
    """Times of `over` divided by those of `under` with the same `key`."""
    times = {row[key]: row["median_s"] for row in under}
    return [
        row["median_s"] / times[row[key]] for row in over if row[key] in times
    ]


def goals(table: Table) -> list[tuple[str, ...]]:
    """Measure, least, aims, and what was measured with each thread count."""
    found = []

    def add(
        name: str, aims: tuple[str, ...], value: Callable[[int], str]
    ) -> None:
        found.append((name, *aims, *(value(t) for t in table.threads)))

    def of_peak(threads: int, **wanted) -> str:
        rows = table.ours(threads=threads, **wanted)
        return span(row["of_peak"] for row in rows)

    prefill = [
        (128, "full", ("0.84", "0.87", "0.90")),
        (128, "causal", ("0.78", "0.84", "0.87")),
        (64, "full", ("0.78", "0.81", "0.88")),
        (64, "causal", ("0.72", "0.75", "0.85")),
    ]
    for depth, mask, aims in prefill:
        keys = [2048] if mask == "causal" else [1024, 2048]
        name = f"prefill D={depth} {mask}, of FMA peak"

        def value(threads: int, depth=depth, mask=mask, keys=keys) -> str:
            rows = table.ours(group="prefill", threads=threads, depth=depth,
                              mask=mask)  # fmt: skip
            return span(x["of_peak"] for x in rows if x["keys"] in keys)

        add(name, aims, value)
    long = 128 * 1024
    add("decode MQA-32, S = 4k to 32k, of FMA peak", ("0.80", "0.86", "0.90"),
        lambda t: span(x["of_peak"] for x in
                       table.ours(group="decode", threads=t)
                       if x["keys"] < long))  # fmt: skip
    add("decode MQA-32, S = 128k, of FMA peak", ("0.66", "0.84", "0.76"),
        lambda t: of_peak(t, group="decode", keys=long))  # fmt: skip
    add("decode Hq=8, S = 128k, of the read stream", ("0.65", "0.75", "0.79"),
        lambda t: span(x["of_stream"] for x in
                       table.ours(group="types", dtype="f32", keys=long,
                                  threads=t)))  # fmt: skip

    def scaling(threads: int) -> str:
        if threads == 1:
            return ""
        groups = ("prefill", "decode")
        one, all_threads = (
            [x for g in groups for x in table.ours(group=g, threads=t)]
            for t in (1, threads)
        )
        ratios = _ratios(one, all_threads, "case")
        return span(ratios) + "x" if ratios else "-"

    add("second core, prefill and MQA-32 decode", ("1.85x", "1.95x", "1.95x"),
        scaling)  # fmt: skip

    def heads(threads: int) -> str:
        rows = table.ours(group="heads", threads=threads)
        times = {row["kv_heads"]: row["median_s"] for row in rows}
        if not {1, 32} <= times.keys():
            return "-"
        return f"{times[32] / times[1]:.1f}x"

    add("MHA-32 over MQA-32 decode time, S = 32k", ("12x", "12x", "20x"), heads)

    def naive(threads: int) -> str:
        rows = table.select(group="naive", threads=threads)
        slow = [x for x in rows if x["variant"] != OURS]
        ratios = _ratios(slow, table.ours(group="naive", threads=threads),
                         "case")  # fmt: skip
        return span(ratios, 0) + "x" if ratios else ""

    add("against the naive lowering, S = 512", ("30x", "40x", "60x"), naive)
    return found


def compile_goals(table: Table) -> list[tuple[str, ...]]:
    """Case, milliseconds by the clock and of processors, bytes of text."""
    return [
        (
            row["case"],
            f"{row['median_s'] * 1e3:.0f} ms",
            f"{row['cpu_s'] * 1e3:.0f} ms",
            f"{row['text_bytes'] / 1024:.1f} KB",
        )
        for row in table.result["compile"]
    ]


def best(rows: list[dict], folded: bool) -> dict | None:
    """The fastest peer among those that are folded, or as called."""
    rows = [row for row in rows if (FOLDED in row["variant"]) == folded]
    return min(rows, key=lambda row: row["median_s"], default=None)


def against_peers(table: Table) -> list[tuple[str, ...]]:
    """Case, threads, ours, best as called, ratio, best folded, ratio."""
    found = []
    for row in table.rows:
        peers = table.peers(row)
        if row["variant"] != OURS or not peers:
            continue
        cells = [row["case"], str(row["threads"]), f"{row['of_peak']:.2f}"]
        for folded in (False, True):
            rival = best(peers, folded)
            if rival is None:
                cells += ["", ""]
                continue
            ratio = rival["median_s"] / row["median_s"]
            name = rival["variant"].removesuffix(FOLDED)
            cells += [f"{name} {rival['of_peak']:.2f}", f"{ratio:.2f}x"]
        found.append(tuple(cells))
    return found


def relative(table: Table) -> list[tuple[str, ...]]:
    """Storage types, layouts and live blocks: time against a base case."""
    found = []

    def add(name: str, row: dict, base: dict, share: float = 0) -> None:
        ratio = row["median_s"] / base["median_s"]
        blocks = [f"{share:.3f}", f"{ratio / share:.2f}"] if share else ["", ""]
        found.append((name, str(row["threads"]), f"{ratio:.3f}", *blocks))

    for threads in table.threads:
        for group in ("types", "types-prefill"):
            rows = table.ours(group=group, threads=threads)
            base = {x["keys"]: x for x in rows if x["dtype"] == "f32"}
            for row in rows:
                if row["dtype"] != "f32" and row["keys"] in base:
                    other = base[row["keys"]]
                    add(f"{row['case']}, time / f32", row, other)
        rows = table.ours(group="layout", threads=threads)
        if len(rows) == 2:
            add(f"{rows[1]['case']}, time / bhsd", rows[1], rows[0])
        rows = table.ours(group="masks", threads=threads)
        full = next((x for x in rows if x["mask"] == "full"), None)
        for row in rows:
            if full is None or row is full:
                continue
            share = row["live_blocks"] / full["live_blocks"]
            add(f"{row['case']}, time / full", row, full, share)
    return found
