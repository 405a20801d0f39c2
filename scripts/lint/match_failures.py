#!/usr/bin/env python3
"""Every rejection speaks: reasons against silent `return failure()`.

A silent one is a bare `return failure();` that does not forward a failure of
the lines above it. There must be at least four reasons for each.

Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""

import re

import common

RATIO = 4
reasons, silent = 0, []
for path in common.files(
    "lib/Dialect", "lib/Conversion", "lib/CodeGen", "lib/Schedule", "lib/Pipelines",
    suffixes=[".cpp"],
):
    lines = path.read_text().splitlines()
    for number, line in enumerate(lines):
        reasons += len(re.findall(r"notifyMatchFailure|emitOpError|emitError\(", line))
        if not re.search(r"return failure\(\);", line):
            continue
        above = "\n".join(lines[max(0, number - 4) : number + 1])
        if not re.search(r"failed\(|Failure\(|Error|succeeded\(|emit", above):
            silent.append(f"{common.rel(path)}:{number + 1}: failure without a reason")
print(f"{reasons} reasons, {len(silent)} silent failures")
common.finish("match failures", silent if reasons < RATIO * len(silent) else [])
