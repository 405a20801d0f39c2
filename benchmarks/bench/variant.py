# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Something that computes a case and can be timed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass
class Variant:
    """A way to compute a case.

    Attributes:
        name: for the tables.
        run: computes once; everything is set up before.
        result: the last output as [heads, rows, depth], in storage.
        note: which path was taken, as far as it is known.
        first_seconds: how long the first run took.
    """

    name: str
    run: Callable[[], object]
    result: Callable[[], np.ndarray]
    note: str = ""
    first_seconds: float = 0.0
