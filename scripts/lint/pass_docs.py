#!/usr/bin/env python3
"""Every pass shows IR before and after, and says what it requires.

Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""

import re

import common

problems = []
for p in common.passes():
    if not re.search(r"let summary = \"[^\"]+\"", p.body):
        problems.append(f"{p.where}: expected a summary")
    for word in ("Before", "After", "Requires"):
        if not re.search(rf"\b{word}\b[^\n]*:", p.body):
            problems.append(f"{p.where}: expected '{word}:' in its description")
    for option in re.findall(r"Option<[^;]*?>", p.body, re.S):
        strings = re.findall(r'"((?:[^"\\]|\\.)*)"', option)
        if len(strings) < 4 or not strings[-1]:
            problems.append(f"{p.where}: expected a description of option {strings[0] if strings else option}")
common.finish("pass docs", problems)
