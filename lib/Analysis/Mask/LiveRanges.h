//===- LiveRanges.h - the keys that a box of rows can see -------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Solves a formula for the key: every atom through a chain of monotone
// inverses, with the rest of it at its end over the rows; atoms without a key
// are gates.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_ANALYSIS_MASK_LIVERANGES_H
#define MQA_LIB_ANALYSIS_MASK_LIVERANGES_H

#include "BoxQuery.h"

namespace mlir::mqa::mask {

/// Keys [lo, hi).
struct Interval {
  Bound lo, hi;
};
using Intervals = SmallVector<Interval, 2>;

class LiveRanges {
public:
  explicit LiveRanges(BoxQuery &query)
      : query(query), out(query.getBuilder()), model(query.getModel()) {}

  /// At most `limit` sorted, disjoint intervals with every key that may be live
  /// for some row; or at most one with keys that must be, for every row.
  Intervals get(Quantifier quantifier, unsigned limit);
  /// Whether the intervals say all that the formula says.
  bool isExact() const { return exact; }

private:
  Intervals solve(const Formula &formula, Quantifier quantifier);
  Intervals solveAtom(const Formula &atom, Quantifier quantifier);
  Intervals solveChoice(const Formula &condition, const Formula &whenTrue,
                        const Formula &whenFalse, Quantifier quantifier);
  Intervals solveList(const Formula &list, Quantifier quantifier);
  Intervals gate(OpFoldResult condition);
  bool isUniform(const Formula &formula);

  std::optional<Interval> invert(const LinearForm &form, const Bound *limit,
                                 Quantifier quantifier);
  Intervals meet(Intervals a, Intervals b, Quantifier quantifier);
  Intervals join(Intervals a, const Intervals &b);
  Intervals reduce(Intervals intervals, unsigned limit, Quantifier quantifier);
  Interval mergeLive(const Interval &a, const Interval &b);
  Interval mergeFull(const Interval &a, const Interval &b);
  Interval clip(const Interval &interval);
  void sort(Interval &a, Interval &b);

  BoxQuery &query;
  BoundBuilder &out;
  MaskModel &model;
  bool exact = true;
};

} // namespace mlir::mqa::mask

#endif // MQA_LIB_ANALYSIS_MASK_LIVERANGES_H
