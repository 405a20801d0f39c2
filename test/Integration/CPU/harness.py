# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs descriptions through mqa-run and compares with the NumPy reference.

Three runs of a case: fused, the reference lowering in the given types
("unfused"), the reference lowering in f64. The last must equal NumPy to
rounding. The fused run obeys the accuracy rule: its error, against NumPy, is
at most twice that of the unfused run plus a constant of the type. What the
fused path does not take it must refuse in words that `refusals` knows.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "python"))

import gpu
import numpy as np
from mqa import Attention, random_inputs, reference, render, render_states
from mqa.npy import from_storage, storage_type, to_storage
from mqa.views import embed, extract

ATOL = {"f64": 1e-9, "f32": 1e-6, "f16": 1e-3, "bf16": 1e-2}
REFERENCE_F64 = 1e-9
REFERENCE_F32 = 2e-5
TIMEOUT = 120


@dataclass(frozen=True)
class Case:
    """One test: what to compute, how, and from what.

    Attributes:
        name: for messages and file names.
        attention: the description.
        split: the state form with this first key of the second range; None is
            one attention.
        axis: the key dimension of `split`.
        tweak: changes the random inputs in place.
        seed: of the inputs.
        exact: also hold the unfused f32 run to `REFERENCE_F32`.
    """

    name: str
    attention: Attention
    split: int | None = None
    axis: str = "n"
    tweak: Callable[[dict], None] | None = None
    seed: int = 1
    exact: bool = True

    def text(self) -> str:
        """The module."""
        if self.split is None:
            return render(self.attention)
        return render_states(self.attention, self.split, self.axis)

    def inputs(self) -> dict:
        """The inputs by argument name, in storage."""
        found = random_inputs(self.attention, self.seed)
        if self.tweak is not None:
            self.tweak(found)
        return found


def refusals(case: Case, target: str = "") -> list[str]:
    """What the fused path may say about `case`, instead of a result."""
    if target:
        return gpu.refusals(case)
    attention = case.attention
    found = []
    if attention.dtype == "f64":
        found.append("expected f16, bf16 or f32 elements")
    for dim in attention.dims:
        role = attention.role(dim.name)
        if dim.dynamic and role in ("depth", "value"):
            found.append(f"expected a static size of {role}")
        if dim.size == 0 and not dim.dynamic and role in ("depth", "value"):
            found.append(f"expected at least one element of {role}")
    return found


class Failure(Exception):
    """A case failed; the text says how."""


def run_case(
    case: Case, tools: Path, folder: Path, schedule: str = "", target: str = ""
) -> None:
    """Writes the case into `folder`, runs and compares it.

    The fused runs have the fields of `schedule` pinned. With a `target`, they
    are those of a GPU, whose kernels are interpreted.

    Raises:
        Failure: a run failed or its values are wrong.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if target:
        case = gpu.adapt(case)
    inputs = case.inputs()
    command = [str(tools / "mqa-run"), *_write(case, inputs, folder)]
    expected = dict(zip(("o", "lse"), reference(case.attention, inputs)))
    problems: list[str] = []

    def run(name: str, *flags: str) -> dict[str, np.ndarray]:
        try:
            return _run(case, command, folder, name, list(flags))
        except Failure as failure:
            fused = not any("--reference" in flag for flag in flags)
            allowed = refusals(case, target) if fused else []
            if not any(text in str(failure) for text in allowed):
                problems.append(str(failure))
            return {}

    oracle = run("f64", "--reference=f64")
    unfused = run("unfused", "--reference")
    pins = [f"--schedule={schedule}"] if schedule else []
    if target:
        interpret = f"--interpret={case.seed}"
        fused = run("fused", f"--target={target}", interpret, *pins)
    else:
        fused = run("fused", "--threads=1", *pins)
    if case.seed % 2 and not target:
        threads = run("threads", "--threads=2", *pins)
        for name in fused.keys() & threads.keys():
            if not np.array_equal(fused[name], threads[name], equal_nan=True):
                problems.append(f"{name}: one and two threads differ")
    for operand in case.attention.outputs():
        name, want = operand.name, expected[operand.name]
        size = max(1.0, _largest(want))
        if name in oracle:
            limit = REFERENCE_F64 * size
            problems += _compare(f"{name} f64", oracle[name], want, limit)
        if case.exact and case.attention.dtype == operand.dtype == "f32":
            limit = REFERENCE_F32 * size
            if name in unfused:
                what = f"{name} unfused"
                problems += _compare(what, unfused[name], want, limit)
        base = _error(unfused[name], want) if name in unfused else 0.0
        atol = max(ATOL[operand.dtype], ATOL[case.attention.dtype]) * size
        limit = 2 * base + atol if np.isfinite(base) else atol
        if name in fused:
            problems += _compare(f"{name} fused", fused[name], want, limit)
    if problems:
        raise Failure("\n  ".join(problems))


def _write(case: Case, inputs: dict, folder: Path) -> list[str]:
    """Writes module and arguments; gives the command's arguments."""
    attention = case.attention
    (folder / "case.mlir").write_text(case.text())
    found = [str(folder / "case.mlir"), "--entry=attention"]

    def add(name: str, array: np.ndarray) -> None:
        if attention.step and array.ndim:
            array = embed(array, attention.step, _poison(array.dtype))
        np.save(folder / f"{name}.npy", array)
        found.append(f"--arg={folder / name}.npy")

    for stored in attention.stored():
        if stored.scalar:
            found.append(f"--arg={inputs[stored.name]}")
        else:
            add(stored.name, inputs[stored.name])
    found += [f"--arg={inputs[scalar.name]}" for scalar in attention.scalars()]
    for operand in attention.outputs():
        shape = [attention.sizes[axis] for axis in operand.axes]
        dtype = storage_type(operand.dtype)
        add(operand.name, np.full(shape, _poison(dtype), dtype))
    return found


def _poison(dtype: np.dtype) -> object:
    """What nobody may read: NaN, also as bf16, or a large number."""
    if dtype == np.uint16:
        return to_storage(np.array(np.nan), "bf16")[()]
    return np.nan if dtype.kind == "f" else True if dtype.kind == "b" else 99


def _run(
    case: Case, command: list[str], folder: Path, name: str, flags: list[str]
) -> dict[str, np.ndarray]:
    """One run; its outputs in f64 by name."""
    outputs = case.attention.outputs()
    files = {x.name: folder / f"{name}-{x.name}.npy" for x in outputs}
    command = command + flags + [f"--out={x}" for x in files.values()]
    (folder / f"{name}.sh").write_text(" ".join(command) + "\n")
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired:
        raise Failure(f"{name}: no end after {TIMEOUT} s") from None
    if done.returncode != 0:
        text = done.stderr.strip().splitlines()
        tail = "\n    ".join(line[:300] for line in text[:6])
        raise Failure(f"{name}: exit code {done.returncode}\n    {tail}")
    found = {}
    for operand in outputs:
        value = np.load(files[operand.name])
        dtype = operand.dtype if value.dtype.itemsize != 8 else "f64"
        value = from_storage(value, dtype)
        shape = tuple(case.attention.sizes[axis] for axis in operand.axes)
        if case.attention.step and shape:
            value, outside = extract(value, shape, case.attention.step)
            if not np.all(np.isnan(outside)):
                raise Failure(f"{name}: wrote outside of {operand.name}")
        if value.shape != shape:
            got = f"{operand.name} of shape {value.shape}"
            raise Failure(f"{name}: expected shape {shape}, got {got}")
        found[operand.name] = value
    return found


def _largest(array: np.ndarray) -> float:
    finite = array[np.isfinite(array)]
    return float(np.max(np.abs(finite), initial=0.0))


def _error(got: np.ndarray, want: np.ndarray) -> float:
    """The largest difference; infinities must be at the same places."""
    infinite = np.isinf(want)
    if np.any(got[infinite] != want[infinite]):
        return np.inf
    difference = np.abs(got[~infinite] - want[~infinite])
    if np.any(np.isnan(difference)):
        return np.inf
    return float(np.max(difference, initial=0.0))


def _compare(
    what: str, got: np.ndarray, want: np.ndarray, limit: float
) -> list[str]:
    """No text, or one that names the first wrong element."""
    if _error(got, want) <= limit:
        return []
    with np.errstate(invalid="ignore"):
        wrong = ~((np.abs(got - want) <= limit) | (got == want))
    first = tuple(int(x) for x in np.argwhere(wrong)[0])
    return [
        f"{what}: {int(np.sum(wrong))} of {wrong.size} elements beyond"
        f" {limit:.3g}; at {first} expected {want[first]:.9g},"
        f" got {got[first]:.9g}"
    ]


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that all drivers of value tests have."""
    tools = os.environ.get("MQA_TOOLS_DIR")
    if tools is None and shutil.which("mqa-run"):
        tools = str(Path(str(shutil.which("mqa-run"))).parent)
    parser.add_argument("--tools", default=tools, help="folder of mqa-run")
    parser.add_argument("--keep", help="leave the files of all cases here")
    parser.add_argument("--schedule", default="", help="pins of mqa-run")
    parser.add_argument("--target", default="", help="a GPU, interpreted")
    parser.add_argument("--jobs", type=int, default=2, help="cases at a time")


def run_all(
    cases: Iterable[Case],
    options: argparse.Namespace,
    replay: Callable[[Case], str],
    seconds: float | None = None,
) -> int:
    """Runs the cases, prints failures and the count; gives the exit code."""
    if options.tools is None or not Path(options.tools, "mqa-run").exists():
        print(f"error: expected mqa-run in --tools, got {options.tools}")
        return 2
    start = time.monotonic()
    passed = failed = 0
    folder = Path(options.keep or tempfile.mkdtemp(prefix="mqa-values-"))

    def work(numbered: tuple[int, Case]) -> tuple[Case, str] | None:
        number, case = numbered
        if seconds is not None and time.monotonic() - start > seconds:
            return None
        place = folder / f"{number:04}-{case.name}"
        try:
            run_case(
                case,
                Path(options.tools),
                place,
                options.schedule,
                options.target,
            )
            return case, ""
        except Failure as failure:
            return case, str(failure)
        except Exception as error:  # a broken test is a failed test
            return case, f"{type(error).__name__}: {error}"
        finally:
            if not options.keep:
                shutil.rmtree(place, ignore_errors=True)

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for result in pool.map(work, enumerate(cases)):
            if result is None:
                continue
            case, message = result
            passed, failed = passed + (not message), failed + bool(message)
            if message:
                print(f"FAILED {case.name}: {message}\n  {replay(case)}")
                sys.stdout.flush()
    if not options.keep:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0
