//===- Check.h - results against the reference ------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_RUNNER_CHECK_H
#define MQA_RUNNER_CHECK_H

#include "mqa/Runner/Entry.h"
#include "mqa/Runner/RunOptions.h"

namespace mlir::mqa {

/// How right one result is.
struct ResultCheck {
  /// Shape and element type.
  std::string type;
  /// Largest distances from the f64 reference.
  double error = 0, unfused = 0;
  double allowed = 0;
  bool passed() const { return error <= allowed; }
};

/// A whole check.
struct CheckReport {
  std::vector<ResultCheck> results;
  /// The best time of the plain unfused computation, if it was asked for.
  double unfusedSeconds = 0;
  bool passed() const {
    return llvm::all_of(results, [](auto &r) { return r.passed(); });
  }
};

/// Applies the accuracy rule to one result: the error may be twice that of the
/// unfused computation, plus a tolerance for the element type times the largest
/// finite value of the reference (at least 1). NaN is an infinite error unless
/// the reference is NaN too; equal infinities are equal.
ResultCheck compareResult(const Array &result, const Array &unfused,
                          const Array &oracle);

/// Computes both references on `arguments` and compares `results`. When `timed`
/// the unfused computation is the plain one, linalg and loops, and is timed.
llvm::Expected<CheckReport> checkResults(ModuleOp module, const Entry &entry,
                                         const std::vector<Array> &arguments,
                                         const std::vector<Array> &results,
                                         const CompileOptions &options,
                                         bool timed);

/// One line for each result.
void printReport(const CheckReport &report, llvm::raw_ostream &os);

} // namespace mlir::mqa

#endif // MQA_RUNNER_CHECK_H
