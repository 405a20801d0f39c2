//===- KernelCombine.cpp - joins the splits of the keys ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A warp has one row, a lane every 32nd element of its value. The splits are
// joined in their order: the same bits in every run.
//
//===----------------------------------------------------------------------===//

#include "KernelMma.h"
#include "OnlineSoftmax.h"
#include "RowStore.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::mqa;

namespace {
class CombineKernel {
public:
  CombineKernel(AttentionKernel &kernel, const SplitBuffers &splits)
      : kernel(kernel), b(kernel.b), splits(splits),
        size(kernel.getStaticSize(DimRole::Value)) {}
  void emit();

private:
  Value loadLogSumExp(Value split);
  Value getLargest(const RowPosition &position);
  SmallVector<Value> accumulate(Value largest);
  void store(ArrayRef<Value> acc, const RowPosition &position, Value largest);

  AttentionKernel &kernel;
  DeviceBuilder &b;
  SplitBuffers splits;
  int64_t size;
  Value lane, row, count;
};
} // namespace

Value CombineKernel::loadLogSumExp(Value split) {
  Value line = b.toI64(getSplitLine(kernel, split, row));
  return b.load(b.getF32Type(), b.advance(splits.logSumExp, b.mul(line, 4)), 4);
}

/// The largest log-sum-exp of the splits and the sink; 0 if all are dead.
Value CombineKernel::getLargest(const RowPosition &position) {
  double lowest = -std::numeric_limits<double>::infinity();
  Value largest = b.loopFor(lane, count, b.i32(32), {b.f32(lowest)},
                            [&](Value split, ValueRange carried) {
                              return SmallVector<Value>{
                                  b.fmax(carried[0], loadLogSumExp(split))};
                            })[0];
  for (int64_t lanes : {1, 2, 4, 8, 16})
    largest = b.fmax(largest, b.shuffleXor(largest, lanes));
  if (kernel.getSink())
    largest = b.fmax(largest, emitSink(kernel, position.position));
  return b.select(b.isEqual(largest, lowest), b.f32(0), largest);
}

/// The weighted elements of this lane, then the sum of the weights.
SmallVector<Value> CombineKernel::accumulate(Value largest) {
  int64_t perLane = llvm::divideCeil(size, 32);
  SmallVector<Value> zeros(perLane + 1, b.f32(0));
  return b.loopFor(
      b.i32(0), count, b.i32(1), zeros, [&](Value split, ValueRange carried) {
        Value weight = emitExp(b, b.fsub(loadLogSumExp(split), largest));
        Value line = b.toI64(getSplitLine(kernel, split, row));
        Value base = b.advance(splits.output, b.mul(line, size * 4));
        SmallVector<Value> next;
        for (int64_t i = 0; i < perLane; ++i) {
          Value column = b.add(lane, 32 * i), zero = b.f32(0);
          Value inside =
              (i + 1) * 32 <= size ? b.flag(true) : b.less(column, b.i32(size));
          Value element = b.ifChanges(inside, zero, [&] {
            Value from = b.advance(base, b.toI64(b.mul(column, 4)));
            return SmallVector<Value>{b.load(b.getF32Type(), from, 4)};
          })[0];
          next.push_back(b.fadd(carried[i], b.fmul(element, weight)));
        }
        next.push_back(b.fadd(carried[perLane], weight));
        return next;
      });
}

void CombineKernel::store(ArrayRef<Value> acc, const RowPosition &position,
                          Value largest) {
  Value sum = acc.back();
  if (kernel.getSink())
    sum = b.fadd(
        sum, emitExp(b, b.fsub(emitSink(kernel, position.position), largest)));
  Value inverse = b.select(b.isEqual(sum, 0), b.f32(0), b.reciprocal(sum));
  const KernelBuffer &output = kernel.getOutput();
  int64_t bytes = output.getElementType().getIntOrFloatBitWidth() / 8;
  Value stride = kernel.getStride(output, kernel.getDim(DimRole::Value));
  Value base = kernel.getAddress(output, position.position);
  for (auto [i, value] : llvm::enumerate(acc.drop_back())) {
    Value element = value;
    Value column = b.add(lane, 32 * i);
    Value inside = int64_t(i + 1) * 32 <= size ? b.flag(true)
                                               : b.less(column, b.i32(size));
    b.ifThen(inside, [&] {
      Value offset = b.mul(b.mul(b.toIndex(column), stride), bytes);
      storeElement(kernel, b.fmul(element, inverse),
                   b.advance(base, b.toI64(offset)));
    });
  }
  const KernelBuffer *logSumExp = kernel.getLogSumExp();
  if (!logSumExp)
    return;
  b.ifThen(b.equal(lane, 0), [&] {
    Value log = b.fmul(b.log2(sum), b.f32(llvm::numbers::ln2));
    b.store(b.fadd(largest, log),
            kernel.getAddress(*logSumExp, position.position), 4);
  });
}

void CombineKernel::emit() {
  Value thread = getThread(b);
  lane = b.rem(thread, 32);
  Value warp = b.div(thread, 32);
  int64_t perBox = kernel.schedule.getRowBlock() / kCombineWarps;
  Value block = NVVM::BlockIdXOp::create(b, b.getI32Type());
  kernel.locate(b.div(block, perBox));
  row = b.add(b.mul(b.rem(block, perBox), kCombineWarps), warp);
  count = b.toI32(kernel.grid.numSplits);
  RowPosition position = kernel.getRow(row);
  b.ifThen(position.exists, [&] {
    Value largest = getLargest(position);
    store(accumulate(largest), position, largest);
  });
}

void mlir::mqa::emitCombineKernel(AttentionKernel &kernel,
                                  const SplitBuffers &splits) {
  CombineKernel(kernel, splits).emit();
}
