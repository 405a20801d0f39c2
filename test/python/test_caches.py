# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Caches: what is stored, what the attention sees, what cannot be."""

import math

import numpy as np
import pytest
from mqa import Attention, Cache, MqaError, random_inputs, reference, render


def tiny(dims="m=1 n=4 d=1 e=1", **rest):
    return Attention.of(dims, q="md", k="nd", v="ne", o="me", **rest)


def f32(*values):
    return np.array(values, dtype=np.float32)


def test_pages_by_hand():
    # Keys 0 to 3 are on pages 2 and 0; all scores are 0, so weights are 1/4.
    inputs = {
        "q": f32([1.0]),
        "k": f32([0.0], [0.0], [0.0], [0.0]),
        "v": f32([[1.0], [2.0]], [[90.0], [90.0]], [[30.0], [40.0]]),
        "v_table": np.array([2, 0, 1], dtype=np.int32),
    }
    of = tiny(v_cache=Cache(2, spare=1))
    output, _ = reference(of, inputs)
    assert output == pytest.approx(np.array([[73.0 / 4]]))


def test_what_is_no_page_is_the_last_page():
    inputs = {
        "q": f32([1.0]),
        "k": f32([0.0], [0.0], [0.0], [0.0]),
        "v": f32([[1.0], [1.0]], [[8.0], [8.0]], [[3.0], [3.0]]),
        "v_table": np.array([-1, 99, 0], dtype=np.int32),
    }
    output, _ = reference(tiny(v_cache=Cache(2, spare=1)), inputs)
    assert output == pytest.approx(np.array([[3.0]]))


def test_integers_by_hand():
    inputs = {
        "q": f32([1.0]),
        "k": f32([0.0], [math.log(3)]),
        "v": np.array([[12], [-6]], dtype=np.int8),
        "v_scale": f32(0.5, 2.0),
        "v_zero": np.array([2, -1], dtype=np.int8),
    }
    of = tiny("m=1 n=2 d=1 e=1", v_cache=Cache(scale="n", zero=True))
    output, _ = reference(of, inputs)
    # Values 5 and -10 with weights 1/4 and 3/4.
    assert output == pytest.approx(np.array([[-6.25]]))


@pytest.mark.parametrize("page_dim", [0, 1, 2])
@pytest.mark.parametrize("page", [1, 3, 16])
def test_random_pools_hold_what_a_plain_operand_holds(page, page_dim):
    layout = {"q": "bgmd", "k": "bgnd", "v": "bgne", "o": "bgme"}
    of = Attention.of(
        "b=2 g=2 m=3 n=7 d=4 e=4",
        **layout,
        k_cache=Cache(page, "b", page_dim, scale="bn", zero=True),
    )
    inputs = random_inputs(of, 5)
    plain = dict(inputs, k=f32(*of.cached("k").load(inputs)))
    want, _ = reference(Attention.of("b=2 g=2 m=3 n=7 d=4 e=4", **layout), plain)
    got, _ = reference(of, inputs)
    assert np.isfinite(got).all()
    assert got == pytest.approx(want, abs=1e-6)


def test_arguments_and_text():
    text = render(
        tiny("m=1 n=?40 d=8 e=8", k_cache=Cache(16, scale="n", dynamic=True))
    )
    assert (
        "%k: tensor<?x?x8xi8>, %k_table: tensor<?xi32>,"
        " %k_scale: tensor<?xf32>, %k_keys: index, %v: tensor<?x8xf32>" in text
    )
    assert (
        "mqa.paged_view %k[%k_table] keys(%k_keys) page_dim(0) slot_dim(1) :"
        " tensor<?x?x8xi8>, tensor<?xi32> -> tensor<?x8xi8>" in text
    )


def test_errors():
    with pytest.raises(MqaError, match="begins with 'b'"):
        tiny(k_cache=Cache(16, "b")).stored()
    with pytest.raises(MqaError, match="the key x in the pool of k"):
        tiny(k_cache=Cache(16, key="x")).stored()
    with pytest.raises(MqaError, match="caches of tensors"):
        tiny(k_cache=Cache(16), memref=True)
    of = tiny(k_cache=Cache(2))
    inputs = random_inputs(of, 1)
    del inputs["k_table"]
    with pytest.raises(MqaError, match="input k_table"):
        reference(of, inputs)
