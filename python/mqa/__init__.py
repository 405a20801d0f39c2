# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Describe an attention, render it as MLIR, compute it in NumPy."""

from .attention import Attention, Dim, Operand
from .builder import render
from .caches import Cache
from .errors import MqaError
from .inputs import random_inputs
from .masks import (
    Always,
    CausalBottomRight,
    CausalOffset,
    CausalTopLeft,
    Chunked,
    Documents,
    Lengths,
    Mask,
    PrefixLM,
    SlidingWindow,
    TensorMask,
)
from .reference import reference
from .scores import Alibi, Bias, Relative, Score, Softcap
from .states import render_states

__version__ = "0.1.0"
__all__ = [
    "Alibi",
    "Always",
    "Attention",
    "Bias",
    "Cache",
    "CausalBottomRight",
    "CausalOffset",
    "CausalTopLeft",
    "Chunked",
    "Dim",
    "Documents",
    "Lengths",
    "Mask",
    "MqaError",
    "Operand",
    "PrefixLM",
    "Relative",
    "Score",
    "SlidingWindow",
    "Softcap",
    "TensorMask",
    "random_inputs",
    "reference",
    "render",
    "render_states",
]
