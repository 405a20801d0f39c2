#!/usr/bin/env python3
"""Checks the format of our C and C++ (LLVM style, TableGen excluded); -f repairs.

Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""

import shutil
import sys

import common

tool = shutil.which("clang-format-22") or "/usr/lib/llvm-22/bin/clang-format"
sources = [
    str(path)
    for path in common.files(
        "include", "lib", "tools", "unittests", "examples", "test",
        "benchmarks/bench",
        suffixes=[".h", ".cpp", ".c"],
    )
]
if "-f" in sys.argv[1:]:
    common.run(tool, "-i", *sources)
result = common.run(tool, "--dry-run", "-Werror", *sources)
unformatted = {line.split(":")[0] for line in result.stderr.splitlines() if "error:" in line}
problems = [f"{common.rel(path)}: not formatted" for path in sorted(unformatted)]
common.finish("format", problems, fix="scripts/lint/format.py -f")
