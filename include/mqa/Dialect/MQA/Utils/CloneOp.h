//===- CloneOp.h - clones of ops with regions -------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_DIALECT_MQA_UTILS_CLONEOP_H
#define MQA_DIALECT_MQA_UTILS_CLONEOP_H

#include "mlir/IR/Builders.h"

namespace mlir::mqa {

/// Clones `op`, with its attributes and regions, onto as many other operands,
/// with other result types. Use it instead of upstream's `mlir::clone`, which
/// cannot clone a region without blocks when a listener is attached.
Operation *cloneWithOperands(OpBuilder &b, Operation *op, TypeRange results,
                             ValueRange operands);

} // namespace mlir::mqa

#endif // MQA_DIALECT_MQA_UTILS_CLONEOP_H
