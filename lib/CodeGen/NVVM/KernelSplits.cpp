//===- KernelSplits.cpp - what becomes of rows of a kernel ----- -*- C++
//-*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelSplits.h"
#include "RowStore.h"

using namespace mlir;
using namespace mlir::mqa;

Value mlir::mqa::getSplitLine(AttentionKernel &kernel, Value split, Value row) {
  DeviceBuilder &b = kernel.b;
  Value splits = b.toI32(kernel.grid.numSplits);
  Value line = b.add(b.mul(kernel.number, splits), split);
  return b.add(b.mul(line, kernel.schedule.getRowBlock()), row);
}

/// Writes a row of accumulators and its log-sum-exponential to the line of the
/// split.
static void storeSplit(AttentionKernel &kernel, const RowTarget &target,
                       ArrayRef<Value> acc, const PerRow &logSumExp,
                       ArrayRef<RowPosition> rows) {
  DeviceBuilder &b = kernel.b;
  int64_t size = kernel.getStaticSize(DimRole::Value);
  Value quarter = b.bitAnd(getThread(b), 3), column = b.mul(quarter, 2);
  for (int64_t row = 0; row < kLaneRows; ++row)
    b.ifThen(rows[row].exists, [&] {
      Value local = b.add(target.firstRow, 8 * row);
      Value line = b.toI64(getSplitLine(kernel, target.split, local));
      Value base = b.advance(target.splits.output, b.mul(line, size * 4));
      for (auto [index, value] : llvm::enumerate(acc)) {
        FragmentPosition at = getPosition(index);
        if (at.row != row || at.column >= size)
          continue;
        Value element = value, offset = b.add(column, at.column);
        auto store = [&] {
          b.store(element, b.advance(base, b.toI64(b.mul(offset, 4))), 4);
        };
        if (at.column + kAccumulatorColumns - 2 < size)
          store();
        else
          b.ifThen(b.less(offset, b.i32(size)), store);
      }
      b.ifThen(b.equal(quarter, 0), [&] {
        b.store(logSumExp[row],
                b.advance(target.splits.logSumExp, b.mul(line, 4)), 4);
      });
    });
}

void mlir::mqa::emitRowResults(AttentionKernel &kernel, OnlineSoftmax &softmax,
                               const SoftmaxState &state,
                               MutableArrayRef<Value> acc,
                               ArrayRef<RowPosition> rows,
                               const RowTarget &target) {
  bool isSplit = target.splits.output != nullptr;
  SoftmaxResult result = softmax.finish(state, rows, /*withSink=*/!isSplit);
  for (auto [index, value] : llvm::enumerate(acc))
    value = kernel.b.fmul(value, result.inverse[getPosition(index).row]);
  if (isSplit) {
    storeSplit(kernel, target, acc, result.logSumExp, rows);
    return;
  }
  storeOutput(kernel, acc, rows);
  storeLogSumExp(kernel, result.logSumExp, rows);
}
