//===- IterationSizes.cpp - sizes of an iteration space ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Dialect/MQA/Utils/IterationSizes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;

SmallVector<OpFoldResult>
mlir::mqa::getIterationSizes(OpBuilder &b, Operation *op,
                             ArrayRef<AffineMap> maps) {
  SmallVector<OpFoldResult> sizes(maps.empty() ? 0 : maps[0].getNumDims());
  auto forEach =
      [&](function_ref<void(Value, ShapedType, unsigned, unsigned)> visit) {
        for (auto [operand, map] : llvm::zip(op->getOperands(), maps))
          for (auto [position, expr] : llvm::enumerate(map.getResults()))
            visit(operand, cast<ShapedType>(operand.getType()), position,
                  cast<AffineDimExpr>(expr).getPosition());
      };
  forEach([&](Value, ShapedType type, unsigned position, unsigned dim) {
    if (!type.isDynamicDim(position) && !sizes[dim])
      sizes[dim] = b.getIndexAttr(type.getDimSize(position));
  });
  forEach([&](Value operand, ShapedType type, unsigned position, unsigned dim) {
    if (sizes[dim])
      return;
    if (isa<MemRefType>(type))
      sizes[dim] =
          memref::DimOp::create(b, op->getLoc(), operand, position).getResult();
    else
      sizes[dim] =
          tensor::DimOp::create(b, op->getLoc(), operand, position).getResult();
  });
  return sizes;
}
