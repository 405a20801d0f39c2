//===- KernelMma.h - attention by mma.sync ----------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_KERNELMMA_H
#define MQA_LIB_CODEGEN_NVVM_KERNELMMA_H

#include "AttentionKernel.h"
#include "KernelFactory.h"

namespace mlir::mqa {

/// Of `op`, with the sizes that `schedule` gives.
KernelShape getMmaKernelShape(AttentionOp op, GpuScheduleAttr schedule);

/// Where a split leaves its state: normalised accumulators in f32, one line of
/// value elements for each row of each box and split, and log-sum-exponentials.
struct SplitBuffers {
  Value output, logSumExp; ///< In global memory; null without splits.
};

/// Emits the body of the kernel. `shared`: its dynamic shared memory.
LogicalResult emitMmaKernel(AttentionKernel &kernel, Value shared,
                            const SplitBuffers &splits);

/// Emits the body of the kernel that combines splits: a warp for each row.
void emitCombineKernel(AttentionKernel &kernel, const SplitBuffers &splits);
/// Warps of a block of that kernel.
constexpr int64_t kCombineWarps = 4;

/// The number of the line of row `row` of the located box in split `split`.
Value getSplitLine(AttentionKernel &kernel, Value split, Value row);

/// Bytes that a thread may copy at once from the buffer `type`, which `map`
/// describes: 16, 8, 4, or 2 where nothing more is known.
int64_t getPieceBytes(MemRefType type, AffineMap map, unsigned innerDim);

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_KERNELMMA_H
