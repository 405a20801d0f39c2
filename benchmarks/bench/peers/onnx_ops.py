# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""onnxruntime: GroupQueryAttention, MultiHeadAttention and ONNX Attention.

GroupQueryAttention decodes over a cache that input and output share, so that
nothing is copied; it is causal always, so prefill without a mask is not its
case. MultiHeadAttention knows no shared keys: as called, it gets them repeated
(made before timing); folded, the heads are rows of one head. The same fold for
Attention. A fold comes in as many parts as there are threads.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper

from ..cases import Case
from ..data import Data
from ..variant import Variant

PACKAGES = ("onnx", "onnxruntime")
_ELEMENT = {"f32": TensorProto.FLOAT, "f16": TensorProto.FLOAT16}


def _session(
    op: str,
    domain: str,
    inputs: dict[str, np.ndarray],
    outputs: tuple[str, ...],
    threads: int,
    attributes: dict,
) -> ort.InferenceSession:
    """A session of a model with one node."""
    used = [name for name in inputs if name]
    declared = [
        helper.make_tensor_value_info(
            name,
            helper.np_dtype_to_tensor_dtype(inputs[name].dtype),
            inputs[name].shape,
        )
        for name in used
    ]
    results = [
        helper.make_tensor_value_info(x, TensorProto.FLOAT, None)
        for x in outputs
    ]
    names = ["" if name.startswith("_") else name for name in inputs]
    node = helper.make_node(op, names, outputs, domain=domain, **attributes)
    declared = [x for x in declared if not x.name.startswith("_")]
    graph = helper.make_graph([node], "attention", declared, results)
    imports = [helper.make_opsetid("", 23)]
    if domain:
        imports.append(helper.make_opsetid(domain, 1))
    model = helper.make_model(graph, opset_imports=imports)
    model.ir_version = 10
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Spinning during a run, but not on after it, where others are timed.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return ort.InferenceSession(
        model.SerializeToString(), options, ["CPUExecutionProvider"]
    )


def _bound(
    session: ort.InferenceSession,
    inputs: dict[str, np.ndarray],
    outputs: dict[str, np.ndarray],
):
    """A run on these buffers, in place: no copies in or out."""
    binding = session.io_binding()
    arrays = {x: a for x, a in inputs.items() if not x.startswith("_")}
    kinds = [(binding.bind_input, arrays), (binding.bind_output, outputs)]
    for bind, group in kinds:
        for name, a in group.items():
            bind(name, "cpu", 0, a.dtype, a.shape, a.ctypes.data)
    keep = (inputs, outputs)

    def run(_=keep) -> None:
        session.run_with_iobinding(binding)

    return run


def _packed(x: np.ndarray) -> np.ndarray:
    """[1, rows, heads * depth] of [heads, rows, depth]."""
    rows = x.swapaxes(0, 1).reshape(1, x.shape[1], -1)
    return np.ascontiguousarray(rows)


def _unpacked(x: np.ndarray, case: Case) -> np.ndarray:
    rows = x.reshape(case.rows, case.heads, case.depth)
    return rows.swapaxes(0, 1)


def _folded(case: Case, data: Data, threads: int) -> tuple[np.ndarray, ...]:
    """Query, key and value with the heads of a group in rows."""
    group = case.heads // case.kv_heads
    parts = threads if case.kv_heads == 1 and group % threads == 0 else 1
    heads = case.kv_heads * parts
    q = data.q.reshape(heads, -1, case.depth)
    k, v = data.k, data.v
    if parts > 1:
        k, v = np.repeat(k, parts, 0), np.repeat(v, parts, 0)
    return q, k, v


def _gqa(case: Case, data: Data, threads: int) -> Variant:
    """com.microsoft GroupQueryAttention."""
    past = case.keys - case.rows
    cache = [data.k[None].copy(), data.v[None].copy()]
    inputs = {
        "query": _packed(data.q),
        "key": _packed(data.k[:, past:]),
        "value": _packed(data.v[:, past:]),
        "past_key": cache[0] if past else cache[0][:, :, :0],
        "past_value": cache[1] if past else cache[1][:, :, :0],
        "seqlens_k": np.array([case.keys - 1], np.int32),
        "total_sequence_length": np.array([case.keys], np.int32),
    }
    if not past:  # prefill: nothing is in the cache
        inputs = {
            "_" + x if x.startswith("past") else x: a for x, a in inputs.items()
        }
    outputs = {
        "output": np.zeros_like(inputs["query"]),
        "present_key": cache[0],
        "present_value": cache[1],
    }
    attributes = {
        "num_heads": case.heads,
        "kv_num_heads": case.kv_heads,
        "scale": case.scale,
    }
    session = _session("GroupQueryAttention", "com.microsoft", inputs,
                       tuple(outputs), threads, attributes)  # fmt: skip
    run = _bound(session, inputs, outputs)
    note = "shared cache" if past else ""
    return Variant("ORT GroupQueryAttention", run,
                   lambda: _unpacked(outputs["output"], case), note)  # fmt: skip


def _mha(case: Case, data: Data, threads: int, fold: bool) -> Variant:
    """com.microsoft MultiHeadAttention."""
    group = case.heads // case.kv_heads
    q, k, v = data.q, *(np.repeat(x, group, 0) for x in (data.k, data.v))
    if fold:
        q, k, v = _folded(case, data, threads)
    inputs = {"query": _packed(q), "key": _packed(k), "value": _packed(v)}
    outputs = {"output": np.zeros_like(inputs["query"])}
    attributes = {
        "num_heads": q.shape[0],
        "scale": case.scale,
        "unidirectional": int(case.mask == "causal"),
    }
    session = _session("MultiHeadAttention", "com.microsoft", inputs,
                       tuple(outputs), threads, attributes)  # fmt: skip
    run = _bound(session, inputs, outputs)

    def result() -> np.ndarray:
        rows = outputs["output"].reshape(q.shape[1], q.shape[0], case.depth)
        return rows.swapaxes(0, 1).reshape(data.q.shape)

    name = "ORT MultiHeadAttention" + (", folded" if fold else "")
    return Variant(name, run, result, "" if fold or group == 1 else "repeated")


def _attention(case: Case, data: Data, threads: int, fold: bool) -> Variant:
    """ONNX Attention of opset 23, four dimensions."""
    q, k, v = _folded(case, data, threads) if fold else (data.q, data.k, data.v)
    inputs = {"Q": q[None], "K": k[None], "V": v[None]}
    outputs = {"Y": np.zeros_like(inputs["Q"])}
    causal = int(case.mask == "causal")
    attributes = {"scale": case.scale, "is_causal": causal}
    session = _session("Attention", "", inputs, tuple(outputs), threads,
                       attributes)  # fmt: skip
    run = _bound(session, inputs, outputs)
    name = "ORT Attention" + (", folded" if fold else "")
    return Variant(name, run, lambda: outputs["Y"].reshape(data.q.shape))


def variants(
    case: Case, data: Data, threads: int
) -> Iterator[tuple[str, object]]:
    """All forms that fit the case."""
    if case.mask not in ("full", "causal") or case.dtype != "f32":
        return
    if case.mask == "causal" or case.rows == 1:
        yield "ORT GroupQueryAttention", lambda: _gqa(case, data, threads)
    shared = case.kv_heads < case.heads
    if not shared or case.rows > 1:  # nobody repeats a cache at each step
        yield (
            "ORT MultiHeadAttention",
            lambda: _mha(case, data, threads, False),
        )
    yield "ORT Attention", lambda: _attention(case, data, threads, False)
    if shared and case.mask == "full":
        for name, build in (("MultiHeadAttention", _mha),
                            ("Attention", _attention)):  # fmt: skip
            yield (
                f"ORT {name}, folded",
                lambda build=build: build(case, data, threads, True),
            )
