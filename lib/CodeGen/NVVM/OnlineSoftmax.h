//===- OnlineSoftmax.h - softmax of score fragments -------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The running state of the rows that a lane has elements of (Milakov and
// Gimelshein, "Online normalizer calculation for softmax", 2018), on
// accumulator fragments, whose rows lie in four neighbouring lanes. The maximum
// is that of the whole row; the sum is that of the lane's own columns until the
// end. exp(s - m) is 2^(f s - f m) with f = scale * log2(e).
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_ONLINESOFTMAX_H
#define MQA_LIB_CODEGEN_NVVM_ONLINESOFTMAX_H

#include "MmaFragments.h"
#include "RegionInliner.h"

namespace mlir::mqa {

/// One value for each row of a lane.
using PerRow = std::array<Value, kLaneRows>;

struct SoftmaxState {
  PerRow max, sum;
};

/// What becomes of a row at the end.
struct SoftmaxResult {
  PerRow inverse;   ///< Factor of the accumulator; 0 for a dead row.
  PerRow logSumExp; ///< Minus infinity for a dead row.
};

class OnlineSoftmax {
public:
  explicit OnlineSoftmax(AttentionKernel &kernel);

  SoftmaxState getInitialState();

  /// The scores of a block: `scores` are accumulator fragments of products, as
  /// `getPosition` says. Applies what must come before the softmax: the score
  /// region in all blocks; the mask, and the `limit` of the keys, in blocks
  /// that are not `full`.
  void prepare(SmallVectorImpl<Value> &scores, ArrayRef<RowPosition> rows,
               Value firstKey, Value limit, Value full);

  /// Turns scores into probabilities and updates the state. Returns the factors
  /// of what was accumulated before.
  PerRow update(SmallVectorImpl<Value> &scores, SoftmaxState &state);

  /// Joins the lanes of a row, and the sink of `rows`, if the op has one and
  /// `withSink` is set. A sink also scales what was accumulated.
  SoftmaxResult finish(const SoftmaxState &state, ArrayRef<RowPosition> rows,
                       bool withSink);

private:
  void maskScores(SmallVectorImpl<Value> &scores, ArrayRef<RowPosition> rows,
                  Value firstKey, Value limit);
  Value getFirstColumn();

  AttentionKernel &kernel;
  DeviceBuilder &b;
  RegionInliner regions;
  /// Scores are scaled before anything else: a region sees them, or the largest
  /// product is not the largest score.
  bool scalesFirst;
  double factor;
};

/// The sink of the row at `position` in f32.
Value emitSink(AttentionKernel &kernel, ArrayRef<OpFoldResult> position);

/// e^x.
Value emitExp(DeviceBuilder &b, Value x);

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_ONLINESOFTMAX_H
