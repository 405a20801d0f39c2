# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The ceilings of this machine, and its description."""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import subprocess
from pathlib import Path

import numpy as np

COMPILERS = ("clang-22", "clang", "cc", "gcc")


class Machine:
    """Multiply-add peak and read stream, measured when asked."""

    def __init__(self, folder: Path, threads: int) -> None:
        """Builds machine.c into `folder`.

        Raises:
            RuntimeError: there is no C compiler, or it failed.
        """
        self.threads = threads
        compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
        if compiler is None:
            raise RuntimeError(f"expected one of {', '.join(COMPILERS)}")
        source = Path(__file__).with_name("machine.c")
        library = folder / "machine.so"
        folder.mkdir(parents=True, exist_ok=True)
        flags = ["-O3", "-march=native", "-shared", "-fPIC", "-pthread"]
        command = [compiler, *flags, source, "-o", library]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        self.library = ctypes.CDLL(str(library))
        self.library.bench_peak.restype = ctypes.c_double
        self.library.bench_peak.argtypes = [
            ctypes.c_int,
            ctypes.c_double,
            ctypes.c_int,
        ]
        self.library.bench_read.restype = ctypes.c_double
        self.library.bench_read.argtypes = [
            ctypes.c_void_p,
            ctypes.c_int64,
            ctypes.c_int,
            ctypes.c_int,
        ]
        widths = (512, 256, 128)
        self.bits = next((x for x in widths if self.peak(1, x) > 0), 0)

    def peak(self, milliseconds: float = 3, bits: int = 0) -> float:
        """GFLOP/s of fused multiply-adds, in the widest vectors or `bits`."""
        bits = bits or self.bits
        return self.library.bench_peak(self.threads, milliseconds, bits)

    def read(self, array: np.ndarray) -> float:
        """GB/s of a pass over an array, with or without prefetches."""
        address, size = array.ctypes.data, array.nbytes
        return max(
            self.library.bench_read(address, size, self.threads, ahead)
            for ahead in (0, 1024)
        )


def _cpu_fields() -> dict[str, str]:
    fields: dict[str, str] = {}
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            name, _, value = line.partition(":")
            fields.setdefault(name.strip(), value.strip())
    except OSError:
        pass
    return fields


def describe() -> dict:
    """Processor, caches, memory, system."""
    fields = _cpu_fields()
    caches = {}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("i*")):
        kind = (index / "type").read_text().strip()
        if kind != "Instruction":
            level = (index / "level").read_text().strip()
            caches[f"L{level}"] = (index / "size").read_text().strip()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    flags = set(fields.get("flags", "").split())
    names = ("avx2", "fma", "avx512f", "avx512_bf16", "amx_tile")
    return {
        "cpu": fields.get("model name", platform.processor()),
        "family": fields.get("cpu family", ""),
        "model": fields.get("model", ""),
        "virtual": "hypervisor" in flags,
        "features": [x for x in names if x in flags],
        "cpus": len(os.sched_getaffinity(0)),
        "caches": caches,
        "memory_gib": round(memory / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }
