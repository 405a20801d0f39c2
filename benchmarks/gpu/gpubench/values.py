# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How far a result may be from the reference.

A kernel rounds each weight of the softmax to 16 bits before the second product
and each output once. With `u` half a unit in the last place, that is an error
of at most `u * sum(p |v|)` and of `u * |o|`, which is no more. FACTOR leaves
room for the rest (sums in f32, exp2 by approximation), FLOOR for what is 0.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

UNIT = {"bf16": 2.0**-9, "f16": 2.0**-11}
FACTOR, FLOOR = 1.25, 1e-5


def allowed_factor(dtype: str) -> float:
    """What an error may be, as a part of the weighted mean of |v|."""
    return 2 * FACTOR * UNIT[dtype]


@dataclass
class Error:
    """A result beside the reference.

    Attributes:
        worst: the greatest part of the allowed error; right up to 1.
        relative: the norm of the error as a part of the reference's norm.
        nonfinite: how many elements are infinite or not a number.
        outside: whether memory behind the output was written.
        compared: how many elements were compared.
    """

    worst: float = 0.0
    relative: float = 0.0
    nonfinite: int = 0
    outside: bool = False
    compared: int = 0

    @property
    def ok(self) -> bool:
        """Whether the result is right."""
        finite = self.nonfinite == 0 and not math.isnan(self.worst)
        return finite and not self.outside and self.worst <= 1 and self.compared > 0

    def __str__(self) -> str:
        """In words, for the table of checks."""
        if self.nonfinite:
            return f"expected finite values, got {self.nonfinite} that are not"
        if self.outside:
            return "expected no write behind the output, got one"
        text = f"relative {self.relative:.1e}, {self.worst:.2f} of the allowed error"
        return text if self.ok else f"expected an error of at most 1.00, got {text}"

    def record(self) -> dict:
        """For the results; JSON has no infinities."""
        found = {**asdict(self), "ok": self.ok}
        return {
            key: str(value)
            if isinstance(value, float) and not math.isfinite(value)
            else value
            for key, value in found.items()
        }
