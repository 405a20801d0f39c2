# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""OpenVINO: ScaledDotProductAttention of opset 13, as called and folded."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from ..cases import Case
from ..data import Data
from ..variant import Variant

PACKAGES = ("openvino",)
_PLUMBING = {"Input", "Output", "Const", "Reorder", "Reshape"}


def _request(
    arrays: tuple[np.ndarray, ...], causal: bool, threads: int
) -> tuple[ov.InferRequest, str]:
    """A request bound to the buffers, and what the graph runs."""
    parameters = [ops.parameter(x.shape, np.float32) for x in arrays]
    q, k, v = parameters
    heads = arrays[0].shape[1]
    if 1 < arrays[1].shape[1] < heads:  # a single one broadcasts in the op
        k, v = (_repeat(x, heads) for x in (k, v))
    node = ops.scaled_dot_product_attention(q, k, v, causal=causal)
    model = ov.Model([node], parameters, "attention")
    settings = {
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "ENABLE_CPU_PINNING": False,
        "PERFORMANCE_HINT": "LATENCY",
    }
    compiled = ov.Core().compile_model(model, "CPU", settings)
    kinds = [
        op.get_rt_info()["layerType"].astype(str)
        for op in compiled.get_runtime_model().get_ops()
    ]
    request = compiled.create_infer_request()
    for index, array in enumerate(arrays):
        tensor = ov.Tensor(array, shared_memory=True)
        request.set_input_tensor(index, tensor)
    return request, "runs " + ", ".join(sorted(set(kinds) - _PLUMBING))


def _repeat(x: ov.Output, heads: int) -> ov.Output:
    """Key or value for every head, as converted models have it."""
    _, own, keys, depth = x.get_output_shape(0)
    group = heads // own
    wide = ops.unsqueeze(x, np.int64(2))
    wide = ops.broadcast(wide, np.array([1, own, group, keys, depth]))
    return ops.reshape(wide, np.array([1, heads, keys, depth]), False)


def _variant(name: str, data: Data, arrays: tuple, threads: int) -> Variant:
    causal = data.case.mask == "causal"
    request, note = _request(arrays, causal, threads)
    shape = data.q.shape

    def result(_=arrays) -> np.ndarray:  # kept alive
        return request.get_output_tensor(0).data.reshape(shape)

    return Variant(name, request.infer, result, note)


def variants(
    case: Case, data: Data, threads: int
) -> Iterator[tuple[str, object]]:
    """Both forms."""
    if case.mask not in ("full", "causal") or case.dtype != "f32":
        return
    group = case.heads // case.kv_heads

    def called() -> Variant:
        arrays = (data.q[None], data.k[None], data.v[None])
        return _variant("OpenVINO SDPA", data, arrays, threads)

    def folded() -> Variant:
        parts = threads if case.kv_heads == 1 and group % threads == 0 else 1
        q = data.q.reshape(1, case.kv_heads * parts, -1, case.depth)
        k, v = (np.repeat(x, parts, 0)[None] for x in (data.k, data.v))
        return _variant("OpenVINO SDPA, folded", data, (q, k, v), threads)

    yield "OpenVINO SDPA", called
    if group > 1 and case.mask == "full":
        yield "OpenVINO SDPA, folded", folded
