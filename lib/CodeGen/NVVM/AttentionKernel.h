//===- AttentionKernel.h - one attention in a kernel ------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What all kernels of an attention share: its buffers and sizes, and where the
// thread block is in the iteration space.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_ATTENTIONKERNEL_H
#define MQA_LIB_CODEGEN_NVVM_ATTENTIONKERNEL_H

#include "KernelInterface.h"
#include "TaskGrid.h"
#include "mqa/Analysis/Mask/MaskAnalysis.h"

namespace mlir::mqa {

/// A row of the thread block: its position by dimension of the iteration space,
/// clamped to the rows that exist, and whether it does exist.
struct RowPosition {
  SmallVector<OpFoldResult> position;
  Value exists;
};

class AttentionKernel {
public:
  /// Clones the op into the kernel that `b` is at the start of. `arguments` are
  /// the kernel's parameters of `interface`.
  AttentionKernel(DeviceBuilder &b, const KernelInterface &interface,
                  ValueRange arguments, GpuScheduleAttr schedule);

  /// Finds the box of this thread block from the number of its box, counted
  /// through all batch positions. Boxes late in the row dimensions come first:
  /// under a causal mask these take longest.
  void locate(Value box);
  /// Row `row`, an i32, of the located box; it may lie beyond the box.
  RowPosition getRow(Value row);
  /// The located box, for the mask analysis.
  RowBox getBox();

  /// How many elements `position` lies behind the first one, as an index.
  Value getOffset(const KernelBuffer &buffer, ArrayRef<OpFoldResult> position);
  /// The address of the element at `position`.
  Value getAddress(const KernelBuffer &buffer, ArrayRef<OpFoldResult> position);
  /// The distance of two positions along `dim`, an index; zero if the buffer
  /// does not mention it.
  Value getStride(const KernelBuffer &buffer, unsigned dim);
  /// The element at `position` of the shape that the regions see.
  Value loadElement(const KernelBuffer &buffer,
                    ArrayRef<OpFoldResult> position);

  /// The static product of the dimensions of `role`, of which there is one.
  int64_t getStaticSize(DimRole role);
  unsigned getDim(DimRole role) { return shape.getDims(role).back(); }

  const KernelBuffer &getQuery() { return buffers[0]; }
  const KernelBuffer &getKey() { return buffers[1]; }
  const KernelBuffer &getValue() { return buffers[2]; }
  const KernelBuffer &getExtra(unsigned number) { return buffers[3 + number]; }
  const KernelBuffer &getOutput();
  const KernelBuffer *getSink();
  const KernelBuffer *getLogSumExp();

  DeviceBuilder &b;
  SmallVector<KernelBuffer> buffers; ///< Of all operands; before `op`.
  AttentionOp op; ///< On the kernel's buffers; erased at the end.
  AttentionShape shape;
  SmallVector<AffineMap> maps;
  SmallVector<OpFoldResult> sizes; ///< Of every dimension.
  GpuScheduleAttr schedule;
  TaskGrid grid;
  Type element; ///< Of queries, keys and values.

  Value number; ///< Of the located box through all batch positions.
  SmallVector<OpFoldResult> position; ///< Of the first row, by dimension.
  SmallVector<Value> boxExtents;      ///< That exist, by row dimension, as i32.
};

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_ATTENTIONKERNEL_H
