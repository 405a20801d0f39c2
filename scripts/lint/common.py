"""What the lint scripts share: the tree and the way to complain.

Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = {".git", ".venv", "__pycache__", ".cache", ".pytest_cache"}


def files(*folders, suffixes):
    """The files of the tree below `folders` with one of `suffixes`, sorted."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            parts = path.relative_to(ROOT).parts
            if parts[0].startswith("build") or SKIPPED & set(parts):
                continue
            if path.is_file() and path.name.endswith(tuple(suffixes)):
                yield path


def rel(path):
    return str(pathlib.Path(path).relative_to(ROOT))


class Pass:
    """One pass as its Passes.td declares it."""

    def __init__(self, td, record, flag, body):
        self.td, self.record, self.flag, self.body = td, record, flag, body
        self.area = td.parent.relative_to(ROOT / "include/mqa")

    @property
    def where(self):
        return f"{rel(self.td)}: {self.record}"

    @property
    def name(self):
        """Record without its ending, which names the source file."""
        return self.record.removesuffix("Pass")


def passes():
    """Every pass of every Passes.td."""
    for td in files("include/mqa", suffixes=["Passes.td"]):
        text = td.read_text()
        starts = list(re.finditer(r'^def (\w+)\s*:\s*\w*Pass<\s*"([^"]+)"', text, re.M))
        for i, start in enumerate(starts):
            end = starts[i + 1].start() if i + 1 < len(starts) else len(text)
            yield Pass(td, start[1], start[2], text[start.start() : end])


def run(*command, cwd=ROOT):
    return subprocess.run(command, cwd=cwd, text=True, capture_output=True)


def finish(name, problems, fix=None):
    """Prints the problems and ends the script."""
    for problem in problems:
        print(problem)
    if problems and fix:
        print(f"to repair: {fix}")
    print(f"{name}: {len(problems)} problem(s)" if problems else f"{name}: fine")
    sys.exit(bool(problems))
