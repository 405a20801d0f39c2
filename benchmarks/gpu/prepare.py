#!/usr/bin/env python3
"""Compiles the attentions that run.py checks and measures on a GPU.

    benchmarks/gpu/prepare.py --out=gpu-bench
    gpu-bench/run.py              on the machine with the GPU

Writes MLIR text and a shared library for each case, manifest.json, and copies
of run.py and what it imports: the folder is all that has to travel. Needs no
GPU and no CUDA.

Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gpubench import cases, program

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def parse() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\nPart of")[0],
        formatter_class=argparse.RawTextHelpFormatter,
    )
    add = parser.add_argument
    add("--tools", type=Path, default=ROOT / "build/bin", metavar="DIR",
        help="folder of mqa-compile (default: build/bin)")  # fmt: skip
    add("--out", type=Path, required=True, metavar="DIR",
        help="folder to write")  # fmt: skip
    add("--target", default="sm_90a", metavar="CHIP",
        help="what mqa-compile compiles for (default: %(default)s)")  # fmt: skip
    add("--cases", default="", metavar="REGEX", help="cases with this in the name")
    add("--list", action="store_true", help="print the names, write nothing")
    return parser.parse_args()


def compile_case(case: cases.Case, options: argparse.Namespace) -> dict:
    """Writes the text and the library; the entry in the manifest."""
    source = options.out / f"{case.file}.mlir"
    library = source.with_suffix(".so")
    source.write_text(program.module_text(case))
    done = subprocess.run(
        [options.tools / "mqa-compile", source, f"--target={options.target}",
         "-o", library],
        capture_output=True, text=True,
    )  # fmt: skip
    entry = {
        **case.record(),
        "flops": case.flops,
        "bytes": case.bytes,
        "shapes": case.shapes,
        "file": library.name,
        "entry": program.ENTRY,
        "arguments": list(program.ARGUMENTS),
    }
    if done.returncode != 0:
        entry["error"] = done.stderr.strip() or f"exit status {done.returncode}"
    return entry


def main() -> int:
    """0 if every case was compiled, 1 if not, 2 if nothing could be done."""
    options = parse()
    chosen = [
        case for case in cases.all_cases() if re.search(options.cases, case.name)
    ]
    if not chosen:
        print(f"error: expected a case with '{options.cases}' in its name, got none")
        return 2
    if options.list:
        print("\n".join(case.name for case in chosen))
        return 0
    compiler = options.tools / "mqa-compile"
    if not compiler.exists():
        print(f"error: expected mqa-compile in --tools, got {options.tools}")
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    version = subprocess.run([compiler, "--version"], capture_output=True, text=True)
    small = {case.small().name: case.small() for case in chosen}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(
            pool.map(lambda case: compile_case(case, options),
                     [*small.values(), *chosen])
        )  # fmt: skip
    manifest = {
        "target": options.target,
        "compiler": version.stdout.strip(),
        "small": found[: len(small)],
        "cases": found[len(small) :],
    }
    for entry, case in zip(manifest["cases"], chosen):
        entry["small"] = case.small().name
    (options.out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    if options.out.resolve() != HERE:
        shutil.copy(HERE / "run.py", options.out)
        shutil.copytree(HERE / "gpubench", options.out / "gpubench",
                        dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
    failed = [entry for entry in found if "error" in entry]
    for entry in failed:
        print(f"{entry['name']}: {entry['error']}")
    print(f"{len(found) - len(failed)} compiled, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
