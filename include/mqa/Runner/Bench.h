//===- Bench.h - timing with the same-run peak ------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_RUNNER_BENCH_H
#define MQA_RUNNER_BENCH_H

#include "mqa/Runner/Check.h"
#include "mqa/Runner/Invoke.h"
#include "mqa/Runner/LivePairs.h"

namespace mlir::mqa {

/// What was measured.
struct BenchReport {
  double medianSeconds = 0, minSeconds = 0;
  /// In flop/s.
  double peak = 0;
  const char *vectors = "";
  int64_t repeats = 0, warmup = 0, threads = 0;
};

/// Times calls of `invocation`, with a burst of the peak probe after each.
BenchReport timeCalls(Invocation &invocation, const RunOptions &options);

/// The brand of this machine's processor.
std::string getCPUName();

/// Prints one line, a JSON object; `check` may be null. The gflops are those of
/// the fastest call, and the peak that of the best burst.
void printJSON(const BenchReport &report, const LiveWork &work,
               const Entry &entry, const CheckReport *check,
               llvm::raw_ostream &os);

} // namespace mlir::mqa

#endif // MQA_RUNNER_BENCH_H
