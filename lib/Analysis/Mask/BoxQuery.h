//===- BoxQuery.h - one question about a box of positions -------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits what a formula says for all, or for some, points of a box: the interval
// version of the region. The keys are a block, or all of [0, N).
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_ANALYSIS_MASK_BOXQUERY_H
#define MQA_LIB_ANALYSIS_MASK_BOXQUERY_H

#include "BoundBuilder.h"
#include "ElementReader.h"

namespace mlir::mqa::mask {

/// Whether a statement is to hold for all points of the box, or may for some.
enum class Quantifier { Must, May };

class BoxQuery {
public:
  /// About the keys `keys`, or about all keys. Starts from `assumptions`, which
  /// grow; `getGuard` checks them.
  BoxQuery(MaskModel &model, OpBuilder &builder, Location loc,
           const RowBox &rows, std::optional<KeyRange> keys,
           const Formula &formula, const Assumptions &assumptions);

  MaskModel &getModel() { return model; }
  BoundBuilder &getBuilder() { return out; }
  const Formula &getFormula() const { return formula; }
  const Assumptions &getAssumptions() const { return assumptions; }

  /// The number of keys.
  Bound getNumKeys();
  /// The upper or the lower end of a form over the box.
  Bound getEnd(const LinearForm &form, bool upper);
  /// At least 1, whatever the guard says.
  Bound getDivisor(const Divisor &divisor);

  /// An i1: only true (Must) or never false (May) if `formula` is.
  OpFoldResult test(const Formula &formula, Quantifier quantifier);
  /// `emit` under ever more guards on `leaves`; whether it worked.
  bool attempt(const TermSet &leaves, function_ref<void()> emit);
  /// An i1: whether everything that was assumed holds.
  OpFoldResult getGuard();

private:
  Bound getTermEnd(TermId id, bool upper, const Assumptions &known);
  Bound getPositionEnd(const Term &term, bool upper, const IntRange &range);
  Bound getDivisionEnd(const Term &term, bool upper);
  Bound getElementEnd(TermId id, bool upper, const IntRange &range);
  Bound toBound(Value value, const IntRange &range);
  Bound emitSizeOf(unsigned dim, const IntRange &range);
  const Extremes &getExtremes(Value value);
  OpFoldResult testAtom(const LinearForm &form, Quantifier quantifier);
  OpFoldResult testFlag(const Formula &flag, Quantifier quantifier);
  OpFoldResult toTruth(Value value);

  MaskModel &model;
  BoundBuilder out;
  RowBox rows;
  std::optional<KeyRange> keys;
  Bound lastKey;
  const Formula &formula;
  Assumptions assumptions;
  std::optional<ElementReader> reader;
  DenseMap<Value, Extremes> extremes;
  DenseMap<Value, Value> casts;
  DenseMap<unsigned, OpFoldResult> sizes;
};

} // namespace mlir::mqa::mask

#endif // MQA_LIB_ANALYSIS_MASK_BOXQUERY_H
