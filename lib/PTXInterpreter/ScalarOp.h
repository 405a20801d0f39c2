//===- ScalarOp.h - operations of one lane ----------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_PTXINTERPRETER_SCALAROP_H
#define MQA_LIB_PTXINTERPRETER_SCALAROP_H

#include "Handlers.h"

namespace mlir::mqa::ptx {

/// What an instruction computes; in `Instruction::mode`.
enum class ScalarOp : uint8_t {
  Add,
  Sub,
  Mul,
  MulHi,
  MulWide,
  Mad,
  MadHi,
  MadWide,
  Div,
  Rem,
  Fma,
  Min,
  Max,
  Neg,
  Abs,
  And,
  Or,
  Xor,
  Not,
  CNot,
  Shl,
  Shr,
  BitExtract,
  BitInsert,
  PopCount,
  LeadingZeros,
  Reverse,
  Permute,
  Lookup,
  FunnelLeft,
  FunnelRight,
  Exp2,
  Log2,
  Reciprocal,
  Sqrt,
  InverseSqrt,
  Sin,
  Cos,
  Tanh,
  CopySign,
  Select
};

inline ScalarOp getOp(const Instruction &at) {
  return static_cast<ScalarOp>(at.mode);
}

/// The lowest `bits` bits.
inline uint64_t getMask(unsigned bits) {
  return bits >= 64 ? ~uint64_t(0) : (uint64_t(1) << bits) - 1;
}

/// The signed value of the lowest `bits` bits.
inline int64_t extend(uint64_t value, unsigned bits) {
  if (bits >= 64)
    return static_cast<int64_t>(value);
  return static_cast<int64_t>(value << (64 - bits)) >> (64 - bits);
}

/// Integers and bits.
uint64_t evaluateInteger(const Instruction &at, uint64_t a, uint64_t b,
                         uint64_t c);
/// bfi and lop3, which have four sources.
bool executeFourSources(Block &block, Warp &warp, const Instruction &at,
                        LaneMask lanes);
/// Floating-point numbers, and pairs of 16-bit ones.
uint64_t evaluateFloat(const Instruction &at, uint64_t a, uint64_t b,
                       uint64_t c);

} // namespace mlir::mqa::ptx

#endif // MQA_LIB_PTXINTERPRETER_SCALAROP_H
