// The innermost loops of the two products on AArch64: multiply-adds by one lane
// of a register into sixteen accumulators, few loads, no spill, no call. Nothing
// in the object is for x86, and what it needs is what it needs there.
// REQUIRES: aarch64-codegen
// RUN: mqa-compile %S/disassembly.mlir --cpu=neoverse-v1 --no-runtime -o %t.v1.o
// RUN: llvm-objdump -d --no-show-raw-insn %t.v1.o > %t.v1.s
// RUN: %python %S/Inputs/inner_loops_aarch64.py %t.v1.s --tasks=3 --accumulators=16 --loads=0.3
// RUN: mqa-compile %S/disassembly.mlir --cpu=aarch64 --no-runtime -o %t.o
// RUN: llvm-objdump -d --no-show-raw-insn %t.o > %t.s
// RUN: %python %S/Inputs/inner_loops_aarch64.py %t.s --tasks=3 --accumulators=16 --loads=0.3
// RUN: not %python %S/Inputs/inner_loops_aarch64.py %t.s --tasks=3 --accumulators=17 --loads=0.1 \
// RUN:   | FileCheck %s --check-prefix=STRICT
// STRICT: 16 accumulators
// STRICT: loads for

// Exponentials, 16-bit conversions and results that are allocated.
// RUN: mqa-compile %S/object-features.mlir --cpu=aarch64 --no-runtime -o %t.features.o
// RUN: llvm-nm -u %t.features.o | not grep -vwE "mqa_parallel_for|memcpy|memset|malloc|free"
// RUN: mqa-compile %S/object-features.mlir --cpu=apple-m1 --no-runtime -o %t.ll
// RUN: FileCheck %s --check-prefix=IR --input-file=%t.ll --implicit-check-not=llvm.x86
// IR: target triple = "aarch64
// IR: "target-cpu"="apple-m1"
