//===- MaskModel.h - the op, its terms, and what is known -------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What all parts of the mask analysis share: the attention, the table of terms,
// and the static range of every term under assumptions that a guard checks.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_ANALYSIS_MASK_MASKMODEL_H
#define MQA_LIB_ANALYSIS_MASK_MASKMODEL_H

#include "MaskFormula.h"
#include "mqa/Analysis/Mask/MaskAnalysis.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::mqa::mask {

/// What a guard promises of a symbol, a size or an element: its magnitude is at
/// most the bound; it may have to be positive as well,
/// or the exponent of a power of two that is at most the bound.
enum class Guard { Bounded, Positive, Exponent };
using Guards = llvm::SmallMapVector<TermId, Guard, 4>;

/// What may be assumed; sizes stand for the positions below them.
struct Assumptions {
  Guards guards;
  /// There is at least one key.
  bool someKey = false;
  /// Elements of keys may be guarded: they are those of a block.
  bool guardKeys = true;
};

/// By what a value is known: the dimensions that it depends on.
enum class Dependence { Point, Rows, Keys, Both };

class MaskModel {
public:
  MaskModel(Operation *op, const MaskOptions &options);

  Operation *op;
  MaskOptions options;
  AttentionShape shape;
  SmallVector<AffineMap> maps; ///< Of the operands, in order.
  unsigned keyDim;             ///< The innermost key dimension.
  Block *block = nullptr;      ///< Of the mask, if there is one.
  TermTable terms;

  unsigned getNumInputs() const { return inputs.size(); }
  Value getInput(unsigned index) const { return inputs[index]; }
  AffineMap getInputMap(unsigned index) const { return maps[3 + index]; }
  /// The dimension that the region argument stands for, if it is a position.
  std::optional<unsigned> getPositionDim(BlockArgument argument) const;

  /// Dimensions that a value of the region, or a captured one, depends on.
  llvm::SmallBitVector getDims(Value value);
  Dependence getDependence(const llvm::SmallBitVector &dims) const;
  Dependence getDependence(Value value) {
    return getDependence(getDims(value));
  }

  std::optional<int64_t> getStaticSize(unsigned dim) const;
  TermId getSizeTerm(unsigned dim);
  /// The dimension that `value` is the size of, if it says so itself.
  std::optional<unsigned> getSizeDim(Value value) const;
  /// A form for a position, a size.
  LinearForm getPosition(unsigned dim);
  LinearForm getSize(unsigned dim);
  /// The term for `value`, an integer that is not looked into.
  TermId getOpaque(Value value);
  /// A form for a quotient, a remainder.
  LinearForm getDivision(Term::Kind kind, const LinearForm &operand,
                         const Divisor &divisor, Operation *origin);
  /// The values that `guard` allows.
  IntRange getAllowed(Guard guard) const;

  /// The static range of a term, a form.
  IntRange getRange(TermId term, const Assumptions &assumptions) const;
  IntRange getRange(const LinearForm &form,
                    const Assumptions &assumptions) const;
  IntRange getDivisorRange(const Divisor &divisor,
                           const Assumptions &assumptions) const;

  /// `attempt` under ever more guards on `leaves`: none, symbols, everything.
  /// Returns whether it succeeded; only then guards are added.
  bool guarded(const TermSet &leaves, Assumptions &assumptions,
               function_ref<bool()> attempt);
  /// Whether `form` is a value of `type`, maybe due to guards.
  bool fits(const LinearForm &form, Type type, Assumptions &assumptions);

private:
  IntRange inferRange(Value value, unsigned depth = 6);

  SmallVector<Value> inputs;
  SmallVector<std::optional<int64_t>> staticSizes;
  DenseMap<Value, llvm::SmallBitVector> dimsOf;
};

/// Signed limits of an integer or index type, but 0 and 1 for i1.
IntRange getLimits(Type type);
/// Integers, index, i1: what an `index` can hold.
bool isNumber(Type type);

} // namespace mlir::mqa::mask

#endif // MQA_LIB_ANALYSIS_MASK_MASKMODEL_H
