//===- FloatArithmetic.cpp - floating-point numbers -------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operations are done in double and rounded once: for f32 and narrower types
// that is exact for +, -, *, / and sqrt. The approximate functions are as exact
// as double makes them.
//
//===----------------------------------------------------------------------===//

#include "FloatFormats.h"
#include "ScalarOp.h"

using namespace mlir::mqa::ptx;

/// One of the two, as min and max of PTX choose: not NaN, unless both are.
static double chooseExtreme(const Instruction &at, double a, double b) {
  if (at.roundsToInteger && (std::isnan(a) || std::isnan(b))) // .NaN
    return std::nan("");
  if (std::isnan(a))
    return b;
  if (std::isnan(b))
    return a;
  if (a == b) // Zeros of both signs.
    return std::signbit(a) == (getOp(at) == ScalarOp::Min) ? a : b;
  return (a < b) == (getOp(at) == ScalarOp::Min) ? a : b;
}

static double computeFloat(const Instruction &at, double a, double b,
                           double c) {
  switch (getOp(at)) {
  case ScalarOp::Add:
    return a + b;
  case ScalarOp::Sub:
    return a - b;
  case ScalarOp::Mul:
    return a * b;
  case ScalarOp::Div:
    return a / b;
  case ScalarOp::Fma:
    return at.type.bits == 64 ? std::fma(a, b, c) : a * b + c;
  case ScalarOp::Min:
  case ScalarOp::Max:
    return chooseExtreme(at, a, b);
  case ScalarOp::Neg:
    return -a;
  case ScalarOp::Abs:
    return std::fabs(a);
  case ScalarOp::Exp2:
    return std::exp2(a);
  case ScalarOp::Log2:
    return std::log2(a);
  case ScalarOp::Reciprocal:
    return 1 / a;
  case ScalarOp::Sqrt:
    return std::sqrt(a);
  case ScalarOp::InverseSqrt:
    return 1 / std::sqrt(a);
  case ScalarOp::Sin:
    return std::sin(a);
  case ScalarOp::Cos:
    return std::cos(a);
  case ScalarOp::Tanh:
    return std::tanh(a);
  case ScalarOp::CopySign: // PTX: the sign of a.
    return std::copysign(b, a);
  default:
    return 0;
  }
}

static uint64_t evaluateOneFloat(const Instruction &at, Type type, uint64_t a,
                                 uint64_t b, uint64_t c) {
  if (getOp(at) == ScalarOp::Fma && type.bits == 32 &&
      type.kind == Type::Float) {
    // One rounding: a double sum of a double product would have two.
    auto in = [&](uint64_t x) {
      return at.flushesDenormals ? flush(toFloat(x)) : toFloat(x);
    };
    float result = std::fma(in(a), in(b), in(c));
    return fromFloat(at.flushesDenormals ? flush(result) : result);
  }
  auto in = [&](uint64_t x) {
    double value = readNumber(type, x);
    bool isFloat = type.bits == 32;
    return at.flushesDenormals && isFloat ? double(flush(float(value))) : value;
  };
  double value = computeFloat(at, in(a), in(b), in(c));
  if (at.saturates)
    value = std::isnan(value) ? 0 : std::min(std::max(value, 0.0), 1.0);
  uint64_t result = writeNumber(type, value, at.rounding);
  if (at.flushesDenormals && type.bits == 32)
    result = fromFloat(flush(toFloat(result)));
  return result;
}

uint64_t mlir::mqa::ptx::evaluateFloat(const Instruction &at, uint64_t a,
                                       uint64_t b, uint64_t c) {
  if (!at.type.isPair)
    return evaluateOneFloat(at, at.type, a, b, c);
  Type half = {at.type.kind, 16, false};
  uint64_t low = evaluateOneFloat(at, half, a, b, c);
  uint64_t high = evaluateOneFloat(at, half, a >> 16, b >> 16, c >> 16);
  return (low & 0xffff) | high << 16;
}
