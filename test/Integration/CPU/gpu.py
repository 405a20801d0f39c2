# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What differs when a case runs in the kernels of a GPU (`harness.Case`)."""

from __future__ import annotations

from dataclasses import replace


def refusals(case) -> list[str]:
    """What the GPU path may say about `case`, instead of a result."""
    attention = case.attention
    found = []
    if attention.dtype in ("f32", "f64"):
        found.append("expected f16 or bf16 queries on a GPU")
    if "f64" in (attention.dtype, attention.out_dtype):
        found.append("output on a GPU")
    for role in ("key", "depth", "value"):
        if len(attention.axes(role)) != 1:
            found.append(f"not yet on a GPU: expected one {role} dimension")
            found.append("bytes of shared memory")
    for role in ("depth", "value"):
        if any(not 1 <= attention.sizes[x] <= 256 for x in attention.axes(role)):
            found.append(f"expected a {role} size of 1 to 256 on a GPU")
        if any(x.dynamic for x in attention.dims if x.name in attention.axes(role)):
            found.append("expected static depth and value sizes on a GPU")
    if attention.k_cache or attention.v_cache or case.split is not None:
        found.append("not yet on a GPU")
    return found


def adapt(case):
    """The case in a type that the GPU path takes, if it is of f32."""
    if case.attention.dtype != "f32" or case.tweak is not None:
        return case
    dtype = ("f16", "bf16")[case.seed % 2]
    out = case.attention.out_dtype
    return replace(
        case,
        attention=replace(
            case.attention, dtype=dtype, out_dtype=dtype if out == "f32" else out
        ),
    )
