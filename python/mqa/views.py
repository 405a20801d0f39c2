# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Memref operands that are views into larger buffers.

A buffer has one more element before and after the view in every dimension, and
`step` elements for each element of the innermost one, so that every stride
and the offset differ from those of a contiguous operand.
"""

from __future__ import annotations

import numpy as np

from .regions import Emitter

DYNAMIC = None


def buffer_shape(
    shape: tuple[int | None, ...], step: int
) -> tuple[int | None, ...]:
    """The buffer's shape for a view of `shape`; None is dynamic."""
    steps = [1] * (len(shape) - 1) + [step] if shape else []
    return tuple(
        DYNAMIC if size is DYNAMIC else 2 + size * t
        for size, t in zip(shape, steps)
    )


def _window(shape: tuple[int, ...], step: int) -> tuple[slice, ...]:
    """Selects the view of `shape` in its buffer."""
    steps = [1] * (len(shape) - 1) + [step] if shape else []
    return tuple(slice(1, 1 + n * t, t) for n, t in zip(shape, steps))


def embed(array: np.ndarray, step: int, fill: object) -> np.ndarray:
    """The buffer that holds `array` as its view and `fill` elsewhere."""
    buffer = np.full(buffer_shape(array.shape, step), fill, array.dtype)
    buffer[_window(array.shape, step)] = array
    return buffer


def extract(
    buffer: np.ndarray, shape: tuple[int, ...], step: int
) -> tuple[np.ndarray, np.ndarray]:
    """The view of `shape`, and all elements outside of it (flat)."""
    outside = np.ones(buffer.shape, dtype=bool)
    window = _window(shape, step)
    outside[window] = False
    return buffer[window], buffer[outside]


def view_type(shape: tuple[int | None, ...], dtype: str, step: int) -> str:
    """The type of the view: `memref<..., strided<[...], offset: ...>>`."""
    strides: list[int | None] = []
    running: int | None = 1
    for size in reversed(buffer_shape(shape, step)):
        strides.insert(0, running)
        known = running is not DYNAMIC and size is not DYNAMIC
        running = running * size if known else DYNAMIC
    offset = DYNAMIC if DYNAMIC in strides else sum(strides)
    if strides and strides[-1] is not DYNAMIC:
        strides[-1] *= step
    text = ", ".join(_text(stride) for stride in strides)
    dims = "".join(f"{_text(size)}x" for size in shape)
    layout = f"strided<[{text}], offset: {_text(offset)}>"
    return f"memref<{dims}{dtype}, {layout}>"


def emit_view(
    emitter: Emitter,
    buffer: str,
    shape: tuple[int | None, ...],
    dtype: str,
    step: int,
) -> str:
    """Emits the subview of `buffer` and gives its name."""
    if not shape:
        return buffer
    dims = "".join(f"{_text(size)}x" for size in buffer_shape(shape, step))
    buffer_type = f"memref<{dims}{dtype}>"
    steps = [1] * (len(shape) - 1) + [step]
    sizes = []
    for number, size in enumerate(shape):
        if size is not DYNAMIC:
            sizes.append(str(size))
            continue
        axis = emitter.let(f"arith.constant {number} : index")
        full = emitter.let(f"memref.dim {buffer}, {axis} : {buffer_type}")
        two = emitter.let("arith.constant 2 : index")
        inner = emitter.let(f"arith.subi {full}, {two} : index")
        step_value = emitter.let(f"arith.constant {steps[number]} : index")
        sizes.append(emitter.let(f"arith.divui {inner}, {step_value} : index"))
    ones = ", ".join("1" for _ in shape)
    return emitter.let(
        f"memref.subview {buffer}[{ones}] [{', '.join(sizes)}]"
        f" [{', '.join(map(str, steps))}] : {buffer_type}"
        f" to {view_type(shape, dtype, step)}"
    )


def _text(size: int | None) -> str:
    return "?" if size is DYNAMIC else str(size)
