//===- RowStore.cpp - fragments of rows to global memory --------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RowStore.h"
#include "KernelMma.h"

using namespace mlir;
using namespace mlir::mqa;

void mlir::mqa::storeElement(AttentionKernel &kernel, Value value,
                             Value pointer) {
  DeviceBuilder &b = kernel.b;
  Type type = kernel.getOutput().getElementType();
  if (!type.isF32())
    value = arith::TruncFOp::create(b, type, value);
  b.store(value, pointer, type.getIntOrFloatBitWidth() / 8);
}

/// Two neighbouring elements at once.
static void storePair(AttentionKernel &kernel, Value low, Value high,
                      Value pointer) {
  DeviceBuilder &b = kernel.b;
  Type type = kernel.getOutput().getElementType();
  if (!type.isF32()) {
    b.store(packPair(b, type, low, high), pointer, 4);
    return;
  }
  Value pair = LLVM::UndefOp::create(b, VectorType::get({2}, type));
  pair = LLVM::InsertElementOp::create(b, pair, low, b.i32(0));
  pair = LLVM::InsertElementOp::create(b, pair, high, b.i32(1));
  b.store(pair, pointer, 8);
}

void mlir::mqa::storeOutput(AttentionKernel &kernel, ArrayRef<Value> acc,
                            ArrayRef<RowPosition> rows) {
  DeviceBuilder &b = kernel.b;
  const KernelBuffer &output = kernel.getOutput();
  unsigned valueDim = kernel.getDim(DimRole::Value);
  int64_t size = kernel.getStaticSize(DimRole::Value);
  int64_t bytes = output.getElementType().getIntOrFloatBitWidth() / 8;
  bool inPairs =
      getPieceBytes(output.hostType, output.map, valueDim) >= 2 * bytes;
  Value stride = kernel.getStride(output, valueDim);
  Value column = b.mul(b.bitAnd(getThread(b), 3), 2);
  for (int64_t row = 0; row < kLaneRows; ++row)
    b.ifThen(rows[row].exists, [&] {
      Value base = kernel.getAddress(output, rows[row].position);
      auto at = [&](Value column) {
        Value offset = b.mul(b.toIndex(column), stride);
        return b.advance(base, b.toI64(b.mul(offset, bytes)));
      };
      for (size_t index = 0; index < acc.size(); index += 2) {
        FragmentPosition position = getPosition(index);
        if (position.row != row || position.column >= size)
          continue;
        Value first = b.add(column, position.column);
        if (inPairs && position.column + kAccumulatorColumns <= size) {
          storePair(kernel, acc[index], acc[index + 1], at(first));
          continue;
        }
        for (int64_t i = 0; i < 2; ++i) {
          Value single = b.add(first, i);
          b.ifThen(b.less(single, b.i32(size)),
                   [&] { storeElement(kernel, acc[index + i], at(single)); });
        }
      }
    });
}

void mlir::mqa::storeLogSumExp(AttentionKernel &kernel, const PerRow &logSumExp,
                               ArrayRef<RowPosition> rows) {
  const KernelBuffer *buffer = kernel.getLogSumExp();
  if (!buffer)
    return;
  DeviceBuilder &b = kernel.b;
  Value isFirst = b.equal(b.bitAnd(getThread(b), 3), 0);
  for (int64_t row = 0; row < kLaneRows; ++row)
    b.ifThen(b.both(isFirst, rows[row].exists), [&] {
      b.store(logSumExp[row], kernel.getAddress(*buffer, rows[row].position),
              4);
    });
}
