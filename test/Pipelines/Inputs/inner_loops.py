#!/usr/bin/env python3
# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the innermost loops of a listing of `llvm-objdump -d --no-show-raw-insn`.

In every function whose name ends in `_task` there have to be at least
`--products` innermost loops with exactly `--fmas` packed FMAs on `--vector`
registers and at most `--loads` instructions that read memory. None of these
loops may touch the frame other than through an index register (a spill or its
reload), store to memory or call. No loop around an FMA may call. Other loops
with FMAs (the exponentials) may not spill and reload at most `--reloads`
registers. No wider vector may be used at all.
"""

import argparse
import re
import sys

FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+(\S+)\s*([^#]*)")
MEMORY = re.compile(r"-?(?:0x[0-9a-f]+)?\(([^)]*)\)")
WIDER = {"xmm": ("ymm", "zmm"), "ymm": ("zmm",), "zmm": ()}


class Instruction:
    def __init__(self, address, name, operands):
        self.address, self.name, self.operands = address, name, operands.strip()
        memory = MEMORY.search(self.operands)
        self.memory = memory.group(1) if memory else None
        self.stores = bool(
            memory
            and memory.end() == len(self.operands)
            and not re.match(r"cmp|test|vcmp|vucomis|v?prefetch|lea|j|call", name)
        )
        self.loads = bool(
            memory and not self.stores and not re.match(r"lea|nop", name)
        )

    def is_call(self):
        return self.name.startswith("call")

    def is_fma(self, vector):
        return self.name.startswith("vfmadd") and (
            self.name.endswith("ps") and "%" + vector in self.operands
        )

    def is_on_frame(self):
        """Whether it reads or writes a fixed slot of the frame."""
        return self.memory in ("%rsp", "%rbp")

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
                Instruction(int(match.group(1), 16), match.group(2), match.group(3))
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


def check_function(name, body, args):
    """Yields one line for every rule that the function breaks."""
    if not body:
        yield f"{name}: no instructions"
    for inst in body:
        if any("%" + wider in inst.operands for wider in WIDER[args.vector]):
            yield f"{name}: vector wider than {args.vector}: {inst}"
    loops = find_loops(body)
    products = 0
    for loop in sorted(loops):
        insts = body[loop[0] : loop[1] + 1]
        fmas = sum(inst.is_fma(args.vector) for inst in insts)
        if not fmas:
            continue
        where = f"{name}: loop at {insts[0].address:x} with {fmas} FMAs"
        yield from (f"{where}: call: {i}" for i in insts if i.is_call())
        if not is_innermost(loop, loops):
            continue
        slots = [inst for inst in insts if inst.is_on_frame()]
        yield from (f"{where}: spill: {inst}" for inst in slots if inst.stores)
        reloads = [inst for inst in slots if inst.loads]
        is_product = fmas == args.fmas
        if len(reloads) > (0 if is_product else args.reloads):
            yield f"{where}: {len(reloads)} reloads: {reloads[0]}"
        if not is_product:
            continue
        products += 1
        loads = sum(inst.loads for inst in insts)
        if loads > args.loads:
            yield f"{where}: {loads} loads, at most {args.loads} expected"
        yield from (f"{where}: store: {inst}" for inst in insts if inst.stores)
    if products < args.products:
        yield (
            f"{name}: {products} loops with {args.fmas} FMAs on {args.vector}, "
            f"at least {args.products} expected"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("listing")
    parser.add_argument("--vector", choices=sorted(WIDER), required=True)
    parser.add_argument("--fmas", type=int, required=True)
    parser.add_argument("--loads", type=int, required=True)
    parser.add_argument("--products", type=int, default=2)
    parser.add_argument("--reloads", type=int, default=0)
    parser.add_argument("--tasks", type=int, default=1)
    args = parser.parse_args()
    with open(args.listing) as listing:
        functions = parse(listing)
    tasks = {name: body for name, body in functions.items() if "_task" in name}
    broken = [
        line for name, body in tasks.items() for line in check_function(name, body, args)
    ]
    if len(tasks) != args.tasks:
        broken.append(f"{len(tasks)} task functions, {args.tasks} expected")
    print("\n".join(broken) or f"{len(tasks)} tasks as expected")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
