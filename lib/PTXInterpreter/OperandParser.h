//===- OperandParser.h - operands of PTX instructions -----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_PTXINTERPRETER_OPERANDPARSER_H
#define MQA_LIB_PTXINTERPRETER_OPERANDPARSER_H

#include "Program.h"

namespace mlir::mqa::ptx {

/// The offset of dynamic shared memory until it is placed.
constexpr uint64_t kDynamicShared = uint64_t(1) << 40;

/// The registers and variables that are visible.
class NameTable {
public:
  void beginKernel() {
    scopes.assign(1, {});
    numRegisters = 1; // 0 is for results that nobody wants.
  }
  void openScope() { scopes.emplace_back(); }
  void closeScope() { scopes.pop_back(); }
  /// Declares a register of the innermost scope. Those of a range ("%r<9>") are
  /// made when they are used.
  void declare(llvm::StringRef name, bool isRange) {
    if (!isRange)
      scopes.back()[name] = numRegisters++;
  }
  bool isRegister(llvm::StringRef name) const;
  uint32_t getRegister(llvm::StringRef name);
  uint32_t getNumRegisters() const { return numRegisters; }

  llvm::StringMap<Variable> variables;

private:
  std::vector<llvm::StringMap<uint32_t>> scopes;
  uint32_t numRegisters = 1;
};

class OperandParser {
public:
  explicit OperandParser(NameTable &names) : names(names) {}

  /// Parses "a, [b+4], {c, d}". Empty if all is well, else what is not.
  std::string parseList(llvm::StringRef text,
                        llvm::SmallVectorImpl<Operand> &operands);
  /// Moves addresses of dynamic shared memory to `offset`.
  void placeDynamic(llvm::MutableArrayRef<Operand> operands, uint64_t offset);

private:
  std::string parse(llvm::StringRef text, Operand &operand);
  bool parseNumber(llvm::StringRef text, Operand &operand);
  bool parseSpecial(llvm::StringRef text, Operand &operand);
  std::string parseAddress(llvm::StringRef text, Operand &operand);
  std::string parseParts(llvm::StringRef text, char separator,
                         Operand &operand);

  NameTable &names;
};

} // namespace mlir::mqa::ptx

#endif // MQA_LIB_PTXINTERPRETER_OPERANDPARSER_H
