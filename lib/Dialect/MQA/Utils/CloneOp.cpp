//===- CloneOp.cpp - clones of ops with regions -----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Dialect/MQA/Utils/CloneOp.h"
#include "mlir/IR/Operation.h"

using namespace mlir;

Operation *mlir::mqa::cloneWithOperands(OpBuilder &b, Operation *op,
                                        TypeRange results,
                                        ValueRange operands) {
  Operation *copy = b.clone(*op);
  copy->setOperands(operands);
  for (auto [result, type] : llvm::zip_equal(copy->getResults(), results))
    result.setType(type);
  return copy;
}
