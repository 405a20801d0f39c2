//===- Enumerate.h - every verdict against the truth ------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_UNITTESTS_ANALYSIS_MASK_ENUMERATE_H
#define MQA_UNITTESTS_ANALYSIS_MASK_ENUMERATE_H

#include "MaskCase.h"

namespace mlir::mqa {

/// Counts of verdicts. The shares are of aligned blocks 2x2, 4x3 and 1x4.
struct Tally {
  uint64_t cases = 0, undefinedCases = 0, boxes = 0, blocks = 0;
  uint64_t fullTrue = 0, fullSaid = 0, emptyTrue = 0, emptySaid = 0;
  uint64_t innerSaid = 0, needed = 0, visited = 0, visitedAfterClassify = 0;
  uint64_t rowsTrue = 0, rowsSaid = 0;
  /// Of any block or box, not only the aligned ones.
  bool anyFull = false, anyEmpty = false;
  /// Wrong answers, and the first few in words.
  uint64_t unsound = 0;
  std::string findings;

  /// 100 part / whole, 100 when there is nothing to find.
  static double share(uint64_t part, uint64_t whole) {
    return whole ? 100.0 * part / whole : 100.0;
  }
  double full() const { return share(fullSaid, fullTrue); }
  double empty() const { return share(emptySaid, emptyTrue); }
  double inner() const { return share(innerSaid, fullTrue); }
  double live() const { return share(needed, visited); }
  double both() const { return share(needed, visitedAfterClassify); }
  double rows() const { return share(rowsSaid, rowsTrue); }
};

/// Checks every box of rows and every block of keys of one binding of `mask`.
void checkBinding(MaskCase &mask, const Sizes &sizes, ArrayRef<int64_t> scalars,
                  ArrayRef<Elements> inputs, Tally &tally);

/// Which values are bound.
struct Coverage {
  /// M, N.
  std::vector<std::pair<int64_t, int64_t>> sizes;
  /// At most so many combinations of scalars per size, so many drawn inputs.
  unsigned combinations = 60, draws = 6;
  /// Only values from -14 to 14, of which no guard can be false.
  bool tame = false;
};

/// Checks `mask` under everything that `coverage` says.
void checkAll(MaskCase &mask, const Coverage &coverage, Tally &tally);

/// Builds and checks a mask; what is wrong becomes a finding.
Tally checkSpec(const MaskSpec &spec, const MaskOptions &options,
                const Coverage &coverage);

} // namespace mlir::mqa

#endif // MQA_UNITTESTS_ANALYSIS_MASK_ENUMERATE_H
