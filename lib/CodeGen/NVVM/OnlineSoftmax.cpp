//===- OnlineSoftmax.cpp - softmax of score fragments -----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnlineSoftmax.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::mqa;

static const double kNegativeInfinity =
    -std::numeric_limits<double>::infinity();

OnlineSoftmax::OnlineSoftmax(AttentionKernel &kernel)
    : kernel(kernel), b(kernel.b), regions(kernel) {
  double scale = kernel.op.getScaleValue();
  scalesFirst = regions.hasScore() || !(scale > 0);
  factor = llvm::numbers::log2e * (scalesFirst ? 1.0 : scale);
}

SoftmaxState OnlineSoftmax::getInitialState() {
  Value lowest = b.f32(kNegativeInfinity), zero = b.f32(0);
  return {{lowest, lowest}, {zero, zero}};
}

/// The first column of a fragment that this lane has.
Value OnlineSoftmax::getFirstColumn() {
  return b.mul(b.bitAnd(getThread(b), 3), 2);
}

void OnlineSoftmax::maskScores(SmallVectorImpl<Value> &scores,
                               ArrayRef<RowPosition> rows, Value firstKey,
                               Value limit) {
  Value lowest = b.f32(kNegativeInfinity), column = getFirstColumn();
  Value inLane = b.sub(limit, column), last = b.add(limit, -1);
  bool clamp = regions.readsKeys();
  for (auto [index, score] : llvm::enumerate(scores)) {
    FragmentPosition at = getPosition(index);
    Value keep = b.less(b.i32(at.column), inLane);
    if (regions.hasMask()) {
      Value local = b.add(column, at.column);
      if (clamp)
        local = b.min(local, last);
      keep = b.both(keep, regions.emitMask(rows[at.row].position,
                                           b.add(firstKey, local)));
    }
    score = b.select(keep, score, lowest);
  }
}

void OnlineSoftmax::prepare(SmallVectorImpl<Value> &scores,
                            ArrayRef<RowPosition> rows, Value firstKey,
                            Value limit, Value full) {
  if (scalesFirst) {
    Value scale = b.f32(kernel.op.getScaleValue());
    Value column = getFirstColumn(), last = b.add(limit, -1);
    for (auto [index, score] : llvm::enumerate(scores)) {
      FragmentPosition at = getPosition(index);
      score = b.fmul(score, scale);
      if (!regions.hasScore())
        continue;
      Value local = b.add(column, at.column);
      if (regions.readsKeys())
        local = b.min(local, last);
      score = regions.emitScore(score, rows[at.row].position,
                                b.add(firstKey, local));
    }
  }
  SmallVector<Value> prepared = b.ifChanges(b.negate(full), scores, [&] {
    SmallVector<Value> masked(scores.begin(), scores.end());
    maskScores(masked, rows, firstKey, limit);
    return masked;
  });
  scores.assign(prepared);
}

PerRow OnlineSoftmax::update(SmallVectorImpl<Value> &scores,
                             SoftmaxState &state) {
  PerRow factors;
  Value scale = b.f32(factor);
  for (int64_t row = 0; row < kLaneRows; ++row) {
    SmallVector<Value> mine;
    for (auto [index, score] : llvm::enumerate(scores))
      if (getPosition(index).row == row)
        mine.push_back(score);
    auto larger = [&](Value x, Value y) { return b.fmax(x, y); };
    Value max = b.tree(mine, larger);
    for (int64_t lanes : {1, 2})
      max = b.fmax(max, b.shuffleXor(max, lanes));
    max = b.fmax(max, state.max[row]);
    // A row without a live key so far has no maximum to subtract.
    Value isDead = b.isEqual(max, kNegativeInfinity);
    Value base = b.select(isDead, b.f32(0), max);
    Value scaled = scalesFirst ? Value() : b.fmul(base, scale);
    auto exponential = [&](Value x) {
      // What a region returns may be too large to be scaled.
      if (scalesFirst)
        return b.exp2(b.fmul(b.fsub(x, base), scale));
      return b.exp2(b.fsub(b.fmul(x, scale), scaled));
    };
    factors[row] = exponential(state.max[row]);
    SmallVector<Value> probabilities;
    for (auto [index, score] : llvm::enumerate(scores))
      if (getPosition(index).row == row) {
        score = exponential(score);
        probabilities.push_back(score);
      }
    auto sum = [&](Value x, Value y) { return b.fadd(x, y); };
    state.sum[row] = b.fadd(b.fmul(state.sum[row], factors[row]),
                            b.tree(probabilities, sum));
    state.max[row] = max;
  }
  return factors;
}

Value mlir::mqa::emitSink(AttentionKernel &kernel,
                          ArrayRef<OpFoldResult> position) {
  DeviceBuilder &b = kernel.b;
  Value sink = kernel.loadElement(*kernel.getSink(), position);
  if (!sink.getType().isF32())
    sink = arith::ExtFOp::create(b, b.getF32Type(), sink);
  return sink;
}

Value mlir::mqa::emitExp(DeviceBuilder &b, Value x) {
  return b.exp2(b.fmul(x, b.f32(llvm::numbers::log2e)));
}

SoftmaxResult OnlineSoftmax::finish(const SoftmaxState &state,
                                    ArrayRef<RowPosition> rows, bool withSink) {
  SoftmaxResult result;
  Value zero = b.f32(0);
  for (int64_t row = 0; row < kLaneRows; ++row) {
    Value sum = state.sum[row];
    for (int64_t lanes : {1, 2})
      sum = b.fadd(sum, b.shuffleXor(sum, lanes));
    Value max = state.max[row];
    if (!scalesFirst)
      max = b.fmul(max, b.f32(kernel.op.getScaleValue()));
    Value shrink;
    if (withSink && kernel.getSink()) {
      Value sink = emitSink(kernel, rows[row].position);
      Value larger = b.fmax(max, sink);
      Value base = b.select(b.isEqual(larger, kNegativeInfinity), zero, larger);
      shrink = emitExp(b, b.fsub(max, base));
      sum = b.fadd(b.fmul(sum, shrink), emitExp(b, b.fsub(sink, base)));
      max = larger;
    }
    Value inverse = b.select(b.isEqual(sum, 0), zero, b.reciprocal(sum));
    result.inverse[row] = shrink ? b.fmul(inverse, shrink) : inverse;
    Value log = b.fmul(b.log2(sum), b.f32(llvm::numbers::ln2));
    result.logSumExp[row] = b.fadd(max, log);
  }
  return result;
}
