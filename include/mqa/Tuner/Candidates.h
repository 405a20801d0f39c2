//===- Candidates.h - schedules that are worth a try ------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_TUNER_CANDIDATES_H
#define MQA_TUNER_CANDIDATES_H

#include "mqa/Schedule/CostModel.h"

namespace mlir::mqa {

/// The schedules that a search tries for one problem.
struct CandidateSpace {
  TargetDescription target;
  ProblemSize problem;
  /// What the user pinned.
  ScheduleFields pins;
  /// Names of the options of the fields to search; empty: all.
  ArrayRef<std::string> fields;

  /// What the compiler chooses without a search.
  ScheduleFields getDefault() const;
  /// Groups of fields that are searched together, and in this order.
  ArrayRef<ArrayRef<StringLiteral>> getGroups() const;
  /// The schedules that differ from `best` in fields of one group and in what
  /// has to follow from them.
  std::vector<ScheduleFields> vary(const ScheduleFields &best,
                                   ArrayRef<StringLiteral> group) const;
  /// Every combination of all groups.
  std::vector<ScheduleFields> enumerate() const;

private:
  SmallVector<int64_t> getValues(StringRef field,
                                 const ScheduleFields &around) const;
  bool isSearched(const ScheduleField &field) const;
  bool isWorthATry(const ScheduleFields &schedule) const;
};

} // namespace mlir::mqa

#endif // MQA_TUNER_CANDIDATES_H
