# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The formula of attention, slow and obvious, in f64.

It knows nothing of the compiler: what the dialect's lowerings compute is
compared with what stands here.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .attention import Attention
from .inputs import check_inputs
from .npy import from_storage
from .regions import Env


def reference(
    attention: Attention, inputs: Mapping[str, np.ndarray | float]
) -> tuple[np.ndarray, np.ndarray]:
    """Output and log-sum-exp, both f64.

    Args:
        attention: what to compute.
        inputs: by argument name ("q", "k", "v", "x0"..., "sink", scalars),
            arrays in storage (`npy.py`), shaped by their layouts.

    Returns:
        The output in the layout `attention.o`; the natural log-sum-exp in the
        layout `attention.lse`, or over the batch and row dimensions in order.
        A row without a live key has output 0 and log-sum-exp minus infinity
        (the sink's logit, if there is a sink).

    Raises:
        MqaError: an input is missing or has another shape or type.
    """
    check_inputs(attention, inputs)
    values = {}
    for x in attention.inputs():
        cached = attention.cached(x.name)
        if cached is None:
            values[x.name] = from_storage(inputs[x.name], x.dtype)
        else:
            values[x.name] = cached.load(inputs)
    region, state = attention.region_axes, attention.state_axes
    extras = {x: values[f"x{i}"] for i, x in enumerate(attention.extras())}
    scalars = {x: inputs[x.name] for x in attention.scalars()}
    env = Env(attention.sizes, region, extras, scalars)
    key_axes = tuple(region.index(axis) for axis in attention.axes("key"))

    product = f"{attention.q},{attention.k}->{region}"
    score = np.einsum(product, values["q"], values["k"])
    score = score * attention.scale_value
    for step in attention.scores:
        score = step.apply(env, score)
    if attention.mask is not None:
        score = np.where(attention.mask.keep(env), score, -np.inf)

    top = np.max(score, axis=key_axes, keepdims=True, initial=-np.inf)
    sink = None
    if attention.sink is not None:
        sink = env.spread(values["sink"], attention.sink)
        top = np.maximum(top, sink)
    base = np.where(np.isfinite(top), top, 0.0)
    weight = np.exp(score - base)
    total = np.sum(weight, axis=key_axes, keepdims=True)
    if sink is not None:
        total = total + np.exp(sink - base)
    weight = weight / np.where(total > 0, total, 1.0)
    with np.errstate(divide="ignore"):
        lse = (base + np.log(total)).squeeze(key_axes)

    product = f"{region},{attention.v}->{attention.o}"
    output = np.einsum(product, weight, values["v"])
    wanted = state if attention.lse is None else attention.lse
    return output, np.transpose(lse, [state.index(axis) for axis in wanted])
