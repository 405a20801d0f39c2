//===- TaskGrid.cpp - the blocks that a kernel is launched with -*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TaskGrid.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::mqa;

template <typename Op>
static OpFoldResult apply(OpBuilder &b, Location loc, OpFoldResult lhs,
                          OpFoldResult rhs) {
  return getAsOpFoldResult(
      b.createOrFold<Op>(loc, getValueOrCreateConstantIndexOp(b, loc, lhs),
                         getValueOrCreateConstantIndexOp(b, loc, rhs)));
}

OpFoldResult mlir::mqa::multiply(OpBuilder &b, Location loc, OpFoldResult lhs,
                                 OpFoldResult rhs) {
  if (getConstantIntValue(lhs) == 1)
    return rhs;
  return apply<arith::MulIOp>(b, loc, lhs, rhs);
}

OpFoldResult mlir::mqa::ceilDivide(OpBuilder &b, Location loc, OpFoldResult lhs,
                                   OpFoldResult rhs) {
  if (getConstantIntValue(rhs) == 1)
    return lhs;
  OpFoldResult sum = apply<arith::AddIOp>(b, loc, lhs, rhs);
  OpFoldResult last = apply<arith::SubIOp>(b, loc, sum, b.getIndexAttr(1));
  return apply<arith::DivUIOp>(b, loc, last, rhs);
}

TaskGrid TaskGrid::get(OpBuilder &b, Location loc, const AttentionShape &shape,
                       ArrayRef<OpFoldResult> sizes, GpuScheduleAttr schedule) {
  TaskGrid grid;
  OpFoldResult one = b.getIndexAttr(1);
  grid.batchDims = shape.getDims(DimRole::Batch);
  grid.rowDims = shape.getDims(DimRole::Row);
  grid.numBatches = grid.numBoxes = grid.numSplits = one;
  for (unsigned dim : grid.batchDims) {
    grid.batchSizes.push_back(sizes[dim]);
    grid.numBatches = multiply(b, loc, grid.numBatches, sizes[dim]);
  }
  OpFoldResult left = b.getIndexAttr(schedule.getRowBlock());
  for (unsigned dim : llvm::reverse(grid.rowDims)) {
    OpFoldResult extent = apply<arith::MinUIOp>(b, loc, sizes[dim], left);
    // An empty dimension has no boxes, but nobody may divide by its size.
    if (!getConstantIntValue(extent) || getConstantIntValue(extent) == 0)
      extent = apply<arith::MaxUIOp>(b, loc, extent, one);
    left = apply<arith::DivUIOp>(b, loc, left, extent);
    grid.extents.insert(grid.extents.begin(), extent);
    OpFoldResult boxes = ceilDivide(b, loc, sizes[dim], extent);
    grid.boxes.insert(grid.boxes.begin(), boxes);
    grid.numBoxes = multiply(b, loc, grid.numBoxes, boxes);
  }
  if (schedule.getSplitKeys() != 0) {
    unsigned key = shape.getDims(DimRole::Key).back();
    OpFoldResult splits =
        ceilDivide(b, loc, sizes[key], b.getIndexAttr(schedule.getSplitKeys()));
    grid.numSplits = apply<arith::MaxUIOp>(b, loc, splits, one);
  }
  return grid;
}
