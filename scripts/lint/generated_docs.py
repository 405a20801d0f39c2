#!/usr/bin/env python3
"""docs/generated is what the TableGen files say; -f writes it.

--build=DIR names the build directory (build).

Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""

import sys

import common

FIX = "ninja -C build mqa-doc"
build = common.ROOT / "build"
for argument in sys.argv[1:]:
    if argument.startswith("--build="):
        build = (common.ROOT / argument.split("=", 1)[1]).resolve()
if not (build / "build.ninja").exists():
    common.finish("generated docs", [f"expected a build in {build}, found none"], fix="cmake --preset default")
made = common.run("ninja", "-C", str(build), "mlir-doc")
if made.returncode:
    common.finish("generated docs", [made.stdout])
target = common.ROOT / "docs/generated"
fresh = {path.name: path.read_text() for path in (build / "docs/generated").glob("*.md")}
if "-f" in sys.argv[1:]:
    target.mkdir(parents=True, exist_ok=True)
    for name, text in fresh.items():
        (target / name).write_text(text)
    for path in target.glob("*.md"):
        if path.name not in fresh:
            path.unlink()
there = {path.name: path.read_text() for path in target.glob("*.md")}
problems = [f"docs/generated/{name}: not fresh" for name in sorted(fresh | there)
            if fresh.get(name) != there.get(name)]
common.finish("generated docs", problems, fix=FIX)
