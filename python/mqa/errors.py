# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The one error type of the package."""

from __future__ import annotations


class MqaError(ValueError):
    """A description or an input is wrong; the text says expected and got."""


def expect(condition: bool, expected: str, got: object) -> None:
    """Raises `MqaError` ("expected X, got Y") unless `condition` holds."""
    if not condition:
        raise MqaError(f"expected {expected}, got {got}")
