//===- Interpreter.h - runs emitted integer code ----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs what the mask analysis emits millions of times: straight-line integer
// code with structured loops and reads of elements, compiled once to numbered
// slots. It has the semantics of the ops at their exact widths. A division by
// zero or a read out of bounds is an error; an overflow that a flag rules out
// makes poison, which travels as LLVM says.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_UNITTESTS_ANALYSIS_MASK_INTERPRETER_H
#define MQA_UNITTESTS_ANALYSIS_MASK_INTERPRETER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Block.h"
#include "llvm/ADT/DenseMap.h"
#include <string>
#include <vector>

namespace mlir::mqa {

/// The contents of a tensor or memref; integers in their signed meaning, i1 as
/// 0 or 1, floats as the bits of a double.
struct Elements {
  SmallVector<int64_t> shape;
  std::vector<int64_t> data;
};

/// Bits of an integer or index; 0 of anything else.
unsigned getWidth(Type type);
/// `value` cut to `width` bits, as the interpreter stores it.
int64_t wrap(int64_t value, unsigned width);

/// The code that some results of a block need, in three levels that run apart:
/// what depends on arguments of level 0 only, of levels 0 and 1, and the rest.
class Program {
public:
  static constexpr unsigned numLevels = 3;

  /// Compiles what `results` need. `levels` is by block argument.
  Program(Block &block, ArrayRef<Value> results, ArrayRef<unsigned> levels);

  /// Why the code cannot be run, or what went wrong in a run; empty: nothing.
  const std::string &getError() const { return error; }
  void clearError() { error.clear(); }

  void set(unsigned argument, int64_t value);
  void set(unsigned argument, const Elements &elements);
  /// Runs the code of one level. False: an error.
  bool run(unsigned level) { return error.empty() && execute(code[level]); }
  int64_t get(unsigned result) const { return slots[results[result]]; }
  bool isPoison(unsigned result) const { return poison[results[result]]; }
  /// Ops in all levels.
  unsigned getNumOps() const { return numOps; }

private:
  enum class Kind : uint8_t {
    // clang-format off
    AddI, SubI, MulI, DivSI, DivUI, FloorDivSI, CeilDivSI, CeilDivUI, RemSI,
    RemUI, AndI, OrI, XOrI, ShLI, ShRSI, ShRUI, MinSI, MaxSI, MinUI, MaxUI,
    CmpI, CmpF, SExt, ZExt, Select, Affine, Dim, Read, For, If, While, Constant
    // clang-format on
  };
  struct Instruction;
  using Code = std::vector<Instruction>;
  struct Instruction {
    Kind kind;
    unsigned width = 0, from = 0; ///< Bits of the result and of operands.
    unsigned result = 0;
    bool nsw = false, nuw = false;
    int64_t immediate = 0; ///< Constant, predicate.
    SmallVector<unsigned, 4> operands;
    AffineMap map;
    // Of loops and conditionals.
    SmallVector<unsigned, 2> results;
    SmallVector<Code, 0> bodies;
    SmallVector<SmallVector<unsigned, 2>, 2> arguments, yields;
  };

  unsigned getSlot(Value value);
  bool compileBlock(Block &block, Code &code, Instruction &parent);
  bool compileOp(Operation *op, Code &code);
  bool compileNested(Operation *op, Instruction &in);
  bool compileReads(Operation *op, Instruction &in);
  bool fail(const Twine &message);

  bool execute(const Code &code);
  bool executeOp(const Instruction &in);
  bool executeBinary(const Instruction &in);
  bool divide(const Instruction &in, int64_t a, int64_t b, int64_t &result);
  bool executeRead(const Instruction &in);
  bool executeFor(const Instruction &in);
  bool executeWhile(const Instruction &in);
  void move(ArrayRef<unsigned> from, ArrayRef<unsigned> to);

  llvm::DenseMap<Value, unsigned> numbers;
  std::vector<int64_t> slots;
  std::vector<char> poison;
  std::vector<const Elements *> shaped;
  SmallVector<unsigned> arguments, results;
  Code code[numLevels];
  unsigned numOps = 0;
  std::string error;
};

} // namespace mlir::mqa

#endif // MQA_UNITTESTS_ANALYSIS_MASK_INTERPRETER_H
