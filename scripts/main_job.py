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


def table(fused, naive):
    """The rows of the table, as text."""
    def row(name, seconds, gflops, peak, ratio):
        return f"{name:<24}{seconds:>12}{gflops:>12}{peak:>16}{ratio:>12}"

    speedup = naive["min_s"] / fused["min_s"]
    rows = [row("", "seconds", "GFLOP/s", "part of peak", "speed-up")]
    for name, run, ratio in (("naive lowering, -O3", naive, 1.0), ("mqa, fused", fused, speedup)):
        rows.append(row(name, f"{run['min_s']:.4f}", f"{run['gflops']:.1f}",
                        f"{run['gflops'] / fused['peak_gflops']:.3f}", f"{ratio:.1f}x"))
    peak = f"{fused['peak_gflops']:.1f}"
    rows.append(row(f"peak, {fused['threads']} thread(s)", "", peak, "1.000", ""))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tools", default=str(ROOT / "build/bin"), help="folder of mqa-run")
    parser.add_argument("--example", default=str(ROOT / "examples/starcoder.mlir"))
    options = parser.parse_args()
    tool = pathlib.Path(options.tools) / "mqa-run"
    if not tool.exists():
        sys.exit(f"error: expected mqa-run in {options.tools}, found none")
    example = pathlib.Path(options.example)

    fused = mqa_run(tool, example, "--check", "--bench=json")
    naive = mqa_run(tool, example, "--reference", "--bench=json", "--repeats=1", "--warmup=0")
    for line in fused[:-1]:
        print(line)
    print()
    print(*table(json.loads(fused[-1]), json.loads(naive[-1])), sep="\n")


if __name__ == "__main__":
    main()
