# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Collects what the workers wrote: results.json and results.csv."""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import os
import subprocess
from pathlib import Path

from . import compiling, machine
from .peers import MODULES


def clear(folder: Path) -> None:
    """Removes what an earlier run left, compiled cases included."""
    folder.mkdir(parents=True, exist_ok=True)
    for pattern in ("results*", "kernels/*", "*.svg", "*.png"):
        for path in folder.glob(pattern):
            path.unlink()


def load_average() -> float:
    """How busy the machine was in the last minute."""
    return os.getloadavg()[0]


def _tool_version(tool: Path) -> str:
    done = subprocess.run([tool, "--version"], capture_output=True, text=True)
    version = done.stdout.split()[-1]
    command = ["git", "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              cwd=Path(__file__).parent)  # fmt: skip
    except OSError:  # no git
        return version
    commit = done.stdout.strip()
    return f"{version} ({commit})" if commit else version


def running(folder: Path, threads: str, first: int) -> int | None:
    """The case at which a worker died; None if it came to its end."""
    path = folder / f"results-{threads}-{first}.json"
    return json.loads(path.read_text())["running"] if path.exists() else None


def _joined(folder: Path) -> list[dict]:
    """The results of each number of threads, parts put together."""
    found: dict[int, dict] = {}
    for path in sorted(folder.glob("results-*.json")):
        part = json.loads(path.read_text())
        whole = found.setdefault(part["threads"], part)
        crashed = whole.setdefault("crashed", [])
        if part["running"] is not None:
            crashed.append(f"{part['case']}, {part['threads']} thread(s)")
        if whole is not part:
            whole["rows"] += part["rows"]
            whole["seconds"] = whole.get("seconds", 0) + part.get("seconds", 0)
    return [found[threads] for threads in sorted(found)]


def gather(options: argparse.Namespace, load_before: float) -> None:
    """Writes both files from the workers' ones."""
    runs = _joined(options.out)
    rounds = 1 if options.quick else options.rounds
    compiled = compiling.measure(
        options.tools, options.out / "kernels", rounds, options.quick
    )
    missing = {}
    for run in runs:
        missing.update(run["missing"])
    if options.no_peers:
        missing = {name: "left out by --no-peers" for name in MODULES}
    versions = runs[0]["versions"] if runs else {}
    versions["mqa"] = _tool_version(options.tools / "mqa-compile")
    now = datetime.datetime.now(datetime.timezone.utc)
    result = {
        "date": now.strftime("%Y-%m-%d %H:%M UTC"),
        "quick": options.quick,
        "machine": machine.describe(),
        "load_before": load_before,
        "seconds": sum(run.get("seconds", 0) for run in runs),
        "rounds": options.rounds,
        "budget": options.budget,
        "filter": options.filter,
        "versions": versions,
        "missing": missing,
        "crashed": [name for run in runs for name in run["crashed"]],
        "peaks": {str(x["threads"]): x.get("peaks", {}) for x in runs},
        "vectors": runs[0]["vectors"] if runs else 0,
        "compile": compiled,
        "rows": [row for run in runs for row in run["rows"]],
    }
    (options.out / "results.json").write_text(json.dumps(result, indent=1))
    names = list(dict.fromkeys(x for row in result["rows"] for x in row))
    with open(options.out / "results.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(result["rows"])


def read(folder: Path) -> dict:
    """The results of the last run."""
    return json.loads((folder / "results.json").read_text())
