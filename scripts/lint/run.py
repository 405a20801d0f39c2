#!/usr/bin/env python3
"""Runs every lint script, or those named; -f repairs what can be repaired.

--build=DIR: also checks the generated documentation, which needs a build.

Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""

import pathlib
import subprocess
import sys

folder = pathlib.Path(__file__).parent
names = [a for a in sys.argv[1:] if not a.startswith("-")]
flags = [a for a in sys.argv[1:] if a.startswith("-")]
with_build = any(flag.startswith("--build") for flag in flags)
bad = []
for script in sorted(folder.glob("*.py")):
    name = script.stem
    if name in ("run", "common") or (names and name not in names):
        continue
    if name == "generated_docs" and not with_build:
        continue
    done = subprocess.run([sys.executable, "-B", str(script), *flags])
    if done.returncode:
        bad.append(name)
if bad:
    print("lint failed:", ", ".join(bad))
sys.exit(bool(bad))
