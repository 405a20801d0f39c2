//===- KernelSplits.h - what becomes of rows of a kernel ------- -*- C++
//-*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_KERNELSPLITS_H
#define MQA_LIB_CODEGEN_NVVM_KERNELSPLITS_H

#include "OnlineSoftmax.h"

namespace mlir::mqa {

/// Where a split leaves its state: normalised accumulators in f32, one line of
/// value elements for each row of each box and split, and log-sum-exponentials.
struct SplitBuffers {
  Value output, logSumExp; ///< In global memory; null without splits.
};

/// Emits the body of the kernel that combines splits: a warp for each row.
void emitCombineKernel(AttentionKernel &kernel, const SplitBuffers &splits);
/// Warps of a block of that kernel.
constexpr int64_t kCombineWarps = 4;

/// The number of the line of row `row` of the located box in split `split`.
Value getSplitLine(AttentionKernel &kernel, Value split, Value row);

/// Where the rows of a lane go.
struct RowTarget {
  const SplitBuffers &splits;
  Value split;    ///< The number of the split; null without.
  Value firstRow; ///< The first row of the lane, in the located box.
};

/// Normalises the accumulators `acc` of a lane's rows and writes them: to the
/// output of the op, or as the state of a split.
void emitRowResults(AttentionKernel &kernel, OnlineSoftmax &softmax,
                    const SoftmaxState &state, MutableArrayRef<Value> acc,
                    ArrayRef<RowPosition> rows, const RowTarget &target);

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_KERNELSPLITS_H
