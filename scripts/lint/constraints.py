#!/usr/bin/env python3
"""Every constraint of docs/Spec.md is in the sources and in a negative test.

`ATTENTION_C3` stands in docs/Spec.md, in a comment of the ODS or the verifier
("ATTENTION_C4 to C6" and "ATTENTION_C7, C8" name all of theirs), and in a test
function `@attention_c3` or `@attention_c3_<variant>` (a comment with the label
where there is no function). The reverse holds too.

Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""

import re

import common


def labels(text):
    """The labels that a text names, ranges and lists included."""
    found = set()
    for match in re.finditer(r"\b([A-Z]+(?:_[A-Z]+)*)_C(\d+)((?:(?:,| to| and)\s+(?:///?\s+)?C\d+)*)", text):
        op, last = match[1], int(match[2])
        found.add((op, last))
        for word, number in re.findall(r"(,|to|and)\s+(?:///?\s+)?C(\d+)", match[3]):
            first, last = last, int(number)
            found |= {(op, n) for n in (range(first, last + 1) if word == "to" else [last])}
    for op, first, last in re.findall(r"\b([A-Z]+(?:_[A-Z]+)*)_C(\d+)`? to `?\1_C(\d+)", text):
        found |= {(op, n) for n in range(int(first), int(last) + 1)}
    return found


spec = common.ROOT / "docs/Spec.md"
wanted = labels(spec.read_text()) if spec.exists() else set()
source, tested = set(), set()
for path in common.files("include/mqa/Dialect", "lib/Dialect", suffixes=[".td", ".h", ".cpp"]):
    source |= labels(path.read_text())
for path in common.files("test/Dialect", suffixes=[".mlir"]):
    text = path.read_text()
    tested |= labels(text)
    tested |= {(op.upper(), int(n)) for op, n in re.findall(r"@([a-z_]+?)_c(\d+)(?:_\w+)?\b", text)}
problems = [] if wanted else ["docs/Spec.md: expected constraints, found none"]
for op, n in sorted(wanted | source | tested):
    name = f"{op}_C{n}"
    for place, there in (("docs/Spec.md", wanted), ("the ODS or the verifier", source),
                         ("a negative test in test/Dialect", tested)):
        if (op, n) not in there:
            problems.append(f"{name}: expected it in {place}")
print(f"{len(wanted)} constraints")
common.finish("constraints", problems)
