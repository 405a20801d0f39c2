//===- Handlers.h - what opcodes do -----------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each function knows a family of opcodes: it fills in the instruction, or says
// what it does not know, or that the opcode is not its own.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_PTXINTERPRETER_HANDLERS_H
#define MQA_LIB_PTXINTERPRETER_HANDLERS_H

#include "Block.h"
#include <optional>

namespace mlir::mqa::ptx {

/// The modifiers of an opcode, taken one after the other.
class Modifiers {
public:
  explicit Modifiers(llvm::ArrayRef<llvm::StringRef> parts) : parts(parts) {}

  bool isEmpty() const { return parts.empty(); }
  llvm::StringRef front() const { return parts.empty() ? "" : parts.front(); }
  llvm::StringRef take() {
    llvm::StringRef first = front();
    if (!parts.empty())
      parts = parts.drop_front();
    return first;
  }
  /// Takes the next modifier if it is `name`.
  bool consume(llvm::StringRef name) {
    if (front() != name)
      return false;
    take();
    return true;
  }
  bool consumeAny(llvm::ArrayRef<llvm::StringRef> names) {
    for (llvm::StringRef name : names)
      if (consume(name))
        return true;
    return false;
  }
  /// Takes a type, if there is one.
  Type takeType();

private:
  llvm::ArrayRef<llvm::StringRef> parts;
};

/// Nothing: the opcode belongs to another family. Empty text: all is known.
using Decoded = std::optional<std::string>;

Decoded decodeArithmetic(llvm::StringRef opcode, Modifiers modifiers,
                         Instruction &instruction);
Decoded decodeComparison(llvm::StringRef opcode, Modifiers modifiers,
                         Instruction &instruction);
Decoded decodeConversion(llvm::StringRef opcode, Modifiers modifiers,
                         Instruction &instruction);
Decoded decodeMemory(llvm::StringRef opcode, Modifiers modifiers,
                     Instruction &instruction);
Decoded decodeControl(llvm::StringRef opcode, Modifiers modifiers,
                      Instruction &instruction);
Decoded decodeTransactionBarrier(llvm::StringRef opcode, Modifiers modifiers,
                                 Instruction &instruction);
Decoded decodeBulkCopy(llvm::StringRef opcode, Modifiers modifiers,
                       Instruction &instruction);
Decoded decodeWarpgroup(llvm::StringRef opcode, Modifiers modifiers,
                        Instruction &instruction);
Decoded decodeMatrix(llvm::StringRef opcode, Modifiers modifiers,
                     Instruction &instruction);

/// Runs `evaluate` of a scalar instruction for every lane.
bool executeScalar(Block &block, Warp &warp, const Instruction &instruction,
                   LaneMask lanes);

/// Calls `visit(lane)` for every lane of a set; stops when it returns false.
template <typename Visit> bool forEachLane(LaneMask lanes, Visit visit) {
  for (unsigned lane = 0; lane < kWarpSize; ++lane)
    if ((lanes >> lane & 1) && !visit(lane))
      return false;
  return true;
}

} // namespace mlir::mqa::ptx

#endif // MQA_LIB_PTXINTERPRETER_HANDLERS_H
