#!/usr/bin/env python3
# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Breaks the mask analysis in known ways; the unit tests must notice each.

    ninja -C build MaskAnalysisTests
    python3 test/mutate/mutate_mask_analysis.py --build=build [--only=WORD]

Nothing in the tree is changed: a mutated source is compiled on its own and
linked before the library. Takes about half a minute per mutant, most of it
compilation. A mutant whose text is not found once has to be rewritten.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ROOT / "lib/Analysis/Mask"
TESTS = "Masks/Library*:Seeds/*"

# What it is, file, text, replacement.
MUTANTS = [
    (
        "corners of the box swapped",
        "BoxQuery.cpp",
        "(upper ? rows.last : rows.first)[term.dim]",
        "(upper ? rows.first : rows.last)[term.dim]",
    ),
    (
        "guard never false",
        "BoxQuery.cpp",
        "return out.all(checks);",
        "return out.truth(true);",
    ),
    (
        "emitted arithmetic may wrap",
        "BoundBuilder.cpp",
        """  if (failed || !isIndex(range)) {
    failed = true;
    return constant(0);
  }
  if (range.lo == range.hi)
    return constant(range.lo);
  return {emit(""",
        """  if (failed) {
    failed = true;
    return constant(0);
  }
  if (range.lo == range.hi)
    return constant(range.lo);
  return {emit(""",
    ),
    (
        "arithmetic of the region never wraps",
        "MaskAbstraction.cpp",
        "if (made.number && !fits(*made.number, op))",
        "if (false && made.number && !fits(*made.number, op))",
    ),
    (
        "last live key dropped (inverse off by one)",
        "LiveRanges.cpp",
        "bound = query.getEnd(x.plus(LinearForm::of(factor)), may);",
        "bound = query.getEnd(x.plus(LinearForm::of(factor - 1)), may);",
    ),
    (
        "first live key dropped (inverse off by one)",
        "LiveRanges.cpp",
        "x.negated().plus(LinearForm::of(factor - 1))",
        "x.negated().plus(LinearForm::of(factor))",
    ),
    (
        "end of a block off by one",
        "BoxQuery.cpp",
        "lastKey = out.subtract(out.known(keys->end, range), out.constant(1));",
        "lastKey = out.subtract(out.known(keys->end, range), out.constant(2));",
    ),
    (
        "unsigned comparison as a signed one",
        "MaskAbstraction.cpp",
        """  return choice(*bSign, conjunction({*aSign, *less}),
                disjunction({*aSign, *less}));""",
        "  return less;",
    ),
    (
        "truncating division as floor",
        "NumberAbstraction.cpp",
        "if (isNonNegative(x) || !forward)",
        "if (true || isNonNegative(x) || !forward)",
    ),
    (
        "remainders of different quotients",
        "BoxQuery.cpp",
        "return out.select(out.lessEqual(highest, lowest), rest, other);",
        "return rest;",
    ),
    (
        "full hull of ranges that do not touch",
        "LiveRanges.cpp",
        "return out.select(touch, merged, out.select(first, x, y));",
        "return merged;",
    ),
    (
        "live ranges lose one of three",
        "LiveRanges.cpp",
        "quantifier == Quantifier::Must ? mergeFull(a, b)",
        "quantifier == Quantifier::Must || true ? mergeFull(a, b)",
    ),
    (
        "witness outside of the keys",
        "LiveRows.cpp",
        "if (!(form == zero) && !(form == last))",
        "if (false && !(form == zero) && !(form == last))",
    ),
    (
        "rows live without a key",
        "LiveRows.cpp",
        "return out.all({out.any(tests), someKey, query.getGuard()});",
        "return out.all({out.any(tests), query.getGuard()});",
    ),
    (
        "choice is full if one side is",
        "BoxQuery.cpp",
        "return out.all({out.any({notC, a}), out.any({c, b})});",
        "return out.any({a, b});",
    ),
]


def compile_commands(build):
    """The shell command of each source of the analysis."""
    entries = json.loads((build / "compile_commands.json").read_text())
    return {pathlib.Path(e["file"]).name: e["command"] for e in entries
            if pathlib.Path(e["file"]).parent == SOURCES}


def link(build, objects, program):
    """Links the tests, with `objects` before the libraries."""
    done = subprocess.run(["ninja", "-t", "commands", "MaskAnalysisTests"],
                          cwd=build, text=True, capture_output=True, check=True)
    command = done.stdout.strip().splitlines()[-1]
    built = "-o unittests/Analysis/MaskAnalysisTests"
    assert built in command, command
    extra = " ".join(map(shlex.quote, objects))
    command = command.replace(built, f"{extra} -o {shlex.quote(program)}")
    subprocess.run(command, shell=True, cwd=build, check=True)


def compile_mutant(build, command, name, text, folder):
    """Compiles `text`, which stands for the source `name`, to an object."""
    source, target = folder / name, folder / (name + ".o")
    source.write_text(text)
    words = shlex.split(command)
    words[words.index("-o") + 1] = str(target)
    words[words.index("-c") + 1] = str(source)
    words += ["-iquote", str(SOURCES), "-w"]
    subprocess.run(words, cwd=build, check=True)
    return str(target)


def first_complaint(output):
    """The first line that says what was expected."""
    for line in output.splitlines():
        if "expected" in line or "failed:" in line:
            return line.strip()
    return output.strip().splitlines()[-1] if output.strip() else "crash"


def run(program):
    """Whether the tests pass, and what they say."""
    env = dict(os.environ, GTEST_FAIL_FAST="1")
    done = subprocess.run([program, f"--gtest_filter={TESTS}"], env=env,
                          text=True, capture_output=True)
    return done.returncode == 0, done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    build = args.build.resolve()
    commands, missed = compile_commands(build), []
    for what, name, old, new in MUTANTS:
        if args.only not in what:
            continue
        text = (SOURCES / name).read_text()
        if text.count(old) != 1:
            print(f"STALE  {what}: the text is {text.count(old)} times in {name}")
            missed.append(what)
            continue
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            mutant = compile_mutant(build, commands[name], name,
                                    text.replace(old, new), folder)
            program = str(folder / "MutantTests")
            link(build, [mutant], program)
            passed, output = run(program)
        if passed:
            missed.append(what)
        verdict = "MISSED" if passed else "caught"
        said = "" if passed else f": {first_complaint(output)}"
        print(f"{verdict} {what}{said}", flush=True)
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
