# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Value tests over the generated grid.

Run by hand: python3 test/Integration/CPU/grid.py --tools=build/bin
Options: --list, --only=WORD (cases whose name holds WORD), --keep=FOLDER.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import grid_caches
import grid_regions
import grid_shapes
from harness import Case, add_options, run_all
from mqa import Attention


def grid() -> list[Case]:
    """All cases."""
    found: list[Case] = []
    for group in (
        grid_shapes.sharing,
        grid_shapes.layouts,
        grid_shapes.head_sizes,
        grid_shapes.sizes,
        grid_shapes.types,
        grid_shapes.memrefs,
        grid_regions.masks,
        grid_regions.broadcasts,
        grid_regions.scores,
        grid_regions.sinks,
        grid_regions.states,
        grid_regions.numerics,
        grid_regions.combined,
        grid_caches.pages,
        grid_caches.garbage,
        grid_caches.quantised,
        grid_caches.quantised_pages,
    ):
        for name, value in group():
            if isinstance(value, Attention):
                value = Case(name, value)
            name = f"{group.__name__}-{name}"
            found.append(replace(value, name=name, seed=len(found)))
    names = [case.name for case in found]
    assert len(set(names)) == len(names), "names of cases must differ"
    return found


def main() -> int:
    """Runs the grid; exit code 0 if all is right, 1 if not, 2 without tool."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--only", default="", help="cases that hold this word")
    parser.add_argument("--list", action="store_true", help="names only")
    options = parser.parse_args()
    cases = [case for case in grid() if options.only in case.name]
    if options.list:
        print("\n".join(case.name for case in cases))
        return 0
    return run_all(
        cases, options, lambda case: f"again: grid.py --only={case.name}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
