# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What compiling costs: text to object in one process, and the object's size."""

from __future__ import annotations

import resource
import statistics
import struct
import subprocess
import time
from pathlib import Path

from .cases import Case
from .engine import module_text

_EXECUTABLE = 0x4  # SHF_EXECINSTR


def compiled_cases(quick: bool) -> list[Case]:
    """One attention of each kind."""
    s = 64 if quick else 2048
    found = [
        Case("prefill D=128 full", "compile", 8, 1, s, s),
        Case("prefill D=128 causal", "compile", 8, 1, s, s, mask="causal"),
        Case("prefill D=64 full", "compile", 8, 1, s, s, 64),
        Case("decode MQA-32", "compile", 32, 1, 1, 8 * s),
        Case("decode Hq=8 bf16", "compile", 8, 1, 1, 8 * s, dtype="bf16"),
    ]
    return found[:1] if quick else found


def text_bytes(path: Path) -> int:
    """Bytes of machine code in an ELF64 object."""
    data = path.read_bytes()
    if data[:5] != b"\x7fELF\x02":
        raise ValueError(f"expected an ELF64 object, got {path}")
    (offset,) = struct.unpack_from("<Q", data, 0x28)
    size, count = struct.unpack_from("<HH", data, 0x3A)
    total = 0
    for number in range(count):
        _, _, flags, _, _, length = struct.unpack_from(
            "<IIQQQQ", data, offset + number * size
        )
        total += length if flags & _EXECUTABLE else 0
    return total


def _children() -> float:
    """Processor seconds of all child processes so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(tools: Path, folder: Path, rounds: int, quick: bool) -> list[dict]:
    """Seconds of the whole process, medians of interleaved rounds."""
    cases = compiled_cases(quick)
    commands = {}
    samples, processor = ({case.name: [] for case in cases} for _ in "12")
    folder.mkdir(parents=True, exist_ok=True)
    for number, case in enumerate(cases):
        source = folder / f"compile-{number}.mlir"
        source.write_text(module_text(case))
        commands[case.name] = [tools / "mqa-compile", source, "--no-runtime",
                               "-o", source.with_suffix(".o")]  # fmt: skip
    for _ in range(rounds):
        for name, command in commands.items():
            begin, used = time.perf_counter(), _children()
            subprocess.run(command, check=True)
            samples[name].append(time.perf_counter() - begin)
            processor[name].append(_children() - used)
    return [
        {
            "case": name,
            "median_s": statistics.median(samples[name]),
            "min_s": min(samples[name]),
            "cpu_s": statistics.median(processor[name]),
            "text_bytes": text_bytes(command[-1]),
        }
        for name, command in commands.items()
    ]
