//===- Conversion.cpp - moves and conversions -------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FloatFormats.h"
#include "Handlers.h"

using namespace mlir::mqa::ptx;
using llvm::StringRef;

static uint64_t getMask(unsigned bits) {
  return bits >= 64 ? ~uint64_t(0) : (uint64_t(1) << bits) - 1;
}

static double roundToInteger(double value, Rounding rounding) {
  switch (rounding) {
  case Rounding::Nearest:
    return std::nearbyint(value);
  case Rounding::Zero:
    return std::trunc(value);
  case Rounding::Down:
    return std::floor(value);
  case Rounding::Up:
    return std::ceil(value);
  }
  return value;
}

/// An integer of the source type, as a double cannot hold all of them.
static __int128 readInteger(Type type, uint64_t bits) {
  bits &= getMask(type.bits);
  if (type.kind == Type::Signed && type.bits < 64 &&
      bits >> (type.bits - 1) & 1)
    bits |= ~getMask(type.bits);
  return type.kind == Type::Signed ? __int128(int64_t(bits)) : __int128(bits);
}

static uint64_t clampInteger(Type type, __int128 value) {
  __int128 least = 0, most = getMask(type.bits);
  if (type.kind == Type::Signed) {
    most = getMask(type.bits - 1);
    least = -most - 1;
  }
  return static_cast<uint64_t>(std::min(std::max(value, least), most)) &
         getMask(type.bits);
}

/// Conversions from a float saturate; NaN becomes 0.
static uint64_t floatToInteger(const Instruction &at, double value) {
  if (std::isnan(value))
    return 0;
  value = roundToInteger(value, at.rounding);
  value = std::min(std::max(value, -1e30), 1e30);
  return clampInteger(at.type, static_cast<__int128>(value));
}

static uint64_t evaluateConversion(const Instruction &at, uint64_t a, uint64_t,
                                   uint64_t) {
  if (!at.source.isFloating()) {
    __int128 value = readInteger(at.source, a);
    if (at.type.isFloating())
      return at.type.bits == 32 && at.rounding == Rounding::Nearest
                 ? fromFloat(static_cast<float>(value))
                 : writeNumber(at.type, static_cast<double>(value),
                               at.rounding);
    return at.saturates ? clampInteger(at.type, value)
                        : static_cast<uint64_t>(value) & getMask(at.type.bits);
  }
  double value = readNumber(at.source, a);
  if (at.flushesDenormals && at.source.bits == 32)
    value = flush(static_cast<float>(value));
  if (!at.type.isFloating())
    return floatToInteger(at, value);
  if (at.roundsToInteger)
    value = roundToInteger(value, at.rounding);
  if (at.saturates)
    value = std::isnan(value) ? 0 : std::min(std::max(value, 0.0), 1.0);
  uint64_t result = writeNumber(at.type, value, at.rounding);
  if (at.flushesDenormals && at.type.bits == 32)
    result = fromFloat(flush(toFloat(result)));
  return result;
}

/// cvt.rn.bf16x2.f32 d, a, b: a becomes the upper half.
static uint64_t evaluatePack(const Instruction &at, uint64_t a, uint64_t b,
                             uint64_t) {
  Type half = {at.type.kind, 16, false};
  auto convert = [&](uint64_t x) {
    return writeNumber(half, toFloat(x), at.rounding) & 0xffff;
  };
  return convert(a) << 16 | convert(b);
}

static Decoded decodeConvert(Modifiers modifiers, Instruction &at) {
  struct Name {
    StringRef name;
    Rounding rounding;
    bool toInteger;
  };
  static const Name names[] = {
      {"rn", Rounding::Nearest, false}, {"rz", Rounding::Zero, false},
      {"rm", Rounding::Down, false},    {"rp", Rounding::Up, false},
      {"rni", Rounding::Nearest, true}, {"rzi", Rounding::Zero, true},
      {"rmi", Rounding::Down, true},    {"rpi", Rounding::Up, true}};
  for (const Name &name : names)
    if (modifiers.consume(name.name)) {
      at.rounding = name.rounding;
      at.roundsToInteger = name.toInteger;
    }
  at.flushesDenormals = modifiers.consume("ftz");
  at.saturates = modifiers.consume("sat");
  at.type = modifiers.takeType();
  at.source = modifiers.takeType();
  if (at.source.kind == Type::None || at.source.isPair || !modifiers.isEmpty())
    return "expected a conversion that is known, got '" +
           modifiers.front().str() + "'";
  at.evaluate = at.type.isPair ? evaluatePack : evaluateConversion;
  at.execute = executeScalar;
  return "";
}

/// mov with a vector on one side, or plain.
static bool executeMove(Block &block, Warp &warp, const Instruction &at,
                        LaneMask lanes) {
  const Operand &to = at.operands[0], &from = at.operands[1];
  return forEachLane(lanes, [&](unsigned lane) {
    if (from.kind == Operand::Vector) {
      unsigned bits = at.type.bits / from.parts.size();
      uint64_t value = 0;
      for (auto [i, part] : llvm::enumerate(from.parts))
        value |= (block.read(warp, part, lane) & getMask(bits)) << (i * bits);
      warp.set(to, lane, value);
      return true;
    }
    uint64_t value = block.read(warp, from, lane);
    if (to.kind == Operand::Vector) {
      unsigned bits = at.type.bits / to.parts.size();
      for (auto [i, part] : llvm::enumerate(to.parts))
        warp.set(part, lane, value >> (i * bits) & getMask(bits));
      return true;
    }
    warp.set(to, lane, value & getMask(at.type.bits));
    return true;
  });
}

/// cvta: between addresses of a space and generic ones. `mode` 1: to a space.
static uint64_t evaluateAddress(const Instruction &at, uint64_t a, uint64_t,
                                uint64_t) {
  uint64_t window = at.space == Space::Shared  ? kSharedWindow
                    : at.space == Space::Local ? kLocalWindow
                    : at.space == Space::Param ? kParamWindow
                                               : 0;
  if (window == 0)
    return a;
  return at.mode == 1 ? a & kWindowMask : (a & kWindowMask) | window;
}

Decoded mlir::mqa::ptx::decodeConversion(StringRef opcode, Modifiers modifiers,
                                         Instruction &at) {
  if (opcode == "cvt")
    return decodeConvert(modifiers, at);
  if (opcode == "mov") {
    at.type = modifiers.takeType();
    at.execute = executeMove;
    return at.type.kind == Type::None || !modifiers.isEmpty()
               ? Decoded("expected a type that is known")
               : Decoded("");
  }
  if (opcode != "cvta")
    return std::nullopt;
  at.mode = modifiers.consume("to");
  if (modifiers.consumeAny({"shared", "shared::cta", "shared::cluster"}))
    at.space = Space::Shared;
  else if (modifiers.consume("local"))
    at.space = Space::Local;
  else if (modifiers.consume("param"))
    at.space = Space::Param;
  else if (!modifiers.consumeAny({"global", "const"}))
    return "expected a space that is known, got '" + modifiers.front().str() +
           "'";
  at.evaluate = evaluateAddress;
  at.execute = executeScalar;
  return "";
}
