# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""IREE, llvm-cpu for the host: what JAX exports as StableHLO, decomposed.

The decomposed form is what IREE's users run on CPUs: its own attention op has
been far slower there.
"""

from __future__ import annotations

from collections.abc import Iterator

import iree.compiler as compiler
import iree.runtime as runtime
import jax
import numpy as np

from ..cases import Case
from ..data import Data
from ..variant import Variant
from .jax_sdpa import arrays, attention, canonical

PACKAGES = ("iree-base-compiler", "iree-base-runtime")
FLAGS = ["--iree-llvmcpu-target-cpu=host", "--iree-opt-level=O3"]


def variants(
    case: Case, data: Data, threads: int
) -> Iterator[tuple[str, object]]:
    """One form; folded where the mask allows it, which is faster."""
    if case.mask not in ("full", "causal") or case.dtype != "f32":
        return
    fold = case.mask == "full" and case.kv_heads < case.heads

    def build() -> Variant:
        inputs = arrays(case, data, fold)
        text = jax.jit(attention(case, fold)).lower(*inputs).as_text()
        binary = compiler.compile_str(
            text, input_type="stablehlo", target_backends=["llvm-cpu"],
            extra_args=FLAGS,
        )  # fmt: skip
        driver = "local-sync" if threads == 1 else "local-task"
        config = runtime.Config(driver)
        module = runtime.load_vm_module(
            runtime.VmModule.copy_buffer(config.vm_instance, binary), config
        )
        device = config.device
        buffers = [runtime.asdevicearray(device, x) for x in inputs]
        held = []

        def run() -> None:
            held[:] = [module.main(*buffers)]

        def result() -> np.ndarray:
            return canonical(held[0].to_host(), case)

        return Variant("IREE", run, result, "decomposed")

    yield "IREE, folded" if fold else "IREE", build
