//===- FloatFormats.h - bits of floating-point numbers ----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_PTXINTERPRETER_FLOATFORMATS_H
#define MQA_LIB_PTXINTERPRETER_FLOATFORMATS_H

#include "Program.h"
#include "llvm/ADT/bit.h"
#include <cmath>

namespace mlir::mqa::ptx {

inline float toFloat(uint64_t bits) {
  return llvm::bit_cast<float>(static_cast<uint32_t>(bits));
}
inline uint64_t fromFloat(float value) {
  return llvm::bit_cast<uint32_t>(value);
}
inline double toDouble(uint64_t bits) { return llvm::bit_cast<double>(bits); }
inline uint64_t fromDouble(double value) {
  return llvm::bit_cast<uint64_t>(value);
}

/// bf16 and f16 to f32, exactly.
inline float fromBF16(uint64_t bits) {
  return llvm::bit_cast<float>(static_cast<uint32_t>(bits << 16));
}
float fromF16(uint64_t bits);
/// f32 to bf16 and f16.
uint64_t toBF16(float value, Rounding rounding = Rounding::Nearest);
uint64_t toF16(double value, Rounding rounding = Rounding::Nearest);

/// A subnormal number becomes a zero of its sign.
inline float flush(float value) {
  return std::fpclassify(value) == FP_SUBNORMAL ? std::copysign(0.0f, value)
                                                : value;
}

/// A number of a floating-point type as a double, and back.
double readNumber(Type type, uint64_t bits);
uint64_t writeNumber(Type type, double value, Rounding rounding);

} // namespace mlir::mqa::ptx

#endif // MQA_LIB_PTXINTERPRETER_FLOATFORMATS_H
