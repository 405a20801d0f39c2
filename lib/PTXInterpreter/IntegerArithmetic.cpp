//===- IntegerArithmetic.cpp - integers and bits ----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScalarOp.h"
#include "llvm/ADT/bit.h"

using namespace mlir::mqa::ptx;

static uint64_t multiplyHigh(Type type, uint64_t a, uint64_t b) {
  if (type.kind == Type::Signed) {
    __int128 product =
        static_cast<__int128>(extend(a, type.bits)) * extend(b, type.bits);
    return static_cast<uint64_t>(product >> type.bits);
  }
  unsigned __int128 product =
      static_cast<unsigned __int128>(a & getMask(type.bits)) *
      (b & getMask(type.bits));
  return static_cast<uint64_t>(product >> type.bits);
}

static uint64_t multiplyWide(Type type, uint64_t a, uint64_t b) {
  if (type.kind == Type::Signed)
    return static_cast<uint64_t>(extend(a, type.bits) * extend(b, type.bits));
  return (a & getMask(type.bits)) * (b & getMask(type.bits));
}

static uint64_t divide(Type type, uint64_t a, uint64_t b, bool remainder) {
  uint64_t mask = getMask(type.bits);
  if ((b & mask) == 0) // Not defined; hardware gives all ones.
    return remainder ? a : mask;
  if (type.kind != Type::Signed)
    return remainder ? (a & mask) % (b & mask) : (a & mask) / (b & mask);
  int64_t x = extend(a, type.bits), y = extend(b, type.bits);
  if (y == -1)
    return remainder ? 0 : uint64_t(0) - static_cast<uint64_t>(x);
  return static_cast<uint64_t>(remainder ? x % y : x / y);
}

static uint64_t shift(const Instruction &at, uint64_t a, uint64_t amount) {
  unsigned bits = at.type.bits;
  amount &= 0xffffffff;
  if (getOp(at) == ScalarOp::Shl)
    return amount >= bits ? 0 : a << amount;
  if (at.type.kind == Type::Signed)
    return static_cast<uint64_t>(extend(a, bits) >>
                                 std::min<uint64_t>(amount, bits - 1));
  return amount >= bits ? 0 : (a & getMask(bits)) >> amount;
}

static uint64_t extractBits(Type type, uint64_t a, uint64_t b, uint64_t c) {
  unsigned position = b & 255, length = c & 255;
  if (length == 0)
    return 0;
  uint64_t value =
      position >= type.bits ? 0 : (a & getMask(type.bits)) >> position;
  value &= getMask(length);
  if (type.kind == Type::Signed && length < type.bits)
    value = static_cast<uint64_t>(extend(value, length));
  return value;
}

static uint64_t reverseBits(uint64_t value, unsigned bits) {
  uint64_t result = 0;
  for (unsigned i = 0; i < bits; ++i)
    result |= (value >> i & 1) << (bits - 1 - i);
  return result;
}

static uint64_t permuteBytes(uint64_t a, uint64_t b, uint64_t selector) {
  uint64_t bytes = (a & 0xffffffff) | b << 32, result = 0;
  for (unsigned i = 0; i < 4; ++i) {
    unsigned control = selector >> (4 * i) & 15;
    uint64_t byte = bytes >> (8 * (control & 7)) & 0xff;
    if (control & 8)
      byte = byte & 0x80 ? 0xff : 0;
    result |= byte << (8 * i);
  }
  return result;
}

static uint64_t funnel(uint64_t low, uint64_t high, uint64_t amount, bool left,
                       bool clamps) {
  uint64_t value = (low & 0xffffffff) | high << 32;
  amount &= 0xffffffff;
  amount = clamps ? std::min<uint64_t>(amount, 32) : amount & 31;
  return left ? value >> (32 - amount) : value >> amount;
}

/// Sums, products and what compares.
static uint64_t compute(const Instruction &at, uint64_t a, uint64_t b,
                        uint64_t c) {
  Type type = at.type;
  switch (getOp(at)) {
  case ScalarOp::Add:
    return a + b;
  case ScalarOp::Sub:
    return a - b;
  case ScalarOp::Mul:
    return a * b;
  case ScalarOp::MulHi:
    return multiplyHigh(type, a, b);
  case ScalarOp::MulWide:
    return multiplyWide(type, a, b);
  case ScalarOp::Mad:
    return a * b + c;
  case ScalarOp::MadHi:
    return multiplyHigh(type, a, b) + c;
  case ScalarOp::MadWide:
    return multiplyWide(type, a, b) + c;
  case ScalarOp::Div:
  case ScalarOp::Rem:
    return divide(type, a, b, getOp(at) == ScalarOp::Rem);
  case ScalarOp::Min:
  case ScalarOp::Max: {
    uint64_t mask = getMask(type.bits);
    bool aIsLess = type.kind == Type::Signed
                       ? extend(a, type.bits) < extend(b, type.bits)
                       : (a & mask) < (b & mask);
    uint64_t chosen = aIsLess == (getOp(at) == ScalarOp::Min) ? a : b;
    return at.saturates && extend(chosen, at.type.bits) < 0 ? 0 : chosen;
  }
  case ScalarOp::Neg:
    return uint64_t(0) - a;
  case ScalarOp::Abs:
    return extend(a, type.bits) < 0 ? uint64_t(0) - a : a;
  default:
    return 0;
  }
}

/// What looks at bits.
static uint64_t computeBits(const Instruction &at, uint64_t a, uint64_t b,
                            uint64_t c) {
  unsigned bits = at.type.bits;
  uint64_t value = a & getMask(bits);
  switch (getOp(at)) {
  case ScalarOp::And:
    return a & b;
  case ScalarOp::Or:
    return a | b;
  case ScalarOp::Xor:
    return a ^ b;
  case ScalarOp::Not:
    return ~a;
  case ScalarOp::CNot:
    return value == 0;
  case ScalarOp::Shl:
  case ScalarOp::Shr:
    return shift(at, a, b);
  case ScalarOp::BitExtract:
    return extractBits(at.type, a, b, c);
  case ScalarOp::PopCount:
    return llvm::popcount(value);
  case ScalarOp::LeadingZeros:
    return value == 0 ? bits : llvm::countl_zero(value) - (64 - bits);
  case ScalarOp::Reverse:
    return reverseBits(a, bits);
  case ScalarOp::Permute:
    return permuteBytes(a, b, c);
  case ScalarOp::FunnelLeft:
  case ScalarOp::FunnelRight:
    return funnel(a, b, c, getOp(at) == ScalarOp::FunnelLeft, at.saturates);
  case ScalarOp::Select:
    return c & 1 ? a : b;
  default:
    return 0;
  }
}

uint64_t mlir::mqa::ptx::evaluateInteger(const Instruction &at, uint64_t a,
                                         uint64_t b, uint64_t c) {
  ScalarOp op = getOp(at);
  bool isWide = op == ScalarOp::MulWide || op == ScalarOp::MadWide;
  uint64_t result =
      op <= ScalarOp::Abs ? compute(at, a, b, c) : computeBits(at, a, b, c);
  return result & getMask(isWide ? 2 * at.type.bits : at.type.bits);
}

bool mlir::mqa::ptx::executeFourSources(Block &block, Warp &warp,
                                        const Instruction &at, LaneMask lanes) {
  return forEachLane(lanes, [&](unsigned lane) {
    uint64_t x[4];
    for (unsigned i = 0; i < 4; ++i)
      x[i] = block.read(warp, at.operands[i + 1], lane);
    uint64_t result = 0;
    if (getOp(at) == ScalarOp::BitInsert) {
      unsigned position = x[2] & 255, length = x[3] & 255;
      uint64_t field = position >= at.type.bits ? 0
                                                : getMask(length) << position &
                                                      getMask(at.type.bits);
      result = (x[1] & ~field) | (x[0] << position & field);
    } else {
      for (unsigned bit = 0; bit < 32; ++bit) {
        unsigned row =
            (x[0] >> bit & 1) << 2 | (x[1] >> bit & 1) << 1 | (x[2] >> bit & 1);
        result |= (x[3] >> row & 1) << bit;
      }
    }
    warp.set(at.operands[0], lane, result & getMask(at.type.bits));
    return true;
  });
}
