//===- IterationSizes.h - sizes of an iteration space -----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_DIALECT_MQA_UTILS_ITERATIONSIZES_H
#define MQA_DIALECT_MQA_UTILS_ITERATIONSIZES_H

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Operation.h"

namespace mlir::mqa {

/// The size of every dimension of the iteration space of `op`, whose operands
/// `maps` describe in order: an attribute where any operand knows it
/// statically, otherwise the `dim` of the first operand that mentions it.
/// Sizes are in elements.
SmallVector<OpFoldResult> getIterationSizes(OpBuilder &b, Operation *op,
                                            ArrayRef<AffineMap> maps);

} // namespace mlir::mqa

#endif // MQA_DIALECT_MQA_UTILS_ITERATIONSIZES_H
