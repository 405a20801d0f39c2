# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The description of one attention: dimensions, layouts, types, regions."""

from __future__ import annotations

from dataclasses import dataclass

from .caches import Cache, CachedOperand, Stored
from .errors import MqaError, expect
from .masks import Mask
from .npy import FLOATS, round_f32
from .regions import Extra, Node, Scalar
from .scores import Score

ROLES = ("batch", "row", "key", "depth", "value")
_MENTIONS = {
    "qkvo": "batch",
    "qo": "row",
    "kv": "key",
    "qk": "depth",
    "vo": "value",
}


@dataclass(frozen=True)
class Dim:
    """A dimension: one letter, its size in elements, static or dynamic."""

    name: str
    size: int
    dynamic: bool = False

    def __post_init__(self) -> None:
        """Checks name and size."""
        letter = len(self.name) == 1 and self.name.isalpha()
        expect(letter, "a dimension of one letter", repr(self.name))
        expect(self.size >= 0, f"a size of {self.name} from 0 on", self.size)


@dataclass(frozen=True)
class Operand:
    """An operand: its name in the IR, its dimensions and element type."""

    name: str
    axes: str
    dtype: str


@dataclass(frozen=True)
class Attention:
    """One attention; layouts are strings of dimension letters.

    Dimensions take their role from the operands that mention them, as in the
    IR: batch in q, k, v and o; row in q and o; key in k and v; depth in q and
    k; value in v and o. Multi-query attention has no head in k and v.

    Attributes:
        dims: the iteration space, in order.
        q, k, v, o: layouts of query, key, value and output.
        dtype: element type of q, k and v; of o too, unless `out_dtype`.
        scale: factor of the scores, an f32; None is 1.
        mask: which keys a row sees; None is all.
        scores: applied in order to the scaled score.
        sink: layout of the sink logits (batch and row).
        sink_dtype: their element type; None is that of the scores.
        lse: layout of the log-sum-exp (batch and row), None for no result.
        memref: operands are memrefs, not tensors.
        step: memrefs only. 0: contiguous. From 1 on: views into larger buffers,
            with this stride (in elements) in the innermost dimension.
        k_cache, v_cache: tensors only. How keys and values lie in memory, if
            not as operands of these layouts.

    Raises:
        MqaError: the description is no attention.
    """

    dims: tuple[Dim, ...]
    q: str
    k: str
    v: str
    o: str
    dtype: str = "f32"
    out_dtype: str | None = None
    scale: float | None = None
    mask: Mask | None = None
    scores: tuple[Score, ...] = ()
    sink: str | None = None
    sink_dtype: str | None = None
    lse: str | None = None
    memref: bool = False
    step: int = 0
    k_cache: Cache | None = None
    v_cache: Cache | None = None

    @staticmethod
    def of(dims: str, q: str, k: str, v: str, o: str, **rest) -> Attention:  # noqa: ANN003
        """Takes dimensions as "m=5 n=?7": a question mark is dynamic."""
        parsed = []
        for word in dims.split():
            name, _, size = word.partition("=")
            digits = size.lstrip("?")
            expect(digits.isdigit(), "dimensions like m=5 or m=?5", repr(word))
            parsed.append(Dim(name, int(digits), size.startswith("?")))
        return Attention(tuple(parsed), q, k, v, o, **rest)

    def __post_init__(self) -> None:
        """Checks everything that the IR's verifier would."""
        names = [dim.name for dim in self.dims]
        expect(len(set(names)) == len(names), "distinct dimensions", names)
        for name in names:
            self.role(name)
        for role in ("key", "depth", "value"):
            expect(self.axes(role) != "", f"a {role} dimension", "none")
        for dtype in (self.dtype, self.output_type, self.sink_type):
            expect(dtype in FLOATS, f"one of {', '.join(FLOATS)}", repr(dtype))
            same = (dtype == "f64") == (self.dtype == "f64")
            expect(same, "f64 in all of q, k, v, o and sink or in none", dtype)
        expect(self.memref or self.step == 0, "step 0 of tensors", self.step)
        caches = [self.cached(x) for x in "kv" if self.cached(x)]
        expect(not (self.memref and caches), "caches of tensors", "memrefs")
        allowed = {
            "sink": self.state_axes,
            "log-sum-exp": self.state_axes,
        }
        for operand in self.inputs() + self.outputs():
            full = {"sink": "sink", "lse": "log-sum-exp"}.get(operand.name)
            if operand.name.startswith("x"):
                self._check_axes(operand, self.region_axes)
            else:
                self._check_axes(operand, allowed.get(full, "".join(names)))
        if self.lse is not None:
            same = sorted(self.lse) == sorted(self.state_axes)
            expect(same, f"log-sum-exp over {self.state_axes}", self.lse)

    def _check_axes(self, operand: Operand, allowed: str) -> None:
        axes = operand.axes
        once = len(set(axes)) == len(axes)
        expect(once, f"distinct dimensions of {operand.name}", repr(axes))
        inside = set(axes) <= set(allowed)
        what = f"dimensions of {operand.name} among {allowed or 'none'}"
        expect(inside, what, repr(axes))

    def role(self, name: str) -> str:
        """The role of a dimension: one of `ROLES`."""
        who = "".join(x for x in "qkvo" if name in getattr(self, x))
        if who not in _MENTIONS:
            raise MqaError(
                f"expected dimension {name} in all of q, k, v and o (batch), in"
                " q and o (row), in k and v (key), in q and k (depth) or in v"
                f" and o (value), got it in {' and '.join(who) or 'none'}"
            )
        return _MENTIONS[who]

    def axes(self, *roles: str) -> str:
        """The dimensions of any of `roles`, in the iteration order."""
        return "".join(d.name for d in self.dims if self.role(d.name) in roles)

    @property
    def region_axes(self) -> str:
        """The index arguments of the regions."""
        return self.axes("batch", "row", "key")

    @property
    def state_axes(self) -> str:
        """Batch and row dimensions."""
        return self.axes("batch", "row")

    @property
    def sizes(self) -> dict[str, int]:
        """Sizes by dimension, dynamic ones included."""
        return {dim.name: dim.size for dim in self.dims}

    @property
    def output_type(self) -> str:
        """Element type of the output."""
        return self.out_dtype or self.dtype

    @property
    def score_type(self) -> str:
        """Element type of scores and log-sum-exp."""
        return "f64" if self.dtype == "f64" else "f32"

    @property
    def sink_type(self) -> str:
        """Element type of the sink."""
        return self.sink_dtype or self.score_type

    @property
    def scale_value(self) -> float:
        """The scale as the IR holds it."""
        return 1.0 if self.scale is None else round_f32(self.scale)

    def nodes(self) -> tuple[Node, ...]:
        """The mask, if any, and the scores."""
        return (() if self.mask is None else (self.mask,)) + self.scores

    def extras(self) -> tuple[Extra, ...]:
        """The extra inputs: distinct, in the order of operands x0, x1..."""
        return _distinct(x for node in self.nodes() for x in node.extras())

    def scalars(self) -> tuple[Scalar, ...]:
        """The captured scalars: distinct, in the order of arguments."""
        return _distinct(x for node in self.nodes() for x in node.scalars())

    def inputs(self) -> tuple[Operand, ...]:
        """Query, key, value, extra inputs, sink: the order of the maps."""
        found = [Operand(x, getattr(self, x), self.dtype) for x in "qkv"]
        for number, extra in enumerate(self.extras()):
            found.append(Operand(f"x{number}", extra.axes, extra.dtype))
        if self.sink is not None:
            found.append(Operand("sink", self.sink, self.sink_type))
        return tuple(found)

    def cached(self, name: str) -> CachedOperand | None:
        """The cache of operand `name`, if it has one."""
        cache = {"k": self.k_cache, "v": self.v_cache}.get(name)
        if cache is None:
            return None
        dynamic = {dim.name: dim.dynamic for dim in self.dims}
        axes = getattr(self, name)
        return CachedOperand(
            cache, name, axes, self.dtype, self.sizes, dynamic
        )

    def stored(self) -> tuple[Stored, ...]:
        """The arguments that hold the inputs, in order; scalars come after."""
        found: list[Stored] = []
        dynamic = {dim.name: dim.dynamic for dim in self.dims}
        for x in self.inputs():
            cached = self.cached(x.name)
            if cached is not None:
                found += cached.stored()
                continue
            sizes = tuple(self.sizes[axis] for axis in x.axes)
            shape = tuple(
                None if dynamic[axis] else self.sizes[axis] for axis in x.axes
            )
            found.append(Stored(x.name, sizes, shape, x.dtype))
        return tuple(found)

    def outputs(self) -> tuple[Operand, ...]:
        """Output and log-sum-exp."""
        found = (Operand("o", self.o, self.output_type),)
        if self.lse is not None:
            found += (Operand("lse", self.lse, self.score_type),)
        return found


def _distinct(items) -> tuple:  # noqa: ANN001
    return tuple(dict.fromkeys(items))
