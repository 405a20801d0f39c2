# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""mqa itself: renders a case as IR, compiles and calls it."""

from __future__ import annotations

import ctypes
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .cases import Case
from .data import Data  # makes `mqa` importable
from .variant import Variant

from mqa import (  # isort: skip
    Attention,
    CausalBottomRight,
    CausalTopLeft,
    Chunked,
    Documents,
    Mask,
    SlidingWindow,
    render,
)
from mqa.npy import storage_type  # isort: skip
from mqa.regions import Extra  # isort: skip

DEQUANTISE = """\
  %{x}e = tensor.empty() : {wide}
  %{x} = linalg.generic {{
      indexing_maps = [affine_map<(n, d) -> (n, d)>, affine_map<(n, d) -> (n)>,
                       affine_map<(n, d) -> (n, d)>],
      iterator_types = ["parallel", "parallel"]}}
      ins(%{x}8, %{x}s : {narrow}, {scale}) outs(%{x}e : {wide}) {{
  ^bb0(%i: i8, %s: f32, %unused: f32):
    %f = arith.sitofp %i : i8 to f32
    %y = arith.mulf %f, %s : f32
    linalg.yield %y : f32
  }} -> {wide}
"""


@dataclass(frozen=True)
class FromFirst(Mask):
    """Keys from the first one of the row's document, which an input holds."""

    def extras(self) -> tuple[Extra, ...]:
        return (Extra("length", "m", "i32"),)

    def emit(self, body) -> str:
        first = body.extra(self.extras()[0])
        return body.compare("sge", body.position("n"), first)


def mask_of(case: Case) -> Mask | None:
    """The mask region of a case."""
    kind, _, size = case.mask.partition("-")
    if kind == "full":
        return None
    if kind == "causal":
        return CausalBottomRight()
    if kind == "window":
        return SlidingWindow(int(size) - 1, 0)
    if kind == "chunked":
        return Chunked(int(size)) & CausalTopLeft()
    ids = case.mask.endswith("ids")
    return (Documents() if ids else FromFirst()) & CausalTopLeft()


def module_text(case: Case) -> str:
    """The module: one function `attention`."""
    heads = f"h={case.heads}"
    q = "hmd"
    if 1 < case.kv_heads < case.heads:
        group = case.heads // case.kv_heads
        heads, q = f"h={case.kv_heads} g={group}", "hgmd"
    k = "hnd" if case.kv_heads > 1 else "nd"
    if case.layout == "bshd":
        q, k = "m" + q.replace("m", ""), "n" + k.replace("n", "")
    sizes = f"m={case.rows} n={case.keys} d={case.depth} e={case.depth}"
    text = render(
        Attention.of(
            f"{heads} {sizes}", q=q, k=k, v=k.replace("d", "e"),
            o=q.replace("d", "e"), scale=case.scale, mask=mask_of(case),
            dtype="f32" if case.dtype == "int8" else case.dtype,
        )
    )  # fmt: skip
    return _with_int8_cache(case, text) if case.dtype == "int8" else text


def _with_int8_cache(case: Case, text: str) -> str:
    """Key and value become results of a dequantising producer."""
    wide = f"tensor<{case.keys}x{case.depth}xf32>"
    narrow, scale = wide.replace("f32", "i8"), f"tensor<{case.keys}xf32>"
    head, body = text.split("{\n  %r", 1)
    producers = ""
    for x in "kv":
        old, new = f"%{x}: {wide}", f"%{x}8: {narrow}, %{x}s: {scale}"
        head = head.replace(old, new)
        producers += DEQUANTISE.format(x=x, wide=wide, narrow=narrow,
                                       scale=scale)  # fmt: skip
    return f"{head}{{\n{producers}  %r{body}"


def descriptor(array: np.ndarray) -> ctypes.Array:
    """A memref descriptor: two pointers, offset, sizes, strides."""
    if not array.flags["C_CONTIGUOUS"]:
        raise ValueError("expected a contiguous array")
    strides = [x // array.itemsize for x in array.strides]
    address = array.ctypes.data
    words = [address, address, 0, *array.shape, *strides]
    return (ctypes.c_int64 * len(words))(*words)


class Engine:
    """Where the tools are, and where their output goes."""

    def __init__(self, tools: Path, folder: Path, threads: int) -> None:
        """`folder` keeps the compiled cases."""
        self.compiler, self.folder, self.threads = (
            tools / "mqa-compile", folder, threads
        )  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)

    def compile(self, case: Case, *flags: str) -> Path:
        """The shared library of a case; raises with the compiler's words."""
        stem = "".join(c if c.isalnum() else "-" for c in case.name)
        source = self.folder / f"{stem}.mlir"
        library = self.folder / f"{stem}{''.join(flags)}.so"
        source.write_text(module_text(case))
        if not library.exists():
            command = [self.compiler, source, *flags, "-o", library]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(done.stderr.strip() or "mqa-compile failed")
        return library

    def variant(self, data: Data, name: str, *flags: str) -> Variant:
        """`case` ready to be called."""
        case = data.case
        library = ctypes.CDLL(str(self.compile(case, *flags)))
        if hasattr(library, "mqa_set_num_threads"):
            library.mqa_set_num_threads(self.threads)
        arrays = _arguments(data)
        descriptors = [descriptor(x) for x in arrays]
        pointers = [ctypes.addressof(x) for x in descriptors]
        function = library["_mlir_ciface_attention"]
        function.argtypes = [ctypes.c_void_p] * len(pointers)
        function.restype = None
        output, keep = arrays[-1], (library, arrays, descriptors)

        def result(_=keep) -> np.ndarray:
            return _canonical(case, output)

        return Variant(name, lambda: function(*pointers), result)


def _arguments(data: Data) -> list[np.ndarray]:
    """The buffers in the order of the function's arguments."""
    case = data.case
    q, k, v = data.q, data.k, data.v
    if case.layout == "bshd":
        q, k, v = (np.ascontiguousarray(x.swapaxes(0, 1)) for x in (q, k, v))
    group = case.heads // case.kv_heads
    if 1 < case.kv_heads < case.heads:
        split = (case.kv_heads, group)
        where = 1 if case.layout == "bshd" else 0
        q = q.reshape(*q.shape[:where], *split, *q.shape[where + 1 :])
    if case.kv_heads == 1:
        k, v = (x.reshape(case.keys, case.depth) for x in (k, v))
    cache = [k, v]
    if case.dtype == "int8":
        cache = [k, data.k_scale, v, data.v_scale]
    kind = storage_type("f32" if case.dtype == "int8" else case.dtype)
    return [q, *cache, *data.extras, np.zeros(q.shape, kind)]


def _canonical(case: Case, output: np.ndarray) -> np.ndarray:
    """[heads, rows, depth] of the function's output."""
    if case.layout == "bshd":
        output = output.reshape(case.rows, case.heads, case.depth)
        return output.swapaxes(0, 1)
    return output.reshape(case.heads, case.rows, case.depth)
