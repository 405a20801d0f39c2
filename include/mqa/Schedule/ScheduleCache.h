//===- ScheduleCache.h - schedules that a search has found ------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A JSON file that mqa-tune writes and mqa-select-schedule reads:
//
//   {"mqa_schedule_cache": 1,
//    "entries": [
//      {"cpu": "znver5", "threads": 2,
//       "query": "f32", "key": "f32", "value": "f32", "rows": 1024, "keys":
//       "?", "depth": 64, "value_size": 64, "mask": "none", "schedule":
//       {"row_block": 64, ...}, "seconds": 0.0012, "dims": "n=4096"}
//   ]}
//
//===----------------------------------------------------------------------===//

#ifndef MQA_SCHEDULE_SCHEDULECACHE_H
#define MQA_SCHEDULE_SCHEDULECACHE_H

#include "mqa/Schedule/ProblemSize.h"
#include "mqa/Schedule/ScheduleFields.h"
#include <variant>

namespace mlir::mqa {

/// What was found for one problem on one CPU.
struct ScheduleCacheEntry {
  std::string cpu; ///< LLVM's name.
  ProblemSize problem;
  ScheduleFields schedule;
  double seconds = 0;  ///< Of one call of what was timed.
  int64_t threads = 0; ///< That it was timed with.
  std::string dims;    ///< Sizes that it was timed with; a note.
  unsigned line = 0;   ///< Where it stands in the file that it is from.
};

/// A cache: one entry for each pair of CPU and problem.
struct ScheduleCache {
  static constexpr int64_t kVersion = 1;

  std::vector<ScheduleCacheEntry> entries;

  /// The entry for `problem` on `cpu`, null without one.
  const ScheduleCacheEntry *find(StringRef cpu,
                                 const ProblemSize &problem) const;
  /// Adds an entry in the place of one for the same CPU and problem.
  void add(ScheduleCacheEntry entry);
  /// The text of a file.
  void print(llvm::raw_ostream &os) const;
};

/// What is wrong, or worth a remark, in a text; lines and columns count from 1.
struct CacheMessage {
  unsigned line = 0, column = 0;
  std::string text;
};

/// Parses the text of a file. An entry with a member that this version does not
/// know is left out, with a message in `remarks`.
std::variant<ScheduleCache, CacheMessage>
parseScheduleCache(StringRef text, std::vector<CacheMessage> &remarks);

} // namespace mlir::mqa

#endif // MQA_SCHEDULE_SCHEDULECACHE_H
