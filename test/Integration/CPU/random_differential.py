# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random differential test: fused code, C++ reference, NumPy reference.

Target check-mqa-random. By hand, for any count:
  python3 test/Integration/CPU/random_differential.py --tools=build/bin \
    --seed=1 --count=1000
Case I of a run is the case of seed SEED + I: a failure prints its own seed.
"""

from __future__ import annotations

import argparse
import itertools
import time

from draw import draw
from harness import add_options, run_all


def main() -> int:
    """Runs until count or time are used up; exit code as in grid.py."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--seed", type=int, help="default: from the clock")
    parser.add_argument("--count", type=int, help="cases, at most")
    parser.add_argument("--seconds", type=float, help="time, at most")
    options = parser.parse_args()
    seed, count = options.seed, options.count
    if seed is None:
        seed = int(time.time()) * 1000
    if count is None and options.seconds is None:
        count = 50
    if count is None:
        count = int(options.seconds * 20) + 1
    print(f"first seed {seed}", flush=True)
    cases = (draw(seed + i) for i in itertools.islice(itertools.count(), count))
    return run_all(
        cases,
        options,
        lambda case: (
            f"again: random_differential.py --seed={case.seed} --count=1\n"
            f"  {case.attention!r}, split={case.split}"
        ),
        options.seconds,
    )


if __name__ == "__main__":
    raise SystemExit(main())
