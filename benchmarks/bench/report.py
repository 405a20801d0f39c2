# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tables of a run as text, and the documents that show them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from . import summary
from .summary import Table

PLOTS = {
    "speed": "GFLOP/s over the number of cached keys, for mqa and its peers",
    "peak": "fraction of the multiply-add peak in prefill, by system",
    "heads": "time for a token over the number of key/value heads",
    "blocks": "time over the share of live blocks, for several masks",
}
BLOCK = re.compile(r"(<!-- benchmark: (\w+) -->\n).*?(<!-- end -->)", re.S)


def _markdown(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    if not rows:
        return "(not measured in this run)"
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine(result: dict) -> str:
    """Machine, versions, and how the run was made."""
    about, versions = result["machine"], result["versions"]
    caches = ", ".join(f"{k} {v}" for k, v in about["caches"].items())
    kind = "virtual machine" if about["virtual"] else "machine"
    lines = [
        f"- {result['date']}: {about['cpu']} (family {about['family']}, model"
        f" {about['model']}), {kind} with {about['cpus']} CPUs, {caches},"
        f" {about['memory_gib']} GiB, {', '.join(about['features'])};"
        f" {about['system']}, Python {about['python']}.",
        f"- Load average before the run {result['load_before']:.2f};"
        f" {result['rounds']} rounds, {result['seconds'] / 60:.0f} minutes.",
        "- Versions: "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
        + ".",
    ]
    for threads, peaks in result["peaks"].items():
        found = [f"{bits} bits {v:.0f}" for bits, v in peaks.items()
                 if bits.isdigit()]  # fmt: skip
        median = peaks.get("median of the run")
        text = f"- FMA peak, {threads} thread(s), GFLOP/s: {', '.join(found)}"
        lines.append(text + (f"; median of the run {median:.0f}." if median
                             else "."))  # fmt: skip
    missing = result["missing"]
    lines.append(
        "- Missing peers: "
        + ("none." if not missing
           else "; ".join(f"{k} ({v})" for k, v in missing.items()) + ".")
    )  # fmt: skip
    lines += [f"- A peer crashed in: {name}." for name in result["crashed"]]
    failed = sorted({
        (row["variant"], row["case"], row["status"])
        for row in result["rows"] if row["status"] != "ok"
    })  # fmt: skip
    lines += [f"- {v} on {case}: {status}." for v, case, status in failed]
    if result["quick"]:
        lines.append("- A quick run: these numbers mean nothing.")
    return "\n".join(lines)


def _threads(table: Table) -> list[str]:
    return [f"{t} thread{'s' * (t > 1)}" for t in table.threads]


def goals(result: dict) -> str:
    """The goals, what was aimed at, what was measured."""
    table = Table(result)
    head = ("measure", "at least", "aim AVX2", "aim AVX-512")
    return _markdown((*head, *_threads(table)), summary.goals(table))


def compiling(result: dict) -> str:
    """Compile time and size."""
    head = ("one attention", "text to object, one process",
            "processor time of it", "machine code")  # fmt: skip
    return _markdown(head, summary.compile_goals(Table(result)))


def peers(result: dict) -> str:
    """The best peer of every case."""
    head = ("case", "threads", "mqa, of peak", "best as called, of peak",
            "mqa faster by", "best folded, of peak", "mqa faster by")  # fmt: skip
    return _markdown(head, summary.against_peers(Table(result)))


def relative(result: dict) -> str:
    """Types, layouts, masks."""
    head = ("case", "threads", "ratio of times", "share of live blocks",
            "ratio / share")  # fmt: skip
    return _markdown(head, summary.relative(Table(result)))


def everything(result: dict) -> str:
    """All rows: what each system took."""
    table = Table(result)
    rows = []
    for row in table.rows:
        stream = row["of_stream"]
        rows.append((
            row["case"], str(row["threads"]), row["variant"],
            f"{row['median_s'] * 1e3:.3f}", f"{row['gflops']:.1f}",
            f"{row['of_peak']:.3f}", f"{stream:.3f}" if stream else "",
            f"{row['error']:.0e}", row["note"],
        ))  # fmt: skip
    head = ("case", "threads", "system", "ms, median", "GFLOP/s", "of peak",
            "of read stream", "error", "path")  # fmt: skip
    return _markdown(head, rows)


SECTIONS = {
    "machine": machine,
    "goals": goals,
    "compiling": compiling,
    "peers": peers,
    "relative": relative,
    "everything": everything,
}


def text(result: dict) -> str:
    """What the command prints."""
    names = ("machine", "goals", "compiling", "peers", "relative")
    return "\n\n".join(SECTIONS[name](result) for name in names)


def _fill(path: Path, result: dict, plots: str) -> None:
    """Replaces the blocks between the markers in a document."""

    def replace(match: re.Match) -> str:
        name = match[2]
        if name in SECTIONS:
            body = SECTIONS[name](result)
        else:
            body = f"![{PLOTS[name]}]({plots}{name}.svg)"
        return f"{match[1]}{body}\n{match[3]}"

    path.write_text(BLOCK.sub(replace, path.read_text()))


def write_docs(root: Path, folder: Path, result: dict) -> None:
    """Puts tables and plots into docs/Performance.md and README.md."""
    target = root / "docs/performance"
    target.mkdir(exist_ok=True)
    for name in PLOTS:
        if not (folder / f"{name}.svg").exists():
            raise SystemExit(f"error: expected {folder / name}.svg: no plot")
        shutil.copy(folder / f"{name}.svg", target)
    _fill(root / "docs/Performance.md", result, "performance/")
    _fill(root / "README.md", result, "docs/performance/")
