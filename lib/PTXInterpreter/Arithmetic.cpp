//===- Arithmetic.cpp - opcodes of scalar arithmetic ------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScalarOp.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir::mqa::ptx;
using llvm::StringRef;

static std::optional<ScalarOp> parseOp(StringRef opcode) {
  constexpr int none = -1;
  int found = llvm::StringSwitch<int>(opcode)
                  .Case("add", int(ScalarOp::Add))
                  .Case("sub", int(ScalarOp::Sub))
                  .Case("mul", int(ScalarOp::Mul))
                  .Case("mad", int(ScalarOp::Mad))
                  .Case("div", int(ScalarOp::Div))
                  .Case("rem", int(ScalarOp::Rem))
                  .Case("fma", int(ScalarOp::Fma))
                  .Case("min", int(ScalarOp::Min))
                  .Case("max", int(ScalarOp::Max))
                  .Case("neg", int(ScalarOp::Neg))
                  .Case("abs", int(ScalarOp::Abs))
                  .Case("and", int(ScalarOp::And))
                  .Case("or", int(ScalarOp::Or))
                  .Case("xor", int(ScalarOp::Xor))
                  .Case("not", int(ScalarOp::Not))
                  .Case("cnot", int(ScalarOp::CNot))
                  .Case("shl", int(ScalarOp::Shl))
                  .Case("shr", int(ScalarOp::Shr))
                  .Case("bfe", int(ScalarOp::BitExtract))
                  .Case("bfi", int(ScalarOp::BitInsert))
                  .Case("popc", int(ScalarOp::PopCount))
                  .Case("clz", int(ScalarOp::LeadingZeros))
                  .Case("brev", int(ScalarOp::Reverse))
                  .Case("prmt", int(ScalarOp::Permute))
                  .Case("lop3", int(ScalarOp::Lookup))
                  .Case("ex2", int(ScalarOp::Exp2))
                  .Case("lg2", int(ScalarOp::Log2))
                  .Case("rcp", int(ScalarOp::Reciprocal))
                  .Case("sqrt", int(ScalarOp::Sqrt))
                  .Case("rsqrt", int(ScalarOp::InverseSqrt))
                  .Case("sin", int(ScalarOp::Sin))
                  .Case("cos", int(ScalarOp::Cos))
                  .Case("tanh", int(ScalarOp::Tanh))
                  .Case("copysign", int(ScalarOp::CopySign))
                  .Case("selp", int(ScalarOp::Select))
                  .Default(none);
  if (found == none)
    return std::nullopt;
  return static_cast<ScalarOp>(found);
}

/// .lo, .hi and .wide choose between products.
static ScalarOp chooseProduct(ScalarOp op, Modifiers &modifiers) {
  if (modifiers.consume("hi"))
    return op == ScalarOp::Mul ? ScalarOp::MulHi : ScalarOp::MadHi;
  if (modifiers.consume("wide"))
    return op == ScalarOp::Mul ? ScalarOp::MulWide : ScalarOp::MadWide;
  modifiers.consume("lo");
  return op;
}

Decoded mlir::mqa::ptx::decodeArithmetic(StringRef opcode, Modifiers modifiers,
                                         Instruction &at) {
  if (opcode == "shf") {
    bool left = modifiers.consume("l");
    if (!left && !modifiers.consume("r"))
      return "expected shf.l or shf.r";
    at.mode = uint8_t(left ? ScalarOp::FunnelLeft : ScalarOp::FunnelRight);
    at.saturates = modifiers.consume("clamp");
    modifiers.consume("wrap");
  } else {
    std::optional<ScalarOp> op = parseOp(opcode);
    if (!op)
      return std::nullopt;
    if (*op == ScalarOp::Mul || *op == ScalarOp::Mad)
      op = chooseProduct(*op, modifiers);
    at.mode = uint8_t(*op);
  }
  static const StringRef roundings[] = {"rn", "rz", "rm", "rp"};
  for (;;) {
    auto rounding = llvm::find(roundings, modifiers.front());
    if (rounding != std::end(roundings)) {
      at.rounding = static_cast<Rounding>(rounding - roundings);
      modifiers.take();
    } else if (modifiers.consume("ftz")) {
      at.flushesDenormals = true;
    } else if (modifiers.consumeAny({"sat", "relu"})) {
      // .relu, of integers: negative results are 0.
      at.saturates = true;
    } else if (modifiers.consume("NaN")) {
      at.roundsToInteger = true;
    } else if (!modifiers.consumeAny({"approx", "full"})) {
      break;
    }
  }
  at.type = modifiers.takeType();
  if (at.type.kind == Type::None || !modifiers.isEmpty())
    return "expected a modifier that is known, got '" +
           modifiers.front().str() + "'";
  bool isFourSources =
      getOp(at) == ScalarOp::BitInsert || getOp(at) == ScalarOp::Lookup;
  if (at.operands.size() < 2 || at.operands[0].kind != Operand::Register)
    return "expected a register and sources";
  // Logic and selection do not look at the numbers.
  bool isFloat = at.type.isFloating() && getOp(at) != ScalarOp::Select;
  at.evaluate = isFloat ? evaluateFloat : evaluateInteger;
  at.execute = isFourSources ? executeFourSources : executeScalar;
  return "";
}
