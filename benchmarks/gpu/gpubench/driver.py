# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The CUDA driver by ctypes: memory, events, what the device is.

All work is on the default stream, in the primary context of device 0: the
same that torch uses.
"""

from __future__ import annotations

import ctypes
from ctypes import byref, c_char_p, c_float, c_int, c_size_t, c_uint64, c_void_p

L2_BYTES = 38  # CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE
CAPABILITY = (75, 76)  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, _MINOR
PROCESSORS = 16  # CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT


class NoDevice(Exception):
    """There is no driver or no GPU."""


class DriverError(Exception):
    """The driver refused something; the context may be lost."""


class Driver:
    """Device 0."""

    def __init__(self) -> None:
        """Opens the driver and takes the primary context."""
        try:
            self._library = ctypes.CDLL("libcuda.so.1")
        except OSError as error:
            raise NoDevice(str(error)) from None
        count = c_int()
        try:
            self._call("cuInit", 0)
            self._call("cuDeviceGetCount", byref(count))
        except DriverError as error:
            raise NoDevice(str(error)) from None
        if count.value == 0:
            raise NoDevice("no device")
        self._device = c_int()
        self._call("cuDeviceGet", byref(self._device), 0)
        context = c_void_p()
        self._call("cuDevicePrimaryCtxRetain", byref(context), self._device)
        self._call("cuCtxSetCurrent", context)

    def _call(self, name: str, *arguments: object) -> None:
        status = getattr(self._library, name)(*arguments)
        if status != 0:
            text = c_char_p()
            self._library.cuGetErrorString(status, byref(text))
            words = (text.value or b"unknown error").decode()
            raise DriverError(f"{name}: {words} ({status})")

    def attribute(self, number: int) -> int:
        """A CUdevice_attribute."""
        value = c_int()
        self._call("cuDeviceGetAttribute", byref(value), number, self._device)
        return value.value

    def capability(self) -> tuple[int, int]:
        """The compute capability."""
        return self.attribute(CAPABILITY[0]), self.attribute(CAPABILITY[1])

    def describe(self) -> dict:
        """What the device is, for the results."""
        name = ctypes.create_string_buffer(256)
        self._call("cuDeviceGetName", name, 256, self._device)
        version = c_int()
        self._call("cuDriverGetVersion", byref(version))
        return {
            "device": name.value.decode(),
            "capability": "{}.{}".format(*self.capability()),
            "processors": self.attribute(PROCESSORS),
            "l2_bytes": self.attribute(L2_BYTES),
            "driver_cuda": f"{version.value // 1000}.{version.value % 1000 // 10}",
        }

    def allocate(self, size: int) -> int:
        """The address of new device memory."""
        address = c_uint64()
        self._call("cuMemAlloc_v2", byref(address), c_size_t(size))
        return address.value

    def free(self, address: int) -> None:
        """Frees what `allocate` gave."""
        self._call("cuMemFree_v2", c_uint64(address))

    def upload(self, address: int, host: int, size: int) -> None:
        """Copies from host memory."""
        self._call("cuMemcpyHtoD_v2", c_uint64(address), c_void_p(host),
                   c_size_t(size))  # fmt: skip

    def download(self, host: int, address: int, size: int) -> None:
        """Copies to host memory, after all work before."""
        self._call("cuMemcpyDtoH_v2", c_void_p(host), c_uint64(address),
                   c_size_t(size))  # fmt: skip

    def copy(self, to: int, address: int, size: int) -> None:
        """Starts a copy within device memory."""
        self._call("cuMemcpyDtoDAsync_v2", c_uint64(to), c_uint64(address),
                   c_size_t(size), c_void_p())  # fmt: skip

    def fill(self, address: int, byte: int, size: int) -> None:
        """Starts to write one byte everywhere."""
        self._call("cuMemsetD8Async", c_uint64(address), ctypes.c_ubyte(byte),
                   c_size_t(size), c_void_p())  # fmt: skip

    def wait(self) -> None:
        """Waits for all work; an error of a kernel shows here."""
        self._call("cuCtxSynchronize")

    def event(self) -> c_void_p:
        """A new event."""
        event = c_void_p()
        self._call("cuEventCreate", byref(event), 0)
        return event

    def record(self, event: c_void_p) -> None:
        """Notes when the work so far is done."""
        self._call("cuEventRecord", event, c_void_p())

    def seconds(self, begin: c_void_p, end: c_void_p) -> float:
        """The time between two events; waits for the second."""
        self._call("cuEventSynchronize", end)
        milliseconds = c_float()
        self._call("cuEventElapsedTime", byref(milliseconds), begin, end)
        return milliseconds.value / 1e3


def misfit(target: str, capability: tuple[int, int]) -> str | None:
    """Why code for `target` does not run on a device, if it does not."""
    digits = target.removeprefix("sm_")
    number = int(digits.rstrip("af"))
    wanted = divmod(number, 10)
    exact = not digits.isdigit()
    if capability == wanted or (not exact and capability > wanted):
        return None
    least = "" if exact else " or more"
    return (
        f"expected a GPU of compute capability {wanted[0]}.{wanted[1]}{least} "
        f"for {target}, got {capability[0]}.{capability[1]}"
    )
