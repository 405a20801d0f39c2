# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Other systems that compute attention, each at its best.

A module has `PACKAGES`, the Python packages it needs, and `variants(case, data,
threads)`, which yields names and functions that make a Variant. What a system
does not offer is not yielded; what it should do and does not raises.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Callable, Iterator
from types import ModuleType

from ..cases import Case
from ..data import Data
from ..variant import Variant

# By the names that Case.peers has.
MODULES = {
    "torch": "torch_sdpa",
    "flex": "torch_flex",
    "ort": "onnx_ops",
    "openvino": "openvino_sdpa",
    "jax": "jax_sdpa",
    "iree": "iree_jax",
}

Build = Callable[[], Variant]


def load(wanted: list[str]) -> tuple[dict[str, ModuleType], dict[str, str]]:
    """The peers that can be imported, and why the others cannot."""
    found, missing = {}, {}
    for peer in wanted:
        try:
            module = importlib.import_module(f".{MODULES[peer]}", __name__)
            found[peer] = module
        except Exception as error:  # anything: the others go on
            first = str(error).strip().split("\n")[0]
            missing[peer] = f"{type(error).__name__}: {first}"
    return found, missing


def versions(modules: dict[str, ModuleType]) -> dict[str, str]:
    """Versions of the packages behind the peers."""
    names = {x for module in modules.values() for x in module.PACKAGES}
    return {name: importlib.metadata.version(name) for name in sorted(names)}


def builders(
    modules: dict[str, ModuleType], case: Case, data: Data, threads: int
) -> Iterator[tuple[str, Build]]:
    """What the peers of a case can do."""
    for peer, module in modules.items():
        if peer in case.peers:
            yield from module.variants(case, data, threads)
