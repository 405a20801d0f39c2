# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles kernels over head sizes, masks, types and chips and assembles them.

Fails on any spill or stack frame, on warnings, and on more registers than the
limit of the head size. The limits are what was measured, and a little more.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "python"))

from mqa import Attention, CausalBottomRight, render

LIMITS = {64: 136, 80: 176, 96: 184, 128: 200, 256: 255}
CHIPS = ("sm_80", "sm_90", "sm_90a", "sm_120")
# With warpgroups, which divide the registers anew.
WARPGROUP_LIMIT = 224


def cases():
    """Names, attentions and the head sizes of the limits."""
    for size in LIMITS:
        dims = f"h=8 m=?500 n=?900 d={size} e={size}"
        axes = {"q": "hmd", "k": "nd", "v": "ne", "o": "hme"}
        decode = f"h=32 n=?9000 d={size} e={size}"
        flat = {"q": "hd", "k": "nd", "v": "ne", "o": "he"}
        for dtype in ("f16", "bf16"):
            rest = {"dtype": dtype, "scale": size**-0.5}
            yield "full", Attention.of(dims, **axes, **rest), size
            yield "decode", Attention.of(decode, **flat, **rest), size
            rest["mask"] = CausalBottomRight()
            yield "causal", Attention.of(dims, **axes, **rest), size


def assemble(tools: str, folder: Path, text: str, chip: str) -> str:
    """What `ptxas -v` says, or an error."""
    source, ptx = folder / "case.mlir", folder / "case.ptx"
    source.write_text(text)
    command = [f"{tools}/mqa-compile", source, f"--target={chip}", "-o", ptx]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return "error: " + done.stderr
    command = ["ptxas", "-v", f"-arch={chip}", ptx, "-o", folder / "case.cubin"]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout + done.stderr


def problems(report: str, limit: int) -> list[str]:
    """What is wrong with a report."""
    if "error" in report or "Used" not in report:
        return [report.strip()[:300]]
    found = []
    for line in report.splitlines():
        numbers = re.search(r"(\d+) bytes stack frame, (\d+) bytes spill", line)
        if numbers and (numbers[1], numbers[2]) != ("0", "0"):
            found.append(line.strip())
        used = re.search(r"Used (\d+) registers", line)
        if used and int(used[1]) > limit:
            found.append(f"expected {limit} registers at most, got {used[1]}")
        # C75..: products of warpgroups that are serialized.
        if "warning" in line.lower() or "(C75" in line:
            found.append(line.strip())
    return found


def main() -> int:
    """Prints failures and the count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tools", default=os.environ.get("MQA_TOOLS_DIR"))
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    count = failed = 0
    with tempfile.TemporaryDirectory() as name:
        for what, attention, size in cases():
            for chip in CHIPS:
                text = render(attention)
                report = assemble(options.tools, Path(name), text, chip)
                limit = WARPGROUP_LIMIT if chip == "sm_90a" else LIMITS[size]
                wrong = problems(report, limit)
                count, failed = count + 1, failed + bool(wrong)
                title = f"{what} {attention.dtype} {size} {chip}"
                if wrong:
                    print(f"FAILED {title}: " + "; ".join(wrong))
                if options.verbose:
                    used = re.findall(r"Used (\d+) registers", report)
                    print(title, *used)
    print(f"{count} kernels, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
