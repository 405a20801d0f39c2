#!/usr/bin/env python3
# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the innermost loops of a listing of `llvm-objdump -d --no-show-raw-insn`.

A product loop is an innermost loop with packed FMAs and no other arithmetic on
vectors. Every function whose name has `--function` in it has to have at least
`--products` of them. In each of them the FMAs are on `--vector` registers, at
least `--accumulators` times `--steps` and a multiple of `--steps`; at most
`--loads` instructions read memory per FMA; nothing is spilled or reloaded (a
fixed slot of the frame is read or written), stored or called. No loop around
FMAs calls. With `--prefetches`, at least two product loops of a function
prefetch, none more than that often, and no other innermost loop does. With
`--strict`, the other innermost loops with FMAs, those of the exponentials, do
not spill either. With `--no-copies`, no loop around FMAs has an innermost loop
that stores and computes nothing. No wider vector is used anywhere.
"""

import argparse
import re
import sys

FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+(\S+)\s*([^#]*)")
MEMORY = re.compile(r"-?(?:0x[0-9a-f]+)?\(([^)]*)\)")
NO_ACCESS = re.compile(r"lea|nop|v?prefetch")
READS_LAST = re.compile(r"cmp|test|vcmp|vucomis|j|call")
PACKED_FMA = re.compile(r"vfn?madd\d+ps")
ARITHMETIC = re.compile(r"v(add|sub|mul|div|max|min|scalef|reduce|psll|padd)")
# What a copy has nothing of.
COMPUTES = re.compile(
    ARITHMETIC.pattern + r"|v(psrl|perm|shuf|unpck|cvt|pmov|f|cmp)"
)
WIDER = {"xmm": ("ymm", "zmm"), "ymm": ("zmm",), "zmm": ()}


class Instruction:
    def __init__(self, address, name, operands):
        self.address, self.name, self.operands = address, name, operands.strip()
        memory = MEMORY.search(self.operands)
        self.memory = memory.group(1) if memory else None
        # In this syntax the destination is last.
        touches = memory and not NO_ACCESS.match(name)
        last = memory and memory.end() == len(self.operands)
        self.stores = bool(touches and last and not READS_LAST.match(name))
        self.loads = bool(touches and not self.stores)

    def is_call(self):
        return self.name.startswith("call")

    def is_fma(self, vector):
        return (
            bool(PACKED_FMA.match(self.name)) and "%" + vector in self.operands
        )

    def get_target(self):
        if not self.name.startswith("j"):
            return None
        match = re.match(r"(?:0x)?([0-9a-f]+)\b", self.operands)
        return int(match.group(1), 16) if match else None

    def __str__(self):
        return f"{self.address:x}: {self.name} {self.operands}"


def parse(lines):
    """The instructions of every function, by name."""
    functions, current = {}, None
    for line in lines:
        if match := FUNCTION.match(line):
            current = functions.setdefault(match.group(1), [])
        elif (match := INSTRUCTION.match(line)) and current is not None:
            current.append(
                Instruction(
                    int(match.group(1), 16), match.group(2), match.group(3)
                )
            )
    return functions


def find_loops(body):
    """Ranges (first, last) of instructions that a backward branch closes."""
    position = {inst.address: i for i, inst in enumerate(body)}
    loops = set()
    for i, inst in enumerate(body):
        first = position.get(inst.get_target())
        if first is not None and first <= i:
            loops.add((first, i))
    return loops


def is_innermost(loop, loops):
    return not any(
        other != loop and loop[0] <= other[0] and other[1] <= loop[1]
        for other in loops
    )


def is_product(insts):
    return not any(ARITHMETIC.match(i.name) for i in insts)


def check_spills(where, insts):
    for inst in insts:
        if inst.memory in ("%rsp", "%rbp") and (inst.loads or inst.stores):
            yield f"{where}: {'spill' if inst.stores else 'reload'}: {inst}"


def check_product(where, insts, fmas, args):
    if fmas < args.accumulators * args.steps or fmas % args.steps:
        yield (
            f"{where}: expected {args.steps} times at least {args.accumulators} "
            f"on {args.vector}"
        )
    loads = sum(inst.loads for inst in insts)
    if loads > args.loads * fmas:
        yield f"{where}: {loads} loads, at most {args.loads} per FMA expected"
    yield from check_spills(where, insts)
    yield from (f"{where}: store: {inst}" for inst in insts if inst.stores)


def count_prefetches(insts):
    return sum(inst.name.startswith("prefetch") for inst in insts)


def check_prefetches(name, body, loops, args):
    counts = {True: [], False: []}
    for first, last in loops:
        insts = body[first : last + 1]
        if not is_innermost((first, last), loops):
            continue
        product = is_product(insts) and any(i.is_fma(args.vector) for i in insts)
        if found := count_prefetches(insts):
            counts[product].append(found)
    if len(counts[True]) < 2 or max(counts[True]) > args.prefetches:
        yield f"{name}: prefetches of product loops: {counts[True]}"
    if counts[False]:
        yield f"{name}: prefetches of other loops: {counts[False]}"


def check_copies(name, body, loops):
    for first, last in sorted(loops):
        insts = body[first : last + 1]
        if not any(PACKED_FMA.match(inst.name) for inst in insts):
            continue
        inner = [
            loop
            for loop in loops
            if first <= loop[0] and loop[1] <= last and is_innermost(loop, loops)
        ]
        for loop in inner:
            part = body[loop[0] : loop[1] + 1]
            stores = [inst for inst in part if inst.stores]
            if stores and not any(COMPUTES.match(inst.name) for inst in part):
                yield f"{name}: copy in a loop around FMAs: {stores[0]}"


def check_function(name, body, args):
    """Yields one line for every rule that the function breaks."""
    for inst in body:
        if any("%" + wider in inst.operands for wider in WIDER[args.vector]):
            yield f"{name}: vector wider than {args.vector}: {inst}"
    loops = find_loops(body)
    products = 0
    for loop in sorted(loops):
        insts = body[loop[0] : loop[1] + 1]
        if not any(PACKED_FMA.match(inst.name) for inst in insts):
            continue
        fmas = sum(inst.is_fma(args.vector) for inst in insts)
        where = f"{name}: loop at {insts[0].address:x} with {fmas} FMAs"
        yield from (f"{where}: call: {i}" for i in insts if i.is_call())
        if not is_innermost(loop, loops):
            continue
        if is_product(insts):
            products += 1
            yield from check_product(where, insts, fmas, args)
        elif args.strict:
            yield from check_spills(where, insts)
    if args.prefetches:
        yield from check_prefetches(name, body, loops, args)
    if args.no_copies:
        yield from check_copies(name, body, loops)
    if products < args.products:
        yield f"{name}: {products} product loops, at least {args.products} expected"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("listing")
    parser.add_argument("--vector", choices=sorted(WIDER), required=True)
    parser.add_argument("--accumulators", type=int, required=True)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--loads", type=float, required=True)
    parser.add_argument("--products", type=int, default=2)
    parser.add_argument("--prefetches", type=int, default=0)
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--no-copies", action="store_true")
    parser.add_argument("--tasks", type=int, default=1)
    parser.add_argument("--function", default="_task")
    args = parser.parse_args()
    with open(args.listing) as listing:
        functions = parse(listing)
    tasks = {
        name: body for name, body in functions.items() if args.function in name
    }
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
