# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The builder: its text, its errors, its views, and bf16 without a package."""

import re

import numpy as np
import pytest
from mqa import (
    Alibi,
    Attention,
    Bias,
    CausalBottomRight,
    CausalOffset,
    CausalTopLeft,
    Chunked,
    Dim,
    Documents,
    Lengths,
    MqaError,
    SlidingWindow,
    Softcap,
    TensorMask,
    render,
    render_states,
)
from mqa.npy import from_storage, to_storage
from mqa.regions import literal
from mqa.views import embed, extract, view_type


def mqa(dims="b=2 h=3 m=?5 n=7 d=8 e=4", **rest):
    return Attention.of(dims, q="bhmd", k="bnd", v="bne", o="bhme", **rest)


def test_plain_text():
    text = render(mqa(scale=0.125))
    space = "(b, h, m, n, d, e)"
    assert (
        text
        == f"""\
#q = affine_map<{space} -> (b, h, m, d)>
#k = affine_map<{space} -> (b, n, d)>
#v = affine_map<{space} -> (b, n, e)>
#o = affine_map<{space} -> (b, h, m, e)>
func.func @attention(%q: tensor<2x3x?x8xf32>, %k: tensor<2x7x8xf32>, \
%v: tensor<2x7x4xf32>, %o: tensor<2x3x?x4xf32>) -> (tensor<2x3x?x4xf32>) {{
  %r = mqa.attention {{indexing_maps = [#q, #k, #v, #o], scale = 0.125 : f32}}
    ins(%q, %k, %v : tensor<2x3x?x8xf32>, tensor<2x7x8xf32>, tensor<2x7x4xf32>)
    outs(%o : tensor<2x3x?x4xf32>) -> tensor<2x3x?x4xf32>
  return %r : tensor<2x3x?x4xf32>
}}
"""
    )


def test_order_of_arguments_maps_and_region_arguments():
    text = render(
        mqa(
            mask=CausalOffset(dtype="i32") & Lengths("b"),
            scores=(Bias("hmn", "f16"),),
            sink="h",
            lse="bhm",
        ),
        name="f",
    )
    names = re.findall(
        r"%(\w+): ", text.split("func.func @f(")[1].split(")")[0]
    )
    assert names == [
        "q",
        "k",
        "v",
        "x0",
        "x1",
        "sink",
        "offset_i32",
        "o",
        "lse",
    ]
    assert "[#q, #k, #v, #x0, #x1, #sink, #o, #lse]" in text
    indices = ", ".join(f"%i_{x}: index" for x in "bhmn")
    assert f"^bb0(%e0: i32, %e1: f16, {indices}):" in text
    assert f"^bb0(%s: f32, %e0: i32, %e1: f16, {indices}):" in text


def test_equal_extras_are_one_input():
    mask = Lengths("b") & (CausalTopLeft() | Lengths("b"))
    assert [x.name for x in mqa(mask=mask).inputs()] == ["q", "k", "v", "x0"]


def test_dynamic_sizes_are_read_once_and_captured():
    text = render(mqa(mask=CausalBottomRight() | CausalBottomRight()))
    assert text.count("tensor.dim %q") == 1


def test_f64_scores_are_f64():
    text = render(
        mqa(dtype="f64", scale=0.5, scores=(Softcap(3.0),), lse="bhm")
    )
    assert "scale = 0.5 : f64" in text
    assert "math.tanh %r1 : f64" in text
    assert "%lse: tensor<2x3x?xf64>" in text
    assert "f32" not in text


def test_memref_form_has_no_results():
    text = render(mqa(memref=True))
    assert ") {\n  mqa.attention" in text
    assert text.endswith("outs(%o : memref<2x3x?x4xf32>)\n  return\n}\n")


def test_views_of_memrefs():
    text = render(mqa(memref=True, step=2))
    assert "%k: memref<4x9x18xf32>" in text
    assert "memref<2x7x8xf32, strided<[162, 18, 2], offset: 181>>" in text
    assert "strided<[?, ?, 18, 2], offset: ?>" in text


def test_states_add_the_first_key_to_the_index():
    text = render_states(mqa(mask=CausalTopLeft(), sink="h", lse="bhm"), 3)
    assert text.count("mqa.online_attention") == 2
    assert text.count("mqa.merge") == text.count("mqa.finalize") == 1
    assert "%k[0, 3, 0] [2, 4, 8] [1, 1, 1]" in text
    assert "%r0 = arith.constant 3 : index" in text
    with pytest.raises(MqaError, match="expected a split from 0 to 7, got 8"):
        render_states(mqa(), 8)
    with pytest.raises(MqaError, match="expected a tensor form, got memrefs"):
        render_states(mqa(memref=True), 3)


def test_roles():
    attention = mqa()
    roles = [attention.role(dim.name) for dim in attention.dims]
    assert roles == ["batch", "row", "row", "key", "depth", "value"]


BAD = {
    "expected dimensions like m=5 or m=\\?5, got 'm'": dict(dims="m"),
    "expected distinct dimensions": dict(dims="b=2 b=2"),
    "expected dimension h in all of .* got it in q$": dict(o="bme"),
    "expected dimension z in all of .* got it in none": dict(
        dims="b=2 h=3 m=5 n=7 d=8 e=4 z=1"
    ),
    "expected a depth dimension, got none": dict(
        q="bhm", k="bn", dims="b=2 h=3 m=5 n=7 e=4"
    ),
    "expected one of f16, bf16, f32, f64, got 'f8'": dict(dtype="f8"),
    "expected dimensions of q among bhmnde, got 'bhmdz'": dict(q="bhmdz"),
    "expected distinct dimensions of q, got 'bhmdd'": dict(q="bhmdd"),
    "expected dimensions of sink among bhm, got 'n'": dict(sink="n"),
    "expected log-sum-exp over bhm, got bh": dict(lse="bh"),
    "expected dimensions of x0 among bhmn, got 'bd'": dict(
        mask=TensorMask("bd")
    ),
    "expected f64 in all of q, k, v, o and sink or in none, got f32": {
        "dtype": "f64",
        "out_dtype": "f32",
    },
    "expected step 0 of tensors, got 2": dict(step=2),
}


@pytest.mark.parametrize("message", BAD)
def test_bad_descriptions(message):
    fields = dict(
        dims="b=2 h=3 m=5 n=7 d=8 e=4", q="bhmd", k="bnd", v="bne", o="bhme"
    )
    with pytest.raises(MqaError, match=message):
        Attention.of(**{**fields, **BAD[message]})


def test_bad_parts():
    with pytest.raises(MqaError, match="expected a cap above 0, got 0"):
        Softcap(0)
    with pytest.raises(MqaError, match="expected a chunk size above 0, got 0"):
        Chunked(0)
    with pytest.raises(MqaError, match="expected a left or a right limit"):
        SlidingWindow(None, None)
    with pytest.raises(MqaError, match="expected a dimension of one letter"):
        Dim("mm", 1)
    with pytest.raises(MqaError, match="expected a size of m from 0 on"):
        Dim("m", -1)
    with pytest.raises(MqaError, match="expected one of i1, i8"):
        Documents(dtype="f32").extras()
    with pytest.raises(MqaError, match="expected one of f16, bf16"):
        Alibi(dtype="i32").extras()


def test_bf16_rounds_to_nearest_even():
    values = np.array([1.0, 1.00390625, 1.01171875, 3.0e38, -2.5, 0.0])
    bits = to_storage(values, "bf16")
    assert bits.dtype == np.uint16
    expected = [1.0, 1.0, 1.015625, 3.0039e38, -2.5, 0.0]
    assert from_storage(bits, "bf16") == pytest.approx(expected, rel=1e-4)
    assert from_storage(bits.view("V2"), "bf16")[4] == -2.5
    assert np.isnan(
        from_storage(to_storage(np.array([np.nan]), "bf16"), "bf16")
    )
    assert np.isinf(
        from_storage(to_storage(np.array([np.inf]), "bf16"), "bf16")
    )


def test_literals_have_a_point():
    assert literal(1e-05) == "1.0e-05"
    assert literal(0.1) == "0.1"
    assert literal(-3) == "-3.0"


def test_views_embed_and_extract():
    array = np.arange(6.0).reshape(2, 3)
    buffer = embed(array, 2, -1.0)
    assert buffer.shape == (4, 8)
    inside, outside = extract(buffer, (2, 3), 2)
    np.testing.assert_array_equal(inside, array)
    assert np.all(outside == -1.0)
    assert view_type((None, 3), "f32", 1) == (
        "memref<?x3xf32, strided<[5, 1], offset: 6>>"
    )
