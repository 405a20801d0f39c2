#!/usr/bin/env python3
# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The bits of a result depend on neither the threads nor the batch.

Every case runs as one batch of three with one, two and five threads, twice
each, and as three batches of one; all outputs have to be equal bit by bit.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

BATCH = 3
THREADS = (1, 2, 5)

MODULE = """
#q = affine_map<(b, h, m, n, d, e) -> (b, h, m, d)>
#k = affine_map<(b, h, m, n, d, e) -> (b, n, d)>
#v = affine_map<(b, h, m, n, d, e) -> (b, n, e)>
#o = affine_map<(b, h, m, n, d, e) -> (b, h, m, e)>
#l = affine_map<(b, h, m, n, d, e) -> (b)>
func.func @attention(%q: tensor<{q}>, %k: tensor<{kv}>, %v: tensor<{kv}>,
                     %length: tensor<?xindex>, %init: tensor<{q}>) -> tensor<{q}> {{
  %o = mqa.attention {{indexing_maps = [#q, #k, #v, #l, #o], scale = 0.25 : f32}}
         ins(%q, %k, %v, %length : tensor<{q}>, tensor<{kv}>, tensor<{kv}>, tensor<?xindex>)
         outs(%init : tensor<{q}>)
         mask {{
         ^bb0(%len: index, %b: index, %h: index, %m: index, %n: index):
           %offset = arith.constant {offset} : index
           %position = arith.addi %m, %offset : index
           %causal = arith.cmpi sle, %n, %position : index
           %there = arith.cmpi slt, %n, %len : index
           %keep = arith.andi %causal, %there : i1
           mqa.yield %keep : i1
         }} -> tensor<{q}>
  return %o : tensor<{q}>
}}
"""


@dataclass(frozen=True)
class Case:
    """Sizes, element type and pinned schedule of one case."""

    heads: int
    rows: int
    keys: int
    depth: int
    dtype: str = "f32"
    schedule: str = ""

    def text(self) -> str:
        """The module, with a dynamic batch."""
        tail = f"{self.depth}x{self.dtype}"
        return MODULE.format(
            q=f"?x{self.heads}x{self.rows}x{tail}",
            kv=f"?x{self.keys}x{tail}",
            offset=self.keys - self.rows,
        )

    def inputs(self, rng: np.random.Generator) -> list[np.ndarray]:
        """Q, K, V and the lengths of a batch."""
        kind = np.float16 if self.dtype == "f16" else np.float32
        q = (BATCH, self.heads, self.rows, self.depth)
        kv = (BATCH, self.keys, self.depth)
        floats = [rng.standard_normal(s).astype(kind) for s in (q, kv, kv)]
        lengths = rng.integers(self.keys // 2, self.keys + 1, BATCH)
        return [*floats, lengths.astype(np.int64)]


CASES = [
    Case(heads=32, rows=1, keys=3001, depth=64),
    Case(heads=8, rows=1, keys=5000, depth=128, dtype="f16"),
    Case(heads=7, rows=3, keys=777, depth=40, schedule="split-keys=256,key-block=64"),
    Case(heads=5, rows=130, keys=333, depth=64),
    Case(heads=3, rows=70, keys=333, depth=32, schedule="split-keys=128,key-block=64"),
]


def run(tools: Path, folder: Path, case: Case, arrays: list[np.ndarray], threads: int) -> bytes:
    """The bytes of the output."""
    command = [str(tools / "mqa-run"), str(folder / "in.mlir"), f"--threads={threads}"]
    for number, array in enumerate(arrays):
        path = folder / f"arg{number}.npy"
        np.save(path, array)
        command.append(f"--arg={path}")
    if case.schedule:
        command.append(f"--schedule={case.schedule}")
    subprocess.run([*command, f"--out={folder / 'out.npy'}"], check=True)
    out = np.load(folder / "out.npy")
    assert np.isfinite(out.astype(np.float64)).all() and np.any(out), "no result"
    return out.tobytes()


def check(tools: Path, folder: Path, case: Case) -> list[str]:
    """What differs."""
    (folder / "in.mlir").write_text(case.text())
    arrays = case.inputs(np.random.default_rng(7))
    want = run(tools, folder, case, arrays, threads=1)
    problems = []
    for threads, _ in itertools.product(THREADS, range(2)):
        if run(tools, folder, case, arrays, threads) != want:
            problems.append(f"{threads} threads differ from one")
    alone = [
        run(tools, folder, case, [a[b : b + 1] for a in arrays], threads=2)
        for b in range(BATCH)
    ]
    if b"".join(alone) != want:
        problems.append("batches of one differ from a batch of three")
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--tools",
        type=Path,
        default=os.environ.get("MQA_TOOLS_DIR"),
        help="folder of mqa-run (default: $MQA_TOOLS_DIR)",
    )
    tools = parser.parse_args().tools
    if tools is None:
        parser.error("expected --tools or MQA_TOOLS_DIR")
    failed = 0
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            problems = check(Path(tools), Path(folder), case)
        failed += bool(problems)
        print(f"{case}: {', '.join(problems) or 'equal'}")
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
