#!/usr/bin/env python3
"""The numbered list of each stage in docs/Pipelines.md names its passes, in order.

--build=DIR names the build directory (build); without an mqa-opt there, nothing is
compared.

Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""

import re
import sys

import common


def passes_of(tool, stage):
    """The passes that the stage `stage` runs."""
    done = common.run(str(tool), f"--{stage}", "--dump-pass-pipeline",
                      str(common.ROOT / "test/Examples/two-query.mlir"))
    dump = done.stderr.split("\n\n")[0]
    for _ in range(2):  # options may hold lists in braces
        dump = re.sub(r"\{[^{}]*\}", "", dump)
    return re.findall(r"^ +([a-z0-9-]+),?$", dump, re.M)


def main():
    build = common.ROOT / "build"
    for argument in sys.argv[1:]:
        if argument.startswith("--build="):
            build = (common.ROOT / argument.split("=", 1)[1]).resolve()
    tool = build / "bin/mqa-opt"
    if not tool.exists():
        print(f"no mqa-opt in {build}/bin: the stages of docs/Pipelines.md are not compared")
        common.finish("pipeline docs", [])
    text = (common.ROOT / "docs/Pipelines.md").read_text()
    problems = []
    sections = re.findall(r"^## Stage \d+: `([\w-]+)`\n(.*?)(?=^## )", text, re.M | re.S)
    for stage, body in sections:
        items = re.findall(r"^\d+\. .*(?:\n +.*)*", body, re.M)
        named = re.findall(r"`([a-z0-9-]+)`", "\n".join(items))
        run = passes_of(tool, stage)
        if named != run:
            problems.append(f"docs/Pipelines.md: {stage}: expected {', '.join(run)}; "
                            f"got {', '.join(named)}")
    if not sections:
        problems.append("docs/Pipelines.md: expected headings of stages, found none")
    common.finish("pipeline docs", problems)


main()
