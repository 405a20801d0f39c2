# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A compiled case, called as its C header says."""

from __future__ import annotations

import ctypes
from ctypes import c_int32, c_int64, c_void_p
from pathlib import Path

STREAM = "stream"


class LaunchError(Exception):
    """A compiled function returned an error."""


def strides(shape: list[int]) -> list[int]:
    """Of contiguous data, in elements."""
    found, step = [], 1
    for size in reversed(shape):
        found.append(step)
        step *= size
    return found[::-1]


def buffer(address: int, shape: list[int]) -> ctypes.Structure:
    """The descriptor of contiguous device memory: mqa_buffer_<type>_<rank>d."""
    sizes = c_int64 * len(shape)

    class Buffer(ctypes.Structure):
        _fields_ = [
            ("allocated", c_void_p),
            ("aligned", c_void_p),
            ("offset", c_int64),
            ("sizes", sizes),
            ("strides", sizes),
        ]

    return Buffer(address, address, 0, sizes(*shape), sizes(*strides(shape)))


class Compiled:
    """The function of one library."""

    def __init__(self, folder: Path, entry: dict) -> None:
        """Loads it; `entry` is of the manifest."""
        self._entry = entry
        self._library = ctypes.CDLL(str(folder.resolve() / entry["file"]))
        self._function = getattr(self._library, entry["entry"])
        self._function.restype = c_int32
        self._error = self._library.mqa_cuda_last_error
        self._error.restype = ctypes.c_char_p

    def bind(self, addresses: dict[str, int]) -> Bound:
        """The call with these operands."""
        return Bound(self, addresses)


class Bound:
    """A call whose arguments are laid out: only the launch is left."""

    def __init__(self, compiled: Compiled, addresses: dict[str, int]) -> None:
        """Makes the descriptors."""
        entry = compiled._entry
        self._function, self._error = compiled._function, compiled._error
        self._kept = {
            name: buffer(addresses[name], entry["shapes"][name])
            for name in entry["arguments"]
            if name != STREAM
        }
        self._arguments = [
            c_void_p() if name == STREAM else ctypes.byref(self._kept[name])
            for name in entry["arguments"]
        ]

    def __call__(self) -> None:
        """Launches on the default stream."""
        status = self._function(*self._arguments)
        if status != 0:
            raise LaunchError(f"{self._error().decode()} (status {status})")
