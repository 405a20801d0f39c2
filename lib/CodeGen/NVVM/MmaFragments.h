//===- MmaFragments.h - operands of mma.sync in registers -------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The layout of `mma.sync.m16n8k16` (PTX ISA, "Matrix fragments for
// mma.m16n8k16"): with g = lane / 4 and t = 2 * (lane mod 4), a lane holds of
// the 16 x 8 accumulator
//
//   c0, c1: row g,     columns t, t + 1       c2, c3: row g + 8, the same
//
// Two neighbouring accumulators, packed to 16 bits, are operand A of a product
// over those 16 columns: P of P V never leaves the registers.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_MMAFRAGMENTS_H
#define MQA_LIB_CODEGEN_NVVM_MMAFRAGMENTS_H

#include "DeviceBuilder.h"

namespace mlir::mqa {

/// Elements of an accumulator that one lane holds, and its columns.
constexpr int64_t kAccumulatorSize = 4;
constexpr int64_t kAccumulatorColumns = 8;
/// Rows of a product of one warp, and its reduction.
constexpr int64_t kMmaRows = 16;
constexpr int64_t kMmaDepth = 16;
/// Rows of an accumulator that one lane has elements of.
constexpr int64_t kLaneRows = 2;

/// Four registers of two 16-bit elements each.
using Matrix = std::array<Value, 4>;
/// One 16 x 8 accumulator in f32.
using Accumulator = std::array<Value, kAccumulatorSize>;

/// Which of a lane's rows element `index` of accumulators counted through is
/// in, and its column relative to the lane's first one.
struct FragmentPosition {
  int64_t row, column;
};
inline FragmentPosition getPosition(int64_t index) {
  int64_t tile = index / kAccumulatorSize, element = index % kAccumulatorSize;
  return {element / 2, tile * kAccumulatorColumns + element % 2};
}

/// Loads four 8 x 8 matrices of 16-bit elements; `pointer`: this lane's row.
Matrix loadMatrices(DeviceBuilder &b, Value pointer, bool transposed);

/// `acc` + A times B, for A of 16 x 16 and B of 16 x 8 (two registers), of
/// `element`, f16 or bf16.
Accumulator multiplyAdd(DeviceBuilder &b, Type element, const Matrix &a,
                        Value b0, Value b1, const Accumulator &acc);

/// Two f32 rounded to one register of `element`; `low` comes first in memory.
Value packPair(DeviceBuilder &b, Type element, Value low, Value high);

/// Operand A from the accumulators of columns [16 * block, 16 * block + 16).
Matrix packOperand(DeviceBuilder &b, Type element, ArrayRef<Value> scores,
                   int64_t block);

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_MMAFRAGMENTS_H
