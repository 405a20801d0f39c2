#!/usr/bin/env python3
"""The size stops of files, functions and mains.

A file may go over when it says so: a line with `lint: long because <reason>`.

Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""

import re

import common

STOPS = {".cpp": 600, ".h": 600, ".c": 600, ".td": 600, ".mlir": 250, ".test": 250,
         ".py": 350, "CMakeLists.txt": 50}
FUNCTION_STOP, MAIN_STOP = 80, 60
EXCUSE = re.compile(r"lint: long because \S+")


def functions(lines):
    """(first line, length) of each function that clang-format laid out.

    Outside of functions every block opens with a word that says so; its members
    are not indented in a namespace and by two in a class.
    """
    start = None
    for number, line in enumerate(lines):
        if start is not None:
            if line.startswith(indent + "}"):
                yield start + 1, number - start + 1
                start = None
        elif line.endswith("{"):
            first = number  # of the declaration, which may take several lines
            while first and re.match(r"    |$", lines[first]):
                first -= 1
            if not re.match(r" *(namespace|struct|class|enum|extern|union|template .*(class|struct)|#|//)", lines[first]):
                start, indent = first, re.match(r" *", lines[first])[0]


problems = []
folders = ["include", "lib", "tools", "unittests", "test", "python", "scripts",
           "examples", "cmake", "benchmarks/bench"]
for path in common.files(*folders, suffixes=STOPS):
    text = path.read_text()
    lines, name = text.splitlines(), common.rel(path)
    if EXCUSE.search(text):
        continue
    stop = next(n for suffix, n in STOPS.items() if path.name.endswith(suffix))
    if name.startswith("tools/") and re.search(r"^int main\(", text, re.M):
        stop = MAIN_STOP
    if len(lines) > stop:
        problems.append(f"{name}: expected at most {stop} lines, got {len(lines)}")
    if path.suffix in (".cpp", ".c", ".h"):
        for line, length in functions(lines):
            if length > FUNCTION_STOP:
                problems.append(f"{name}:{line}: expected a function of at most "
                                f"{FUNCTION_STOP} lines, got {length}")
common.finish("file sizes", problems)
