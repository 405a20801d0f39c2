# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A case as MLIR text."""

from __future__ import annotations

from .cases import Case

FUNCTION = "attention"
ENTRY = f"_mlir_ciface_{FUNCTION}"
ARGUMENTS = ("q", "k", "v", "out", "stream")

_MASK = """
         mask {
         ^bb0(%b: index, %g: index, %h: index, %m: index, %n: index):
           %keep = arith.cmpi ule, %n, %m : index
           mqa.yield %keep : i1
         }"""


def module_text(case: Case) -> str:
    """One function; heads that share keys are a dimension of their own."""
    types = {
        name: f"tensor<{'x'.join(map(str, shape))}x{case.dtype}>"
        for name, shape in case.shapes.items()
    }
    row = "m, " if case.group == "prefill" else ""
    loops = f"(b, g, h, {row}n, d, e)"
    maps = {
        "q": f"(b, g, h, {row}d)",
        "k": "(b, g, n, d)",
        "v": "(b, g, n, e)",
        "out": f"(b, g, h, {row}e)",
    }
    lines = [
        f"#{name} = affine_map<{loops} -> {result}>"
        for name, result in maps.items()
    ]
    arguments = ", ".join(f"%{name}: {type}" for name, type in types.items())
    inputs = ", ".join(types[name] for name in "qkv")
    lines.append(f"""
func.func @{FUNCTION}({arguments}) -> {types["out"]} {{
  %o = mqa.attention {{indexing_maps = [#q, #k, #v, #out],
                      scale = {case.scale:.10g} : f32}}
         ins(%q, %k, %v : {inputs})
         outs(%out : {types["out"]}){_MASK if case.causal else ""} -> {types["out"]}
  return %o : {types["out"]}
}}
""")
    return "\n".join(lines)
