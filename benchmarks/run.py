#!/usr/bin/env python3
"""Measures mqa beside other systems and this machine's own limits.

    benchmarks/setup_peers.sh     once: the peers, into benchmarks/.venv
    benchmarks/run.py             everything; about a quarter of an hour
    benchmarks/run.py --docs      the same, and writes docs/Performance.md

Writes results.json, results.csv and plots into --out. Runs without any peer
too, and says which are missing. What is measured and how is in
docs/Performance.md.

Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


def enter_environment() -> None:
    """Goes on in benchmarks/.venv, or .venv, if there is one."""
    for venv in (HERE / ".venv", ROOT / ".venv"):
        python = venv / "bin/python3"
        if os.environ.get("MQA_BENCH_PYTHON") or not python.exists():
            continue
        os.environ["MQA_BENCH_PYTHON"] = str(python)
        os.execv(python, [str(python), *sys.argv])


def parse() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\nPart of")[0], formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("--quick", action="store_true",
        help="tiny shapes: does it work? The numbers mean nothing")  # fmt: skip
    add("--filter", default="", metavar="TEXT", help="cases with this in the name")
    add("--no-peers", action="store_true", help="mqa alone")
    add("--peers", default="torch,flex,ort,openvino,jax,iree", metavar="LIST",
        help="which peers (default: %(default)s)")  # fmt: skip
    add("--threads", default="1,2", metavar="LIST",
        help="numbers of threads, a process for each (default: %(default)s)")  # fmt: skip
    add("--rounds", type=int, default=9, help="rounds (default: %(default)s)")
    add("--budget", type=float, default=1.0, metavar="SECONDS",
        help="a variant gets no more rounds than three beyond this time in a"
        "\ncase (default: %(default)s)")  # fmt: skip
    add("--tools", type=Path, default=ROOT / "build/bin",
        help="folder of mqa-compile (default: build/bin)")  # fmt: skip
    add("--out", type=Path, default=HERE / "out",
        help="folder of the results (default: benchmarks/out)")  # fmt: skip
    add("--docs", action="store_true",
        help="put tables and plots into docs/ and README.md")  # fmt: skip
    add("--report-only", action="store_true",
        help="no measuring: tables, plots and docs of the results in --out")  # fmt: skip
    return parser.parse_args()


def run_workers(options: argparse.Namespace) -> bool:
    """One process for each number of threads; false if one failed."""
    from bench import results

    peers = "" if options.no_peers else options.peers
    ok = True
    for threads in options.threads.split(","):
        command = [sys.executable, "-m", "bench.worker",
                   f"--threads={threads}", f"--tools={options.tools}",
                   f"--out={options.out}", f"--rounds={options.rounds}",
                   f"--budget={options.budget}", f"--filter={options.filter}",
                   f"--peers={peers}"]  # fmt: skip
        command += ["--quick"] if options.quick else []
        print(f"== {threads} thread(s)", flush=True)
        first: int | None = 0
        while first is not None:
            code = subprocess.run([*command, f"--first={first}"], cwd=HERE)
            ok &= code.returncode == 0
            stopped = results.running(options.out, threads, first)
            first = None if stopped is None else stopped + 1
            if first is not None:  # a crash: go on behind that case
                print(f"case {first} ended the process: {code.returncode}")
    return ok


def main() -> int:
    """Runs, writes, prints; 0 if every result of mqa was right."""
    options = parse()
    if options.docs and (options.quick or options.filter):
        print("error: expected a whole run for --docs, got a part of it")
        return 2
    options.tools, options.out = options.tools.resolve(), options.out.resolve()
    from bench import plots, report, results

    ok = True
    if not options.report_only:
        if not (options.tools / "mqa-compile").exists():
            print(f"error: expected mqa-compile in --tools, got {options.tools}")
            return 2
        results.clear(options.out)
        before = results.load_average()
        ok = run_workers(options)
        results.gather(options, before)
    found = results.read(options.out)
    drawn = plots.draw(found, options.out)
    print(report.text(found))
    if isinstance(drawn, str):
        print(f"no plots: {drawn}")
    if options.docs:
        report.write_docs(ROOT, options.out, found)
    return 0 if ok else 1


if __name__ == "__main__":
    enter_environment()
    sys.path.insert(0, str(HERE))
    sys.exit(main())
