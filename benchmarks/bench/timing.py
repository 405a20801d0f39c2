# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Rounds: every variant once in each, the ceilings in between."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .machine import Machine
from .variant import Variant

# A sample is made of so many calls that it lasts this long.
SAMPLE_SECONDS = 0.004
# A sample of calls that take longer than this has no untimed call first.
WARM_SECONDS = 0.05
# Threads of other libraries spin for a while after their work: nobody else is
# timed before they sleep, or this long has gone by.
SETTLE_SECONDS = 0.2
LEAST_ROUNDS = 3


@dataclass
class Timing:
    """Samples of one variant, in seconds per call."""

    variant: Variant
    calls: int = 1
    expected: float = 0.0  # seconds of a call
    spent: float = 0.0
    samples: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The middle sample."""
        return statistics.median(self.samples)

    @property
    def least(self) -> float:
        """The shortest sample."""
        return min(self.samples)


@dataclass
class Ceilings:
    """What the machine did in the same rounds."""

    peaks: list[float] = field(default_factory=list)
    streams: list[float] = field(default_factory=list)

    @property
    def peak(self) -> float:
        """GFLOP/s: the best burst but for the top tenth.

        A virtual machine's clock makes one look too fast now and then.
        """
        best = sorted(self.peaks, reverse=True)
        return best[len(best) // 10]

    @property
    def stream(self) -> float | None:
        """GB/s: the median."""
        return statistics.median(self.streams) if self.streams else None


def settle() -> None:
    """Waits until no thread of this process runs."""
    end = time.perf_counter() + SETTLE_SECONDS
    while time.perf_counter() < end:
        used = time.process_time()
        time.sleep(0.002)
        if time.process_time() - used < 0.0003:
            return


def _sample(timing: Timing) -> None:
    """One untimed call to wake threads and caches, then the timed ones."""
    run = timing.variant.run
    settle()
    begin = time.perf_counter()
    if timing.expected < WARM_SECONDS:
        run()
    first = time.perf_counter()
    for _ in range(timing.calls):
        run()
    end = time.perf_counter()
    timing.samples.append((end - first) / timing.calls)
    timing.spent += end - begin


def _warm_up(variant: Variant) -> Timing:
    """Finds how many calls make a sample; `variant` ran once before."""
    seconds = variant.first_seconds
    if seconds < 10 * SAMPLE_SECONDS:
        begin = time.perf_counter()
        variant.run()
        seconds = max(time.perf_counter() - begin, 1e-7)
    calls = max(1, min(1000, int(SAMPLE_SECONDS / seconds)))
    return Timing(variant, calls, seconds)


def measure(
    variants: list[Variant],
    machine: Machine,
    stream: Callable[[], float] | None,
    rounds: int,
    budget: float,
) -> tuple[list[Timing], Ceilings]:
    """Times the variants in turn, each until its `budget` of seconds is spent.

    The first variant, which others are compared with, has thrice the budget.
    Every round begins with another variant. After each variant comes a burst of
    multiply-adds, after each round the read stream of the case.
    """
    timings = [_warm_up(variant) for variant in variants]
    ceilings = Ceilings()
    gc.collect()
    gc.disable()
    try:
        for number in range(rounds):
            order = np.roll(np.arange(len(timings)), number)
            for index in order:
                timing = timings[index]
                allowed = budget * (3 if index == 0 else 1)
                if number >= LEAST_ROUNDS and timing.spent > allowed:
                    continue
                _sample(timing)
                settle()
                ceilings.peaks.append(machine.peak())
            if stream is not None:
                ceilings.streams.append(stream())
    finally:
        gc.enable()
    return timings, ceilings
