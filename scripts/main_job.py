#!/usr/bin/env python3
"""The main job: compile, check and measure the attention layer of StarCoder.

Runs examples/starcoder.mlir (48 query heads, one key/value head, depth 128,
causal, 2048 tokens) through mqa-run and prints one table: the fused code beside
this machine's peak and beside the naive lowering (`convert-mqa-to-linalg` and
loops at -O3).

Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""

import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]


def mqa_run(tool, example, *flags):
    """The output of one mqa-run; its failure ends the script."""
    command = [str(tool), str(example), "--random=1", *flags]
    print("$", " ".join(command), flush=True)
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE)
    if done.returncode:
        print(done.stdout, end="")
        sys.exit(f"error: exit code {done.returncode} of mqa-run")
    return done.stdout.strip().splitlines()


def table(run):
    """The rows of the table, as text."""
    def row(name, seconds, gflops, peak, ratio):
        return f"{name:<24}{seconds:>12}{gflops:>12}{peak:>16}{ratio:>12}"

    peak = run["peak_gflops"]
    return [
        row("", "seconds", "GFLOP/s", "part of peak", "speed-up"),
        row("naive lowering, -O3", f"{run['naive_s']:.3f}", f"{run['naive_gflops']:.1f}",
            f"{run['naive_gflops'] / peak:.4f}", "1.0x"),
        row("mqa, fused", f"{run['min_s']:.3f}", f"{run['gflops']:.1f}",
            f"{run['gflops'] / peak:.4f}", f"{run['naive_s'] / run['min_s']:.1f}x"),
        row(f"peak of {run['threads']} thread(s)", "", f"{peak:.1f}", "1.0000", ""),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tools", default=str(ROOT / "build/bin"), help="folder of mqa-run")
    parser.add_argument("--example", default=str(ROOT / "examples/starcoder.mlir"))
    options = parser.parse_args()
    tool = pathlib.Path(options.tools) / "mqa-run"
    if not tool.exists():
        sys.exit(f"error: expected mqa-run in {options.tools}, found none")
    print("(the reference that it is checked against takes a minute)", flush=True)
    *lines, last = mqa_run(tool, options.example, "--check", "--bench=json")
    print(*lines, "", *table(json.loads(last)), sep="\n")


if __name__ == "__main__":
    main()
