//===- Comparison.cpp - set and setp ----------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FloatFormats.h"
#include "ScalarOp.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir::mqa::ptx;
using llvm::StringRef;

template <typename T>
static bool compareValues(Compare compare, T a, T b, bool unordered) {
  switch (compare) {
  case Compare::Eq:
    return !unordered && a == b;
  case Compare::Ne:
    return !unordered && a != b;
  case Compare::Lt:
    return !unordered && a < b;
  case Compare::Le:
    return !unordered && a <= b;
  case Compare::Gt:
    return !unordered && a > b;
  case Compare::Ge:
    return !unordered && a >= b;
  case Compare::Equ:
    return unordered || a == b;
  case Compare::Neu:
    return unordered || a != b;
  case Compare::Ltu:
    return unordered || a < b;
  case Compare::Leu:
    return unordered || a <= b;
  case Compare::Gtu:
    return unordered || a > b;
  case Compare::Geu:
    return unordered || a >= b;
  case Compare::Num:
    return !unordered;
  case Compare::Nan:
    return unordered;
  }
  return false;
}

static bool compareLanes(const Instruction &at, uint64_t a, uint64_t b) {
  if (at.type.isFloating()) {
    double x = readNumber(at.type, a), y = readNumber(at.type, b);
    if (at.flushesDenormals && at.type.bits == 32) {
      x = flush(float(x));
      y = flush(float(y));
    }
    return compareValues(at.compare, x, y, std::isnan(x) || std::isnan(y));
  }
  if (at.type.kind == Type::Signed)
    return compareValues(at.compare, extend(a, at.type.bits),
                         extend(b, at.type.bits), false);
  uint64_t mask = getMask(at.type.bits);
  return compareValues(at.compare, a & mask, b & mask, false);
}

/// setp: one or two predicates, combined with another one. `mode`: 1 and, 2 or,
/// 3 xor.
static bool executeSetPredicate(Block &block, Warp &warp, const Instruction &at,
                                LaneMask lanes) {
  return forEachLane(lanes, [&](unsigned lane) {
    bool result = compareLanes(at, block.read(warp, at.operands[1], lane),
                               block.read(warp, at.operands[2], lane));
    bool other = false;
    if (at.mode != 0) {
      other = block.read(warp, at.operands[3], lane) & 1;
      other ^= at.operands[3].isNegated;
    }
    auto combine = [&](bool value) {
      return at.mode == 1   ? value && other
             : at.mode == 2 ? value || other
             : at.mode == 3 ? value != other
                            : value;
    };
    const Operand &to = at.operands[0];
    if (to.kind == Operand::Vector) {
      warp.set(to.parts[0], lane, combine(result));
      warp.set(to.parts[1], lane, combine(!result));
    } else {
      warp.set(to, lane, combine(result));
    }
    return true;
  });
}

static uint64_t evaluateSet(const Instruction &at, uint64_t a, uint64_t b,
                            uint64_t) {
  if (!compareLanes(at, a, b))
    return 0;
  return at.source.isFloating() ? fromFloat(1.0f) : 0xffffffff;
}

static std::optional<Compare> parseCompare(StringRef name) {
  int found = llvm::StringSwitch<int>(name)
                  .Case("eq", int(Compare::Eq))
                  .Case("ne", int(Compare::Ne))
                  .Cases({"lt", "lo"}, int(Compare::Lt))
                  .Cases({"le", "ls"}, int(Compare::Le))
                  .Cases({"gt", "hi"}, int(Compare::Gt))
                  .Cases({"ge", "hs"}, int(Compare::Ge))
                  .Case("equ", int(Compare::Equ))
                  .Case("neu", int(Compare::Neu))
                  .Case("ltu", int(Compare::Ltu))
                  .Case("leu", int(Compare::Leu))
                  .Case("gtu", int(Compare::Gtu))
                  .Case("geu", int(Compare::Geu))
                  .Case("num", int(Compare::Num))
                  .Case("nan", int(Compare::Nan))
                  .Default(-1);
  if (found < 0)
    return std::nullopt;
  return static_cast<Compare>(found);
}

Decoded mlir::mqa::ptx::decodeComparison(StringRef opcode, Modifiers modifiers,
                                         Instruction &at) {
  if (opcode != "setp" && opcode != "set")
    return std::nullopt;
  std::optional<Compare> compare = parseCompare(modifiers.take());
  if (!compare)
    return "expected a comparison";
  at.compare = *compare;
  at.mode = modifiers.consume("and")   ? 1
            : modifiers.consume("or")  ? 2
            : modifiers.consume("xor") ? 3
                                       : 0;
  at.flushesDenormals = modifiers.consume("ftz");
  Type first = modifiers.takeType();
  if (opcode == "set") {
    at.source = first;
    first = modifiers.takeType();
    at.evaluate = evaluateSet;
  }
  at.type = first;
  at.execute = opcode == "set" ? executeScalar : executeSetPredicate;
  if (first.kind == Type::None || first.isPair || !modifiers.isEmpty())
    return "expected a type that is known";
  return "";
}
