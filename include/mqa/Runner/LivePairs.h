//===- LivePairs.h - useful work of attention -------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_RUNNER_LIVEPAIRS_H
#define MQA_RUNNER_LIVEPAIRS_H

#include "mqa/Runner/Entry.h"
#include "mqa/Runner/RunOptions.h"

namespace mlir::mqa {

/// The work of one call, over all attentions that it runs.
struct LiveWork {
  /// (batch, row, key) triples that the masks keep.
  int64_t pairs = 0;
  /// 2 (D + E) for each of them: the two products. 0 without attention.
  int64_t flops = 0;
};

/// Counts by compiling the masks, with all that they depend on, and evaluating
/// them on these arguments. A dimension that a mask does not depend on is
/// multiplied and not visited.
llvm::Expected<LiveWork> countLiveWork(ModuleOp module, const Entry &entry,
                                       const std::vector<Array> &arguments,
                                       const CompileOptions &options);

} // namespace mlir::mqa

#endif // MQA_RUNNER_LIVEPAIRS_H
