//===- MaskAbstraction.h - from a mask region to its formula ----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A forward pass over the region. An operation is accepted only if the static
// range of its result, in unbounded arithmetic, fits its type, maybe due to a
// guard; anything else is opaque: a symbol, a value of rows or of keys that is
// computed by the region's own operations, or unknown.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_ANALYSIS_MASK_MASKABSTRACTION_H
#define MQA_LIB_ANALYSIS_MASK_MASKABSTRACTION_H

#include "MaskModel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

namespace mlir::mqa::mask {

/// A value as a number or as a truth value; neither, if it is, say, a float.
struct AbstractValue {
  MaybeTree number;
  std::optional<Formula> truth;
  bool isKnown() const { return number || truth; }
};

class MaskAbstraction {
public:
  /// Guards that the abstraction needs are added to `assumptions`.
  MaskAbstraction(MaskModel &model, Assumptions &assumptions)
      : model(model), assumptions(assumptions) {}

  /// What the region yields.
  Formula run();

private:
  using Operands = ArrayRef<AbstractValue>;

  AbstractValue get(Value value);
  AbstractValue getCaptured(Value value);
  AbstractValue opaque(Value value);
  AbstractValue transfer(Operation *op);
  bool isComputedByElement(Operation *op, Operands operands);
  bool isOfSizes(Operands operands);

  AbstractValue transferTruth(Operation *op, Operands operands);
  std::optional<Formula> compare(arith::CmpIPredicate predicate,
                                 const AbstractValue &a,
                                 const AbstractValue &b);
  std::optional<Formula> compareUnsigned(arith::CmpIPredicate predicate,
                                         const IntTree &a, const IntTree &b);

  MaybeTree transferNumber(Operation *op, Operands operands);
  MaybeTree transferCast(Operation *op, const AbstractValue &operand);
  MaybeTree transferArithmetic(Operation *op, const IntTree &a,
                               const IntTree &b);
  MaybeTree transferDivision(Operation *op, const IntTree &a, const IntTree &b);
  MaybeTree transferShift(Operation *op, const IntTree &a, const IntTree &b);
  std::optional<Divisor> getDivisor(const IntTree &tree, Guard guard);
  MaybeTree divide(Term::Kind kind, const IntTree &tree, const Divisor &divisor,
                   Operation *origin);
  bool isNonNegative(const IntTree &tree);
  bool fits(const IntTree &tree, Operation *op);

  MaskModel &model;
  Assumptions &assumptions;
  DenseMap<Value, AbstractValue> values;
};

} // namespace mlir::mqa::mask

#endif // MQA_LIB_ANALYSIS_MASK_MASKABSTRACTION_H
