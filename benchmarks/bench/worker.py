# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures all cases with one number of threads, in a process of its own.

The process is bound to as many processors as it has threads before any peer is
imported: several of them count processors once.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import traceback
from pathlib import Path

from .cases import ALL, Case, all_cases, quick_cases


def options() -> argparse.ArgumentParser:
    """What run.py passes on."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--tools", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--budget", type=float, default=1.0)
    parser.add_argument("--filter", default="")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--peers", default=",".join(ALL))
    parser.add_argument("--quick", action="store_true")
    return parser


def bind(threads: int) -> None:
    """Leaves this process `threads` processors, the last ones it has."""
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, set(cpus[-threads:]))
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)


def main(argv: list[str]) -> int:
    """Writes results-<threads>-<first>.json; 1 if a result of ours was wrong.

    The file is written anew after every case: a peer may take the process down.
    """
    chosen = options().parse_args(argv)
    bind(chosen.threads)
    cache = str(chosen.out / "inductor")
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", cache)
    from . import peers
    from .session import Session

    modules, missing = peers.load([x for x in chosen.peers.split(",") if x])
    session = Session(chosen, modules)
    cases = quick_cases() if chosen.quick else all_cases()
    wanted = [case for case in cases if chosen.filter in case.name]
    path = chosen.out / f"results-{chosen.threads}-{chosen.first}.json"
    begin = time.monotonic()
    result = {
        "threads": chosen.threads,
        "vectors": session.machine.bits,
        "missing": missing,
        "versions": peers.versions(modules),
        "rows": [],
    }
    ok = True
    for number, case in enumerate(wanted[chosen.first :], chosen.first):
        result.update(running=number, case=case.name)
        path.write_text(json.dumps(result))
        try:
            rows = session.run(case)
        except Exception:
            traceback.print_exc()
            rows = []
        ours = [row["status"] for row in rows if row["ours"]]
        ok = ok and ours == ["ok"]
        spent = time.monotonic() - begin
        _progress(case, rows, number + 1, len(wanted), spent)
        result.update(seconds=spent, peaks=session.peaks())
        result["rows"] += rows
    result["running"] = None
    path.write_text(json.dumps(result))
    return 0 if ok else 1


def _progress(
    case: Case, rows: list[dict], number: int, count: int, spent: float
) -> None:
    print(f"[{number}/{count}, {spent:.0f} s] {case.name}")
    for row in rows:
        if row["status"] != "ok":
            print(f"    {row['variant']:<28} {row['status']}")
            continue
        milliseconds = row["median_s"] * 1e3
        parts = f"{row['of_peak']:.3f} of peak"
        if row["of_stream"]:
            parts += f", {row['of_stream']:.3f} of read stream"
        print(f"    {row['variant']:<28} {milliseconds:10.3f} ms  {parts}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
