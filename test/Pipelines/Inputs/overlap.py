# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How much of the softmax runs while products of warpgroups are in flight.

Compiles kernels for sm_90a, disassembles them with nvdisasm and counts the
exponentials of the main loop: those between the wait for the scores (one group
may be pending) and the wait for the output (none may) overlap with the product
of the output. Fails on less than 0.9 of them.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import tempfile
from pathlib import Path

from ptxas import Attention, CausalBottomRight, render

LEAST = 0.9


def disassemble(tools: str, folder: Path, attention: Attention) -> list[str]:
    """The instructions of the kernel, and its labels."""
    source, cubin = folder / "case.mlir", folder / "case.cubin"
    source.write_text(render(attention))
    subprocess.run(
        [f"{tools}/mqa-compile", source, "--target=sm_90a", "-o", cubin], check=True
    )
    text = subprocess.run(
        ["nvdisasm", "-c", cubin], check=True, capture_output=True, text=True
    ).stdout
    found = re.findall(r"^\s*(\.L_\w+):|^\s+/\*[0-9a-f]+\*/\s+(.*?)\s*;", text, re.M)
    return [f"{label}:" if label else code for label, code in found]


def loop_around(code: list[str], place: int) -> tuple[int, int]:
    """The smallest range of a backward branch that has `place`."""
    labels = {line[:-1]: i for i, line in enumerate(code) if line.endswith(":")}
    loops = []
    for i, line in enumerate(code):
        target = re.search(r"BRA.*`\((\.L_\w+)\)", line)
        begin = labels.get(target[1], i + 1) if target else i + 1
        if begin <= place <= i:
            loops.append((begin, i))
    return min(loops, key=lambda loop: loop[1] - loop[0])


def overlap(code: list[str]) -> tuple[int, int]:
    """Exponentials of the main loop under products, and all of them."""

    def waits(pending: int) -> list[int]:
        return [i for i, line in enumerate(code) if f"gsb0, 0x{pending}" in line]

    def count(begin: int, end: int) -> int:
        return sum("MUFU.EX2" in line for line in code[begin:end])

    first = waits(1)[0]
    last = min(i for i in waits(0) if i > first)
    return count(first, last), count(*loop_around(code, first))


def main() -> int:
    """Prints a line for each kernel."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tools", default=os.environ.get("MQA_TOOLS_DIR"))
    options = parser.parse_args()
    failed = 0
    axes = {"q": "hmd", "k": "nd", "v": "ne", "o": "hme"}
    for size in (64, 80, 96, 128, 256):
        dims = f"h=8 m=?500 n=?900 d={size} e={size}"
        for mask in (None, CausalBottomRight()):
            rest = {"dtype": "bf16", "scale": size**-0.5}
            if mask:
                rest["mask"] = mask
            attention = Attention.of(dims, **axes, **rest)
            with tempfile.TemporaryDirectory() as name:
                under, every = overlap(
                    disassemble(options.tools, Path(name), attention)
                )
            verdict = "passed" if under >= LEAST * every > 0 else "FAILED"
            failed += verdict == "FAILED"
            what = "causal" if mask else "full"
            print(f"{verdict} {what} {size}: {under} of {every} exponentials overlap")
    print(f"{failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
