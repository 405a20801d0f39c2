//===- RegionInliner.h - mask and score regions on fragments ----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The regions are cloned for every score that a thread holds. Elements of extra
// inputs are loaded where they are needed; LLVM shares loads of the same
// element and moves those out of the loop that do not depend on the key.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_REGIONINLINER_H
#define MQA_LIB_CODEGEN_NVVM_REGIONINLINER_H

#include "AttentionKernel.h"

namespace mlir::mqa {

class RegionInliner {
public:
  explicit RegionInliner(AttentionKernel &kernel)
      : kernel(kernel), b(kernel.b) {}

  bool hasMask() { return !kernel.op.getMask().empty(); }
  bool hasScore() { return !kernel.op.getScore().empty(); }
  /// Whether a region reads an extra input at the key's position.
  bool readsKeys();

  /// Whether key `key`, an i32, is live for the row at `row`.
  Value emitMask(ArrayRef<OpFoldResult> row, Value key);
  /// The score region applied to `score`.
  Value emitScore(Value score, ArrayRef<OpFoldResult> row, Value key);

private:
  Value emit(Region &region, Value score, ArrayRef<OpFoldResult> row,
             Value key);

  AttentionKernel &kernel;
  DeviceBuilder &b;
};

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_REGIONINLINER_H
