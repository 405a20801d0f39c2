# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The NumPy reference against numbers computed by hand and against loops."""

import itertools
import math

import numpy as np
import pytest
from mqa import (
    Alibi,
    Always,
    Attention,
    Bias,
    CausalBottomRight,
    CausalOffset,
    CausalTopLeft,
    Chunked,
    Documents,
    Lengths,
    MqaError,
    PrefixLM,
    Relative,
    SlidingWindow,
    Softcap,
    TensorMask,
    random_inputs,
    reference,
)


def tiny(dims="m=1 n=2 d=1 e=1", **rest):
    return Attention.of(dims, q="md", k="nd", v="ne", o="me", **rest)


def f32(*values):
    return np.array(values, dtype=np.float32)


def test_two_keys_by_hand():
    # Scores 0 and ln 3: weights 1/4 and 3/4, sum of exponentials 4.
    inputs = {
        "q": f32([1.0]),
        "k": f32([0.0], [math.log(3)]),
        "v": f32([10.0], [20.0]),
    }
    output, lse = reference(tiny(), inputs)
    assert output == pytest.approx(np.array([[17.5]]))
    assert lse == pytest.approx(np.array([math.log(4)]))


def test_scale_multiplies_the_scores():
    inputs = {
        "q": f32([1.0]),
        "k": f32([0.0], [2 * math.log(3)]),
        "v": f32([10.0], [20.0]),
    }
    output, _ = reference(tiny(scale=0.5), inputs)
    assert output == pytest.approx(np.array([[17.5]]))


def test_sink_is_one_more_key_without_value():
    # Exponentials 1, 3 and 4 (the sink): (10 + 60) / 8.
    inputs = {
        "q": f32([1.0]),
        "k": f32([0.0], [math.log(3)]),
        "v": f32([10.0], [20.0]),
        "sink": np.float32(math.log(4)).reshape(()),
    }
    output, lse = reference(tiny(sink=""), inputs)
    assert output == pytest.approx(np.array([[8.75]]))
    assert lse == pytest.approx(np.array([math.log(8)]))


def test_row_without_live_key_gives_zero():
    attention = tiny("m=3 n=2 d=4 e=4", mask=Always(False))
    output, lse = reference(attention, random_inputs(attention, 1))
    assert np.all(output == 0)
    assert np.all(np.isneginf(lse))


def test_row_without_live_key_and_with_sink_gives_the_sink():
    attention = tiny("m=3 n=2 d=4 e=4", mask=Always(False), sink="m")
    inputs = random_inputs(attention, 1)
    output, lse = reference(attention, inputs)
    assert np.all(output == 0)
    assert lse == pytest.approx(inputs["sink"].astype(np.float64))


def test_no_keys_at_all():
    attention = tiny("m=3 n=0 d=4 e=4")
    output, lse = reference(attention, random_inputs(attention, 1))
    assert np.all(output == 0)
    assert np.all(np.isneginf(lse))


def test_huge_scores_do_not_overflow():
    inputs = {"q": f32([1e4]), "k": f32([1.0], [-1.0]), "v": f32([3.0], [5.0])}
    output, lse = reference(tiny(), inputs)
    assert output == pytest.approx(np.array([[3.0]]))
    assert lse == pytest.approx(np.array([1e4]))


KEEP = {
    "top-left": (CausalTopLeft(), lambda m, n: n <= m),
    "bottom-right": (CausalBottomRight(), lambda m, n: n <= m + 7 - 4),
    "window": (SlidingWindow(2, 1), lambda m, n: m - 2 <= n <= m + 1),
    "left only": (SlidingWindow(2, None), lambda m, n: m - 2 <= n),
    "right only": (SlidingWindow(None, 0), lambda m, n: n <= m),
    "prefix": (PrefixLM(3), lambda m, n: n < 3 or n <= m),
    "chunked": (Chunked(3), lambda m, n: m // 3 == n // 3),
    "and": (
        CausalTopLeft() & Chunked(3),
        lambda m, n: m // 3 == n // 3 and n <= m,
    ),
    "or": (
        CausalTopLeft() | Chunked(3),
        lambda m, n: m // 3 == n // 3 or n <= m,
    ),
    "not": (~CausalTopLeft(), lambda m, n: n > m),
}


@pytest.mark.parametrize("name", KEEP)
def test_masks_of_positions(name):
    mask, keep = KEEP[name]
    attention = tiny("m=4 n=7 d=3 e=2", mask=mask)
    check_against_loops(attention, lambda inputs, m, n: keep(m, n))


@pytest.mark.parametrize("dtype", ["i32", "i64", "index"])
def test_masks_of_extra_inputs(dtype):
    attention = tiny("m=4 n=7 d=3 e=2", mask=Documents(dtype=dtype))
    check_against_loops(attention, lambda x, m, n: x["x0"][m] == x["x1"][n])
    attention = tiny("m=4 n=7 d=3 e=2", mask=Lengths("m", dtype))
    check_against_loops(attention, lambda x, m, n: n < x["x0"][m])
    attention = tiny("m=4 n=7 d=3 e=2", mask=CausalOffset(dtype=dtype))
    check_against_loops(
        attention, lambda x, m, n: n <= m + x[f"offset_{dtype}"]
    )


def test_boolean_tensor_broadcasts():
    attention = tiny("m=4 n=7 d=3 e=2", mask=TensorMask("n"))
    check_against_loops(attention, lambda x, m, n: x["x0"][n])
    attention = tiny("m=4 n=7 d=3 e=2", mask=TensorMask("nm"))
    check_against_loops(attention, lambda x, m, n: x["x0"][n, m])


SCORES = {
    "softcap": (Softcap(2.0), lambda x, s, m, n: 2 * math.tanh(s / 2)),
    "bias": (Bias("nm"), lambda x, s, m, n: s + float(x["x0"][n, m])),
    "broadcast": (Bias("n"), lambda x, s, m, n: s + float(x["x0"][n])),
    "alibi": (Alibi("m"), lambda x, s, m, n: s + float(x["x0"][m]) * (n - m)),
    "relative": (
        Relative(0.5, 2),
        lambda x, s, m, n: s - 0.5 * min(abs(n - m), 2),
    ),
}


@pytest.mark.parametrize("name", SCORES)
def test_scores(name):
    score, apply = SCORES[name]
    attention = tiny("m=4 n=7 d=3 e=2", scores=(score,), scale=0.5)
    check_against_loops(attention, lambda *_: True, apply)


def test_softcap_comes_before_the_mask():
    attention = tiny(
        "m=4 n=7 d=3 e=2", scores=(Softcap(0.5),), mask=CausalTopLeft()
    )
    check_against_loops(
        attention,
        lambda x, m, n: n <= m,
        lambda x, s, m, n: 0.5 * math.tanh(s / 0.5),
    )


def check_against_loops(attention, keep, apply=lambda x, s, m, n: s):
    """Attention of one head, written with loops and Python floats."""
    inputs = random_inputs(attention, 7)
    output, lse = reference(attention, inputs)
    q, k, v = (inputs[x].astype(float) for x in "qkv")
    for m in range(len(q)):
        weights = {}
        for n in range(len(k)):
            dot = sum(float(a) * float(b) for a, b in zip(q[m], k[n]))
            score = apply(inputs, dot * attention.scale_value, m, n)
            if keep(inputs, m, n):
                weights[n] = math.exp(score)
        total = sum(weights.values())
        for e in range(v.shape[1]):
            value = sum(w * v[n, e] for n, w in weights.items())
            expected = value / total if total else 0.0
            assert output[m, e] == pytest.approx(expected, abs=1e-12)
        expected = math.log(total) if total else -math.inf
        assert lse[m] == pytest.approx(expected)


def test_all_layouts_agree():
    base = Attention.of(
        "b=2 h=3 m=4 n=5 d=6 e=7", "bhmd", "bnd", "bne", "bhme", lse="bhm"
    )
    inputs = random_inputs(base, 3)
    output, lse = reference(base, inputs)
    for layout in itertools.permutations("bhmd"):
        q = "".join(layout)
        o, k, v = q.replace("d", "e"), "dnb", "ebn"
        moved = Attention.of(
            "n=5 e=7 b=2 d=6 m=4 h=3", q, k, v, o, lse=o.replace("e", "")
        )
        other = {
            name: np.transpose(inputs[name], [old.index(x) for x in new])
            for name, old, new in (
                ("q", "bhmd", q),
                ("k", "bnd", k),
                ("v", "bne", v),
            )
        }
        got, got_lse = reference(moved, other)
        back = np.transpose(got, [o.index(x) for x in "bhme"])
        np.testing.assert_allclose(back, output, rtol=1e-12)
        order = [moved.lse.index(x) for x in "bhm"]
        np.testing.assert_allclose(np.transpose(got_lse, order), lse)


def test_multi_query_equals_repeated_keys():
    shared = Attention.of("h=3 m=4 n=5 d=6 e=7", "hmd", "nd", "ne", "hme")
    every = Attention.of("h=3 m=4 n=5 d=6 e=7", "hmd", "hnd", "hne", "hme")
    inputs = random_inputs(shared, 5)
    repeated = dict(inputs)
    for name in "kv":
        repeated[name] = np.repeat(inputs[name][None], 3, axis=0)
    np.testing.assert_allclose(
        reference(shared, inputs)[0], reference(every, repeated)[0]
    )


def test_several_dimensions_of_a_role_are_one_long_one():
    split = Attention.of(
        "x=2 m=3 y=2 n=4 d=2 c=3 e=5",
        "xmdc",
        "yncd",
        "yne",
        "xme",
        mask=CausalTopLeft("xm", "yn"),
    )
    whole = tiny("m=6 n=8 d=6 e=5", mask=CausalTopLeft())
    inputs = random_inputs(split, 5)
    flat = {
        "q": inputs["q"].reshape(6, 6),
        "k": np.transpose(inputs["k"], (0, 1, 3, 2)).reshape(8, 6),
        "v": inputs["v"].reshape(8, 5),
    }
    np.testing.assert_allclose(
        reference(split, inputs)[0].reshape(6, 5), reference(whole, flat)[0]
    )


def test_bad_inputs_are_named():
    attention = tiny()
    inputs = random_inputs(attention, 1)
    with pytest.raises(MqaError, match="expected input k, got q, v"):
        reference(attention, {x: inputs[x] for x in "qv"})
    with pytest.raises(MqaError, match=r"expected q of shape \(1, 1\)"):
        reference(attention, {**inputs, "q": f32(1.0)})
    with pytest.raises(MqaError, match="expected q of type float32"):
        reference(attention, {**inputs, "q": inputs["q"].astype(np.float64)})
