//===- FloatFormats.cpp - bits of floating-point numbers --------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FloatFormats.h"
#include "llvm/ADT/APFloat.h"

using namespace mlir::mqa::ptx;
using llvm::APFloat;

static llvm::RoundingMode getMode(Rounding rounding) {
  switch (rounding) {
  case Rounding::Nearest:
    return llvm::RoundingMode::NearestTiesToEven;
  case Rounding::Zero:
    return llvm::RoundingMode::TowardZero;
  case Rounding::Down:
    return llvm::RoundingMode::TowardNegative;
  case Rounding::Up:
    return llvm::RoundingMode::TowardPositive;
  }
  return llvm::RoundingMode::NearestTiesToEven;
}

static uint64_t convert(double value, const llvm::fltSemantics &semantics,
                        Rounding rounding) {
  APFloat number(value);
  bool losesInfo;
  number.convert(semantics, getMode(rounding), &losesInfo);
  return number.bitcastToAPInt().getZExtValue();
}

float mlir::mqa::ptx::fromF16(uint64_t bits) {
  uint32_t sign = (bits & 0x8000) << 16, exponent = bits >> 10 & 31;
  uint32_t fraction = bits & 0x3ff;
  if (exponent == 0) {
    float value = std::ldexp(static_cast<float>(fraction), -24);
    return sign ? -value : value;
  }
  uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return llvm::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

uint64_t mlir::mqa::ptx::toBF16(float value, Rounding rounding) {
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  if (std::isnan(value))
    return 0x7fff;
  if (rounding == Rounding::Nearest)
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return convert(value, APFloat::BFloat(), rounding);
}

uint64_t mlir::mqa::ptx::toF16(double value, Rounding rounding) {
  if (std::isnan(value))
    return 0x7fff;
  return convert(value, APFloat::IEEEhalf(), rounding);
}

double mlir::mqa::ptx::readNumber(Type type, uint64_t bits) {
  if (type.kind == Type::BFloat)
    return fromBF16(bits & 0xffff);
  if (type.bits == 16)
    return fromF16(bits & 0xffff);
  return type.bits == 32 ? toFloat(bits) : toDouble(bits);
}

uint64_t mlir::mqa::ptx::writeNumber(Type type, double value,
                                     Rounding rounding) {
  if (type.kind == Type::BFloat) {
    // Through f32 it would be rounded twice.
    if (std::isnan(value))
      return 0x7fff;
    return convert(value, APFloat::BFloat(), rounding);
  }
  if (type.bits == 16)
    return toF16(value, rounding);
  if (type.bits == 64)
    return fromDouble(value);
  if (rounding == Rounding::Nearest)
    return fromFloat(static_cast<float>(value));
  return convert(value, APFloat::IEEEsingle(), rounding);
}
