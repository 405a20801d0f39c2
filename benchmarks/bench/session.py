# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One case: everybody's result is checked, then everybody is timed in turn."""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from types import ModuleType

from . import peers
from .cases import Case
from .data import Data, make
from .engine import Engine
from .machine import Machine
from .timing import Ceilings, Timing, measure

OURS = "mqa"
NAIVE = "mqa, reference lowering"


class Session:
    """What stays the same from case to case."""

    def __init__(
        self, chosen: argparse.Namespace, modules: dict[str, ModuleType]
    ) -> None:
        """`chosen` has the options of the worker."""
        self.chosen, self.modules = chosen, modules
        kernels = chosen.out / "kernels"
        self.engine = Engine(chosen.tools, kernels, chosen.threads)
        self.machine = Machine(chosen.out, chosen.threads)
        self.seen_peaks: list[float] = []

    def run(self, case: Case) -> list[dict]:
        """The rows of a case."""
        data = make(case)
        ready, rows = [], []
        for name, build in self._builders(case, data):
            try:
                variant = build()
                variant.name = name
                begin = time.perf_counter()
                variant.run()
                variant.first_seconds = time.perf_counter() - begin
                error = data.error(variant.result())
                if error > data.allowed:
                    raise ValueError(
                        f"expected an error of at most {data.allowed:.1e},"
                        f" got {error:.1e}"
                    )
                ready.append((variant, error))
            except Exception as problem:  # others go on
                text = str(problem).strip().split("\n")[0][:200]
                status = f"failed: {type(problem).__name__}: {text}"
                rows.append(self._row(case, name, status))
        if not ready:
            return rows
        stream = None
        if case.rows == 1:
            stream = self._stream(data)
        timings, ceilings = measure(
            [variant for variant, _ in ready],
            self.machine,
            stream,
            self.chosen.rounds,
            self.chosen.budget,
        )
        self.seen_peaks += ceilings.peaks
        for timing, (_, error) in zip(timings, ready):
            rows.append(self._timed(case, timing, ceilings, error))
        return rows

    def _stream(self, data: Data) -> Callable[[], float]:
        """Reads what a decoding step reads; the best of three passes."""

        def once() -> float:
            found = [self.machine.read(x) for x in (data.k, data.v)]
            return statistics.harmonic_mean(found) if min(found) > 0 else 0.0

        def read() -> float:
            return max(once() for _ in range(3))

        return read

    def _builders(self, case: Case, data: Data) -> list[tuple]:
        engine = self.engine
        found = [(OURS, lambda: engine.variant(data, OURS))]
        if case.naive and self.chosen.threads == 1:
            found.append(
                (NAIVE, lambda: engine.variant(data, NAIVE, "--reference"))
            )
        found += peers.builders(
            self.modules, case, data, self.chosen.threads
        )
        return found

    def _row(self, case: Case, name: str, status: str) -> dict:
        return {
            "case": case.name,
            "group": case.group,
            "heads": case.heads,
            "kv_heads": case.kv_heads,
            "rows": case.rows,
            "keys": case.keys,
            "depth": case.depth,
            "mask": case.mask,
            "dtype": case.dtype,
            "layout": case.layout,
            "threads": self.chosen.threads,
            "variant": name,
            "ours": name == OURS,
            "status": status,
        }

    def _timed(
        self, case: Case, timing: Timing, ceilings: Ceilings, error: float
    ) -> dict:
        row = self._row(case, timing.variant.name, "ok")
        rate = case.flops / timing.median * 1e-9
        bytes_per_second = case.cache_bytes / timing.median * 1e-9
        stream = ceilings.stream
        row.update(
            median_s=timing.median,
            min_s=timing.least,
            samples=len(timing.samples),
            calls=timing.calls,
            flops=case.flops,
            gflops=rate,
            peak_gflops=ceilings.peak,
            of_peak=rate / ceilings.peak,
            cache_bytes=case.cache_bytes,
            read_gb_s=bytes_per_second,
            stream_gb_s=stream,
            of_stream=bytes_per_second / stream if stream else None,
            live_blocks=case.live_blocks(64, 64),
            error=error,
            note=timing.variant.note,
        )
        return row

    def peaks(self) -> dict[str, float]:
        """Peaks by vector width, in GFLOP/s, and that of the whole run."""
        found = {
            str(bits): self.machine.peak(10, bits) for bits in (512, 256, 128)
        }
        found = {bits: value for bits, value in found.items() if value > 0}
        if self.seen_peaks:
            found["median of the run"] = statistics.median(self.seen_peaks)
        return found
