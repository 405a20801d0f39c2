//===- TaskGrid.h - the blocks that a kernel is launched with ---*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A thread block works on a box of row positions of one batch position, and on
// all keys or one split of them. The box takes the innermost row dimension as
// far as the rows of a block reach, then the next one: all heads of a group for
// one query when decoding, queries of one head in a prefill. Row r of a block
// is position r of the box, innermost dimension first.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_TASKGRID_H
#define MQA_LIB_CODEGEN_NVVM_TASKGRID_H

#include "mqa/Dialect/MQA/IR/MQA.h"

namespace mlir::mqa {

/// Sizes are index values or attributes. The host computes the grid, and the
/// kernel computes it again.
struct TaskGrid {
  SmallVector<unsigned> batchDims, rowDims;
  SmallVector<OpFoldResult> batchSizes;
  /// By row dimension: positions of a box, and boxes.
  SmallVector<OpFoldResult> extents, boxes;
  OpFoldResult numBoxes;   ///< Of one batch position.
  OpFoldResult numBatches; ///< Batch positions.
  OpFoldResult numSplits;  ///< Of the keys; 1 without splits.

  /// `sizes`: of every dimension of the iteration space.
  static TaskGrid get(OpBuilder &b, Location loc, const AttentionShape &shape,
                      ArrayRef<OpFoldResult> sizes, GpuScheduleAttr schedule);
};

/// a * b and ceil(a / b) of not negative index values, b > 0.
OpFoldResult multiply(OpBuilder &b, Location loc, OpFoldResult lhs,
                      OpFoldResult rhs);
OpFoldResult ceilDivide(OpBuilder &b, Location loc, OpFoldResult lhs,
                        OpFoldResult rhs);

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_TASKGRID_H
