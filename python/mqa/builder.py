# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Renders a description as IR: one public function with one attention.

Arguments of the function, in order: query, key, value, extra inputs, sink,
captured scalars, then the destinations output and log-sum-exp. Tensors: the
results are the destinations' new values. Memrefs: there are no results.
"""

from __future__ import annotations

from .attention import Attention, Dim, Operand
from .regions import Body, Emitter, Extra, literal
from .views import emit_view, view_type


class FunctionBuilder(Emitter):
    """The function around an attention: names, types and sizes."""

    def __init__(self, attention: Attention) -> None:
        """Names the operands; views of memrefs become lines of IR."""
        super().__init__("f")
        self.attention = attention
        self.dims = {dim.name: dim for dim in attention.dims}
        self.dim_values: dict[str, str] = {}
        self.values: dict[str, str] = {}
        for operand in attention.inputs() + attention.outputs():
            name = f"%{operand.name}"
            if attention.step:
                shape = self.shape(operand)
                name = emit_view(
                    self, name, shape, operand.dtype, attention.step
                )
            cached = attention.cached(operand.name)
            if cached is not None:
                name = cached.emit(self)
            self.values[operand.name] = name
        self.scalars = {x: f"%{x.name}" for x in attention.scalars()}

    def shape(self, operand: Operand) -> tuple[int | None, ...]:
        """The shape of an operand, None where it is dynamic."""
        return tuple(_static_size(self.dims[axis]) for axis in operand.axes)

    def shaped(self, axes: str, dtype: str) -> str:
        """The contiguous type over `axes`."""
        kind = "memref" if self.attention.memref else "tensor"
        sizes = (_static_size(self.dims[axis]) for axis in axes)
        dims = "".join(f"{'?' if s is None else s}x" for s in sizes)
        return f"{kind}<{dims}{dtype}>"

    def operand_type(self, operand: Operand) -> str:
        """The type that the attention sees."""
        step = self.attention.step
        if step and operand.axes:
            return view_type(self.shape(operand), operand.dtype, step)
        return self.shaped(operand.axes, operand.dtype)

    def argument_type(self, operand: Operand) -> str:
        """The type that the function takes."""
        step = self.attention.step
        if not step:
            return self.shaped(operand.axes, operand.dtype)
        steps = [1] * (len(operand.axes) - 1) + [step]
        dims = ""
        for axis, t in zip(operand.axes, steps):
            size = _static_size(self.dims[axis])
            dims += "?x" if size is None else f"{2 + size * t}x"
        return f"memref<{dims}{operand.dtype}>"

    def size(self, axis: str) -> int | str:
        """The static size of a dimension, or the name of its size."""
        if not self.dims[axis].dynamic:
            return self.dims[axis].size
        if axis not in self.dim_values:
            inputs = self.attention.inputs()
            holder = next(x for x in inputs if axis in x.axes)
            number = holder.axes.index(axis)
            position = self.let(f"arith.constant {number} : index")
            kind = "memref" if self.attention.memref else "tensor"
            value = self.values[holder.name]
            self.dim_values[axis] = self.let(
                f"{kind}.dim {value}, {position} : {self.operand_type(holder)}"
            )
        return self.dim_values[axis]

    def arguments(self) -> list[str]:
        """The function's arguments with their types."""
        attention = self.attention
        found = []
        for x in attention.inputs():
            cached = attention.cached(x.name)
            if cached is None:
                found.append(f"%{x.name}: {self.argument_type(x)}")
            else:
                found += [f"%{y.name}: {y.type}" for y in cached.stored()]
        found += [f"%{x.name}: {x.dtype}" for x in attention.scalars()]
        for operand in attention.outputs():
            found.append(f"%{operand.name}: {self.argument_type(operand)}")
        return found

    def body(self, indices: dict[str, str], extras: dict[Extra, str]) -> Body:
        """A region that sees these names."""
        kind = self.attention.score_type
        return Body(kind, indices, extras, self.scalars, self.size)

    def regions(self, first_key: dict[str, int] | None = None) -> list[str]:
        """The mask and score regions, as text that begins with the keyword.

        `first_key` adds a constant to the index of a dimension.
        """
        attention = self.attention
        indices = {axis: f"%i_{axis}" for axis in attention.region_axes}
        extras = {x: f"%e{i}" for i, x in enumerate(attention.extras())}
        arguments = [f"{name}: {x.dtype}" for x, name in extras.items()]
        arguments += [f"{name}: index" for name in indices.values()]
        found = []
        for keyword in ("mask", "score"):
            nodes = attention.scores
            if keyword == "mask":
                nodes = () if attention.mask is None else (attention.mask,)
            if not nodes:
                continue
            seen = dict(indices)
            body = self.body(seen, extras)
            for axis, first in (first_key or {}).items():
                moved = body.index_op("addi", seen[axis], body.constant(first))
                seen[axis] = moved
            yielded, kind = "%s", attention.score_type
            head = [f"%s: {kind}", *arguments]
            for node in nodes:
                if keyword == "mask":
                    yielded, kind, head = node.emit(body), "i1", arguments
                else:
                    yielded = node.emit(body, yielded)
            lines = [f"^bb0({', '.join(head)}):"]
            lines += [f"  {x}" for x in body.lines]
            lines.append(f"  mqa.yield {yielded} : {kind}")
            inner = "\n".join(f"    {line}" for line in lines)
            found.append(f"{keyword} {{\n{inner}\n    }}")
        return found

    def list_of(self, operands: tuple[Operand, ...]) -> str:
        """`%a, %b : type, type`."""
        names = ", ".join(self.values[x.name] for x in operands)
        return f"{names} : {', '.join(map(self.operand_type, operands))}"


def _static_size(dim: Dim) -> int | None:
    return None if dim.dynamic else dim.size


def map_of(space: str, axes: str) -> str:
    """The indexing map from the dimensions `space` to `axes`."""
    return f"affine_map<({', '.join(space)}) -> ({', '.join(axes)})>"


def attributes(attention: Attention, maps: str) -> str:
    """The attribute dictionary: maps and scale."""
    if attention.scale is None:
        return f"{{indexing_maps = [{maps}]}}"
    value = literal(attention.scale_value)
    scale = f"scale = {value} : {attention.score_type}"
    return f"{{indexing_maps = [{maps}], {scale}}}"


def render(attention: Attention, name: str = "attention") -> str:
    """The IR text of `func.func @<name>` that computes `attention`."""
    function = FunctionBuilder(attention)
    regions = function.regions()
    space = "".join(dim.name for dim in attention.dims)
    inputs, outputs = attention.inputs(), attention.outputs()
    operands = inputs + outputs
    aliases = [f"#{x.name} = {map_of(space, x.axes)}" for x in operands]
    maps = ", ".join(f"#{x.name}" for x in operands)
    types = ", ".join(map(function.operand_type, outputs))

    text = f"mqa.attention {attributes(attention, maps)}\n"
    plain = tuple(x for x in inputs if x.name != "sink")
    text += f"    ins({function.list_of(plain)})\n"
    if attention.sink is not None:
        text += f"    sink({function.list_of(inputs[-1:])})\n"
    text += f"    outs({function.list_of(outputs)})"
    text += "".join(f"\n    {region}" for region in regions)
    head = f"func.func @{name}({', '.join(function.arguments())})"
    if attention.memref:
        function.lines.append(text)
        function.lines.append("return")
    else:
        count = len(outputs)
        names = [f"%r#{i}" for i in range(count)] if count > 1 else ["%r"]
        head += f" -> ({types})"
        result = f"%r:{count}" if count > 1 else "%r"
        function.lines.append(f"{result} = {text} -> {types}")
        function.lines.append(f"return {', '.join(names)} : {types}")
    body = "\n".join(f"  {line}" for line in function.lines)
    return "\n".join(aliases) + f"\n{head} {{\n{body}\n}}\n"
