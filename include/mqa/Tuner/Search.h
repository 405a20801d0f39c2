//===- Search.h - the best schedule of a problem ----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_TUNER_SEARCH_H
#define MQA_TUNER_SEARCH_H

#include "mqa/Tuner/Candidates.h"
#include "mqa/Tuner/Stopwatch.h"
#include "mqa/Tuner/TuneOptions.h"

namespace mlir::mqa {

/// One candidate with its time.
struct SearchResult {
  ScheduleFields schedule;
  /// In the final round if it came so far.
  double seconds = 0;
  bool isFinalist = false, isDefault = false;
};

/// A search over the schedules of one problem, with what was found for others
/// before.
class Search {
public:
  Search(const CandidateSpace &space, Stopwatch &stopwatch,
         const TuneOptions &options, const ScheduleCache &found);

  /// Tries candidates and sorts them, the winner first. Fails if the one that
  /// the cost model chooses cannot be compiled.
  llvm::Expected<std::vector<SearchResult>> run();

  /// Candidates that did not compile, and what the first of them said.
  int64_t refused = 0;
  std::string refusal;

private:
  /// A result with its code.
  struct Trial {
    SearchResult result;
    std::unique_ptr<TimedCall> call;
  };

  /// Compiles and times; does nothing for what was tried before.
  llvm::Error tryOne(const ScheduleFields &schedule);
  void tryAll(ArrayRef<ScheduleFields> candidates);
  void descend();
  void runFinal();
  bool isOver() const;
  llvm::Expected<std::unique_ptr<TimedCall>>
  compile(const ScheduleFields &schedule);
  void sort();

  const CandidateSpace &space;
  Stopwatch &stopwatch;
  const TuneOptions &options;
  const ScheduleCache &found;
  std::vector<Trial> trials;
  std::vector<ScheduleFields> tried;
  double end;
};

} // namespace mlir::mqa

#endif // MQA_TUNER_SEARCH_H
