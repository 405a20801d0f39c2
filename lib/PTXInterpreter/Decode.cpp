//===- Decode.cpp - opcodes and their modifiers -----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Handlers.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir::mqa::ptx;
using llvm::StringRef;

Type Modifiers::takeType() {
  StringRef name = front();
  Type type;
  if (name == "pred") {
    type = {Type::Predicate, 1, false};
  } else if (name == "bf16" || name == "bf16x2") {
    type = {Type::BFloat, uint8_t(name == "bf16" ? 16 : 32), name != "bf16"};
  } else if (name == "f16x2") {
    type = {Type::Float, 32, true};
  } else if (name.size() > 1) {
    unsigned bits;
    auto kind = llvm::StringSwitch<Type::Kind>(name.take_front(1))
                    .Case("b", Type::Bits)
                    .Case("u", Type::Unsigned)
                    .Case("s", Type::Signed)
                    .Case("f", Type::Float)
                    .Default(Type::None);
    if (kind == Type::None || name.drop_front(1).getAsInteger(10, bits) ||
        bits > 128)
      return type;
    type = {kind, uint8_t(bits), false};
  }
  if (type.kind != Type::None)
    take();
  return type;
}

bool mlir::mqa::ptx::executeScalar(Block &block, Warp &warp,
                                   const Instruction &instruction,
                                   LaneMask lanes) {
  const auto &operands = instruction.operands;
  unsigned sources = operands.size() - 1;
  return forEachLane(lanes, [&](unsigned lane) {
    uint64_t a = block.read(warp, operands[1], lane);
    uint64_t b = sources > 1 ? block.read(warp, operands[2], lane) : 0;
    uint64_t c = sources > 2 ? block.read(warp, operands[3], lane) : 0;
    warp.set(operands[0], lane, instruction.evaluate(instruction, a, b, c));
    return true;
  });
}

std::string mlir::mqa::ptx::decode(llvm::ArrayRef<StringRef> parts,
                                   Instruction &instruction) {
  StringRef opcode = parts.front();
  Modifiers modifiers(parts.drop_front());
  for (auto *family : {decodeArithmetic, decodeComparison, decodeConversion,
                       decodeTransactionBarrier, decodeBulkCopy, decodeMemory,
                       decodeControl, decodeMatrix, decodeWarpgroup})
    if (Decoded decoded = family(opcode, modifiers, instruction))
      return *decoded;
  return "expected an instruction that is known, got '" + opcode.str() + "'";
}
