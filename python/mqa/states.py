# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The state form: two ranges of keys, each a running state, then joined.

Equal in value to the attention: `mqa.online_attention` over the first and over
the second range, `mqa.merge`, `mqa.finalize`. A sink is the initial state of
the second range: maximum the sink, sum 1, no value.
"""

from __future__ import annotations

from .attention import Attention, Operand
from .builder import FunctionBuilder, attributes, map_of
from .errors import expect

_MINUS_INFINITY = {"f32": "0xFF800000", "f64": "0xFFF0000000000000"}


class _StateBuilder(FunctionBuilder):
    """Adds slices of keys and states to a function."""

    def empty(self, axes: str) -> str:
        """An uninitialised tensor of the state's type over `axes`."""
        sizes = [self.size(axis) for axis in axes]
        names = ", ".join(x for x in sizes if isinstance(x, str))
        kind = self.shaped(axes, self.attention.score_type)
        return self.let(f"tensor.empty({names}) : {kind}")

    def filled(self, axes: str, value: str) -> str:
        """A tensor of the state's type that holds `value` everywhere."""
        dtype = self.attention.score_type
        number = self.let(f"arith.constant {value} : {dtype}")
        kind = self.shaped(axes, dtype)
        return self.let(
            f"linalg.fill ins({number} : {dtype}) outs({self.empty(axes)} :"
            f" {kind}) -> {kind}"
        )

    def sink_maximum(self) -> str:
        """The sink as a running maximum over the state's dimensions."""
        attention = self.attention
        axes, dtype = attention.state_axes, attention.score_type
        source, kind = attention.sink_type, self.shaped(axes, dtype)
        sink = self.shaped(attention.sink, source)
        maps = f"{map_of(axes, attention.sink)}, {map_of(axes, axes)}"
        loops = ", ".join('"parallel"' for _ in axes)
        convert, value = "", "%sv"
        if source != dtype:
            op = "truncf" if source == "f64" else "extf"
            convert = f" %sw = arith.{op} %sv : {source} to {dtype}"
            value = "%sw"
        return self.let(
            f"linalg.generic {{indexing_maps = [{maps}],"
            f" iterator_types = [{loops}]}} ins(%sink : {sink})"
            f" outs({self.empty(axes)} : {kind}) {{ ^bb0(%sv: {source},"
            f" %so: {dtype}):{convert} linalg.yield {value} : {dtype} }}"
            f" -> {kind}"
        )

    def slice(
        self, operand: Operand, axis: str, first: int, size: int | str
    ) -> tuple[str, str]:
        """Name and type of `operand` from key `first` on, `size` keys."""
        name, whole = self.values[operand.name], self.operand_type(operand)
        if axis not in operand.axes:
            return name, whole
        offsets, sizes, dims = [], [], ""
        for x in operand.axes:
            extent = size if x == axis else self.size(x)
            offsets.append(str(first) if x == axis else "0")
            sizes.append(str(extent))
            dims += f"{'?' if isinstance(extent, str) else extent}x"
        ones = ", ".join("1" for _ in operand.axes)
        part = f"tensor<{dims}{operand.dtype}>"
        if "0" in sizes:  # An empty slice at the end is no valid slice.
            dynamic = ", ".join(x for x in sizes if x.startswith("%"))
            return self.let(f"tensor.empty({dynamic}) : {part}"), part
        text = (
            f"tensor.extract_slice {name}[{', '.join(offsets)}]"
            f" [{', '.join(sizes)}] [{ones}] : {whole} to {part}"
        )
        return self.let(text), part


def render_states(
    attention: Attention, split: int, axis: str = "n", name: str = "attention"
) -> str:
    """The IR text of the state form, with the ranges [0, split) and the rest.

    Args:
        attention: tensors only.
        split: first key of the second range, from 0 to the number of keys.
        axis: the key dimension that is split.
        name: of the function, whose arguments are those of `render`.
    """
    expect(not attention.memref, "a tensor form", "memrefs")
    expect(axis in attention.axes("key"), "a key dimension", repr(axis))
    size = attention.sizes[axis]
    expect(0 <= split <= size, f"a split from 0 to {size}", split)
    function = _StateBuilder(attention)
    dtype, state = attention.score_type, attention.state_axes
    kinds = [function.shaped(x, dtype) for x in (attention.o, state, state)]
    joined = ", ".join(kinds)

    whole = function.size(axis)
    rest: int | str = size - split
    if isinstance(whole, str):
        first = function.let(f"arith.constant {split} : index")
        rest = function.let(f"arith.subi {whole}, {first} : index")
    space = "".join(dim.name for dim in attention.dims)
    inputs = tuple(x for x in attention.inputs() if x.name != "sink")
    layouts = [x.axes for x in inputs] + [attention.o, state, state]
    maps = ", ".join(map_of(space, x) for x in layouts)
    states = []
    for number, (begin, count) in enumerate(((0, split), (split, rest))):
        has_sink = number == 1 and attention.sink is not None
        initial = [function.filled(attention.o, "0.0")]
        if has_sink:
            initial.append(function.sink_maximum())
        else:
            initial.append(function.filled(state, _MINUS_INFINITY[dtype]))
        initial.append(function.filled(state, "1.0" if has_sink else "0.0"))
        parts = [function.slice(x, axis, begin, count) for x in inputs]
        text = f"%s{number}:3 = mqa.online_attention"
        text += f" {attributes(attention, maps)}\n    ins("
        text += f"{', '.join(x for x, _ in parts)} :"
        text += f" {', '.join(x for _, x in parts)})\n"
        text += f"    outs({', '.join(initial)} : {joined})"
        regions = function.regions({axis: begin})
        text += "".join(f"\n    {x}" for x in regions)
        function.lines.append(f"{text} -> {joined}")
        states.append(", ".join(f"%s{number}#{i}" for i in range(3)))

    plane = attention.axes("batch", "row", "value")
    rows = [map_of(plane, x) for x in (attention.o, state, state)]
    function.lines.append(
        f"%s2:3 = mqa.merge {{indexing_maps = [{', '.join(rows * 2)}]}}\n"
        f"    ins({states[0]} : {joined})\n    outs({states[1]} : {joined})"
        f" -> {joined}"
    )
    outputs = attention.outputs()
    types = ", ".join(map(function.operand_type, outputs))
    maps = ", ".join(rows + [map_of(plane, x.axes) for x in outputs])
    count = len(outputs)
    function.lines.append(
        f"%r:{count} = mqa.finalize {{indexing_maps = [{maps}]}}\n"
        f"    ins(%s2#0, %s2#1, %s2#2 : {joined})\n"
        f"    outs({function.list_of(outputs)}) -> {types}"
    )
    results = ", ".join(f"%r#{i}" for i in range(count))
    function.lines.append(f"return {results} : {types}")
    head = f"func.func @{name}({', '.join(function.arguments())}) -> ({types})"
    body = "\n".join(f"  {line}" for line in function.lines)
    return f"{head} {{\n{body}\n}}\n"
