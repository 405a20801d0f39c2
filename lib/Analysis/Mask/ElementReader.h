//===- ElementReader.h - values of a mask region at positions ---*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Computes values of the region outside of it, by its own operations: one value
// at a point, or the least and the greatest over a box, in a nest of loops.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_ANALYSIS_MASK_ELEMENTREADER_H
#define MQA_LIB_ANALYSIS_MASK_ELEMENTREADER_H

#include "MaskModel.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::mqa::mask {

/// The least and the greatest value, signed; of i1, the and and the or.
struct Extremes {
  Value least, greatest;
};

class ElementReader {
public:
  /// `loops` says, by dimension, where the loops go: to `last`, inclusive.
  ElementReader(MaskModel &model, OpBuilder &builder, Location loc,
                ArrayRef<OpFoldResult> first, ArrayRef<OpFoldResult> last)
      : model(model), b(builder), loc(loc), first(first), last(last) {}

  /// `value` where only points matter.
  Value getAtPoint(Value value);
  /// The extremes of `values`, which depend on the same dimensions, over the
  /// box, in one nest of loops.
  SmallVector<Extremes> getExtremes(ArrayRef<Value> values);

private:
  Value clone(Value value, IRMapping &mapping, ArrayRef<OpFoldResult> at);
  Value read(unsigned input, ArrayRef<OpFoldResult> at);
  Value combine(Value a, Value b, bool least);
  Value getInitial(Type type, bool least);
  bool isUnrolled(unsigned dim) const;
  SmallVector<Value> buildLoops(ArrayRef<unsigned> dims,
                                SmallVector<OpFoldResult> at,
                                ArrayRef<Value> values, ValueRange carried);

  MaskModel &model;
  OpBuilder &b;
  Location loc;
  SmallVector<OpFoldResult> first, last;
  IRMapping points;
};

/// The size of a dimension: an attribute, or the `dim` of an operand.
OpFoldResult emitSize(OpBuilder &b, Location loc, const MaskModel &model,
                      unsigned dim);

} // namespace mlir::mqa::mask

#endif // MQA_LIB_ANALYSIS_MASK_ELEMENTREADER_H
