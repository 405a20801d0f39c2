#!/usr/bin/env python3
# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the product loops of a listing of `llvm-objdump -d` for AArch64.

A product loop is an innermost loop whose only arithmetic on vectors is fmla.
Every function whose name has `_task` in it has to have at least `--products` of
them. In each of them the fmla take one lane of a register (`v1.s[2]`), into at
least `--accumulators` registers; there are at most `--loads` loads per fmla; the
stack is not touched, nothing is stored or called.
"""

import argparse
import re
import sys

FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+(\S+)\s*([^/]*)")
BRANCH = re.compile(r"b$|b\.|cbn?z$|tbn?z$")
ARITHMETIC = re.compile(r"f(add|sub|mul|div|max|min|cm|rint|mls)")


def parse(lines):
    """The instructions of every function, by name: (address, name, operands)."""
    functions, current = {}, None
    for line in lines:
        if match := FUNCTION.match(line):
            current = functions.setdefault(match.group(1), [])
        elif (match := INSTRUCTION.match(line)) and current is not None:
            address, name, operands = match.groups()
            current.append((int(address, 16), name, operands.strip()))
    return functions


def find_innermost(body):
    """Ranges of instructions that a backward branch closes, without others."""
    position = {address: i for i, (address, _, _) in enumerate(body)}
    loops = []
    for i, (_, name, operands) in enumerate(body):
        target = re.search(r"0x([0-9a-f]+) <", operands)
        if not BRANCH.match(name) or not target:
            continue
        first = position.get(int(target.group(1), 16), i + 1)
        if first <= i:
            loops.append((first, i))
    for a in loops:
        if not any(b != a and a[0] <= b[0] and b[1] <= a[1] for b in loops):
            yield body[a[0] : a[1] + 1]


def check_product(where, loop, args):
    fmas = [operands for _, name, operands in loop if name == "fmla"]
    names = [name for _, name, _ in loop]
    accumulators = {operands.split(",")[0] for operands in fmas}
    if len(accumulators) < args.accumulators:
        yield f"{where}: {len(accumulators)} accumulators"
    if not all(re.search(r"\.s\[\d\]$", operands) for operands in fmas):
        yield f"{where}: fmla that is not by lane"
    # A pair is two loads.
    loads = sum(
        2 if name == "ldp" else 1 for name in names if name.startswith("ld")
    )
    if loads > args.loads * len(fmas):
        yield f"{where}: {loads} loads for {len(fmas)} fmla"
    for _, name, operands in loop:
        if "[sp" in operands or "[x29" in operands:
            yield f"{where}: stack: {name} {operands}"
        if name.startswith("st") or name in ("bl", "blr"):
            yield f"{where}: store or call: {name} {operands}"


def check_function(name, body, args):
    products = 0
    for loop in find_innermost(body):
        if not any(inst[1] == "fmla" for inst in loop):
            continue
        if any(ARITHMETIC.match(inst[1]) for inst in loop):
            continue
        products += 1
        yield from check_product(f"{name}: loop at {loop[0][0]:x}", loop, args)
    if products < args.products:
        yield f"{name}: {products} product loops, at least {args.products} expected"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("listing")
    parser.add_argument("--accumulators", type=int, required=True)
    parser.add_argument("--loads", type=float, required=True)
    parser.add_argument("--products", type=int, default=2)
    parser.add_argument("--tasks", type=int, default=1)
    args = parser.parse_args()
    with open(args.listing) as listing:
        functions = parse(listing)
    tasks = {name: body for name, body in functions.items() if "_task" in name}
    broken = [
        line
        for name, body in tasks.items()
        for line in check_function(name, body, args)
    ]
    if len(tasks) != args.tasks:
        broken.append(f"{len(tasks)} task functions, {args.tasks} expected")
    print("\n".join(broken) or f"{len(tasks)} tasks as expected")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
