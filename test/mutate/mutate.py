# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Malformed input: mutates the test corpus; no tool may crash on it.

Target check-mqa-mutate. By hand, for any count:
  python3 test/mutate/mutate.py --tools=build/bin --seed=1 --count=10000

A crash is a signal, an exit code from 128 on, a failed assertion, a report of
a sanitizer or 20 seconds without an end. The input of every crash is left in
the folder --failures. Exit code: 0 no crash, 1 a crash, 2 no tools.

A crash inside the attribute and type parser of MLIR itself, which a stock
mlir-opt has too, is printed and does not count.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import itertools
import os
import random
import re
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mutations import TOKEN, mutate

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 20
UPSTREAM = "a crash of MLIR's own parser"
TROUBLE = re.compile(
    r"AddressSanitizer|LeakSanitizer|runtime error:|Assertion `|UNREACHABLE"
    r"|PLEASE submit a bug report|terminate called"
)
FRAME = re.compile(r"^\s*#?\d+ .*$", re.M)
UPSTREAM_PARSER = "mlir::detail::Parser::parse"
OURS = re.compile(r"\bmqa-[a-z]+(\+| +)0x|mlir::mqa::")
# Only programs that cannot leave their memory or their time are executed.
UNSAFE = re.compile(
    r"\?|\b(memref|tensor|linalg|scf|cf|vector|llvm|affine|bufferization)\.\w"
    r"|\bcall\b|arith\.(div|rem|ceildiv|floordiv)|(?<![.\d])[1-9]\d{3,}|memref<"
)
FLAGS = (
    ["--convert-mqa-to-linalg"],
    ["--mqa-to-cpu-pipeline"],
    ["--mqa-promote-to-f64"],
    ["--canonicalize", "--cse"],
    ["--emit-bytecode"],
)


class Corpus:
    """The `.mlir` files: texts without a split, RUN flags and tokens."""

    def __init__(self, folders: list[Path]) -> None:
        """Reads all files under the folders."""
        self.cases: list[tuple[str, str, list[list[str]]]] = []
        words = set()
        for path in sorted(x for f in folders for x in f.rglob("*.mlir")):
            text = path.read_text(errors="surrogateescape")
            flags = _run_flags(text)
            for part in re.split(r"^// -----.*$", text, flags=re.M):
                lines = [x for x in part.split("\n") if "RUN:" not in x]
                code = "\n".join(
                    x for x in lines if not x.lstrip().startswith("//")
                )
                if code.strip() and len(code) < 10000:
                    self.cases.append((path.stem, code, flags))
                    words.update(TOKEN.findall(code))
        self.words = sorted(x for x in words if not x.isspace())


def _run_flags(text: str) -> list[list[str]]:
    """The flags of every mqa-opt of the RUN lines."""
    found = []
    joined = re.sub(r"\\\s*\n//\s*RUN:", " ", text)
    for line in re.findall(r"RUN:(.*)", joined):
        for command in line.split("|"):
            try:
                words = shlex.split(command)
            except ValueError:
                continue
            if "mqa-opt" in words:
                found.append(
                    [
                        x
                        for x in words[words.index("mqa-opt") + 1 :]
                        if x.startswith("-")
                        and not re.search(r"%|verify-diag|split-input", x)
                    ]
                )
    return found


def command_for(
    rng: random.Random,
    text: str,
    flags: list[list[str]],
    tools: Path,
    file: Path,
) -> list[str]:
    """The tool and flags for one input."""
    entry = re.search(r"func\.func\s+(?:\w+\s+)?@(\w+)", text)
    kind = rng.choices(
        ("own", "any", "parse", "compile", "run"), (6, 4, 3, 2, 3)
    )
    opt = [str(tools / "mqa-opt"), str(file)]
    if kind == ["compile"] and (tools / "mqa-compile").exists():
        target = rng.choice((".o", ".ll", ".s"))
        command = [str(tools / "mqa-compile"), str(file), "--target=cpu"]
        return [*command, "-o", str(file.with_suffix(target))]
    if kind == ["run"] and entry and (tools / "mqa-run").exists():
        if not UNSAFE.search(text):
            command = [str(tools / "mqa-run"), str(file), "--random=1"]
            reference = ["--reference"] if rng.random() < 0.4 else []
            return [*command, f"--entry={entry[1]}", *reference]
    if kind == ["any"]:
        return opt + rng.choice(FLAGS)
    if kind == ["own"] and flags:
        return opt + rng.choice(flags)
    return opt


def check(command: list[str]) -> str:
    """Runs the command; an empty text, or what is wrong."""
    environment = dict(os.environ, LLVM_DISABLE_SYMBOLIZATION="1")
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=TIMEOUT,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        return f"no end after {TIMEOUT} s"
    text = done.stderr.decode(errors="replace")
    trouble = TROUBLE.search(text)
    if done.returncode < 0 or done.returncode >= 128 or trouble:
        if "mqa-opt" not in command[0]:  # only mqa-opt prints its stack
            opt = Path(command[0]).with_name("mqa-opt")
            if check([str(opt), command[1]]) == UPSTREAM:
                return UPSTREAM
        elif in_upstream_parser(text):
            return UPSTREAM
        lines = [x for x in text.splitlines() if TROUBLE.search(x)] or [""]
        return f"exit code {done.returncode} {lines[0][:200]}"
    return ""


def in_upstream_parser(text: str) -> bool:
    """Do the innermost frames of the stack, up to ours, parse for MLIR?"""
    # What prints the stack may be a sanitizer's, and linked into our tools.
    _, found, stack = text.partition("PrintStackTrace")
    for frame in FRAME.findall(stack if found else text):
        if UPSTREAM_PARSER in frame:
            return True
        if OURS.search(frame):
            return False
    return False


def run_one(
    seed: int, corpus: Corpus, tools: Path, work: Path, failures: Path
) -> str:
    """One mutated input; an empty text, or the report of a crash."""
    rng = random.Random(seed)
    name, text, flags = rng.choice(corpus.cases)
    text = mutate(rng, text, corpus.words)
    file = work / f"{name}-{seed}.mlir"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    command = command_for(rng, text, flags, tools, file)
    trouble = check(command)
    if trouble:
        failures.mkdir(parents=True, exist_ok=True)
        kept = failures / file.name
        shutil.copy(file, kept)
        shown = shlex.join(command).replace(str(file), str(kept))
        word = "upstream" if trouble == UPSTREAM else "FAILED"
        trouble = f"{word} seed {seed}: {trouble}\n  {shown}"
    for leftover in work.glob(f"{file.stem}.*"):
        leftover.unlink()
    return trouble


def main() -> int:
    """Mutates until count or time are used up."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    tools = os.environ.get("MQA_TOOLS_DIR")
    parser.add_argument("--tools", default=tools, help="folder of mqa-opt")
    parser.add_argument("--seed", type=int, help="default: from the clock")
    parser.add_argument("--count", type=int, help="inputs, at most")
    parser.add_argument("--seconds", type=float, help="time, at most")
    parser.add_argument("--jobs", type=int, default=2, help="at a time")
    parser.add_argument("--corpus", action="append", help="folder, repeatable")
    parser.add_argument("--failures", default="mutate-failures", help="folder")
    options = parser.parse_args()
    if options.tools is None or not Path(options.tools, "mqa-opt").exists():
        print(f"error: expected mqa-opt in --tools, got {options.tools}")
        return 2
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    seed = int(time.time()) * 1000 if options.seed is None else options.seed
    count = options.count
    if count is None and options.seconds is None:
        count = 500
    folders = options.corpus or [ROOT / "test", ROOT / "examples"]
    corpus = Corpus([Path(x) for x in folders])
    print(f"first seed {seed}, {len(corpus.cases)} texts", flush=True)
    start = time.monotonic()
    numbers = itertools.count() if count is None else range(count)
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory(prefix="mqa-mutate-") as work:

        def one(number: int) -> str:
            place, kept = Path(work), Path(options.failures)
            tools = Path(options.tools)
            return run_one(seed + number, corpus, tools, place, kept)

        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            while True:
                chunk = list(itertools.islice(iter(numbers), 64))
                if count is not None:
                    numbers = numbers[64:]
                for report in pool.map(one, chunk):
                    upstream = report.startswith("upstream")
                    passed += not report
                    skipped += upstream
                    failed += bool(report) and not upstream
                    if report:
                        print(report)
                        sys.stdout.flush()
                late = time.monotonic() - start > (options.seconds or 1e9)
                if not chunk or late:
                    break
    # A crash of MLIR's own parser on builtin syntax is shown, but is not ours.
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed + skipped else 0


if __name__ == "__main__":
    raise SystemExit(main())
