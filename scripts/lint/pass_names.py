#!/usr/bin/env python3
"""One name, five spellings: record, file, flag, test and docs of a pass.

`TileAttentionPass`, `TileAttention.cpp`, `mqa-tile-attention`,
`tile-attention.mlir` and the heading of the flag in docs/generated. A conversion
`convert-mqa-to-linalg` is `ConvertMQAToLinalgPass`; its files are those of the
folder `MQAToLinalg`.

Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""

import re

import common


def kebab(name):
    """`MicroTile` -> `micro-tile`, `PromoteToF64` -> `promote-to-f64`."""
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1-\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", name).lower()


problems = []
docs = "".join(
    path.read_text() for path in common.files("docs/generated", suffixes=[".md"])
)
for p in common.passes():
    if not p.record.endswith("Pass"):
        problems.append(f"{p.where}: expected a record that ends in Pass")
    # A conversion out of the dialect has no prefix; in lib/Conversion it has a
    # folder of its own.
    conversion = p.area.parts[0] == "Conversion" and p.name.startswith("Convert")
    if conversion:
        want, source = kebab(p.name), p.area.name
        tests = list((common.ROOT / "test" / p.area).glob("*.mlir"))
    else:
        prefix = "" if p.name.startswith("ConvertMQATo") else "mqa-"
        want, source = prefix + kebab(p.name), p.name
        stem = kebab(p.name)
        folder = common.ROOT / "test" / p.area
        tests = [*folder.glob(f"{stem}.mlir"), *folder.glob(f"{stem}-*.mlir")]
    if p.flag != want:
        problems.append(f"{p.where}: expected the flag {want}, got {p.flag}")
    source = f"lib/{p.area}/{source}.cpp"
    if not (common.ROOT / source).exists():
        problems.append(f"{p.where}: expected its source in {source}")
    if not any(p.flag in test.read_text() for test in tests):
        problems.append(f"{p.where}: expected a test test/{p.area}/{kebab(p.name)}.mlir that runs {p.flag}")
    if f"`-{p.flag}`" not in docs:
        problems.append(f"{p.where}: expected a heading in docs/generated (ninja mqa-doc)")
common.finish("pass names", problems)
