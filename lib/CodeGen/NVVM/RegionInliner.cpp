//===- RegionInliner.cpp - mask and score regions on fragments --*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionInliner.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::mqa;

bool RegionInliner::readsKeys() {
  AffineExpr key = b.getAffineDimExpr(kernel.getDim(DimRole::Key));
  for (size_t i = 0; i < kernel.op.getInputs().size(); ++i)
    if (llvm::is_contained(kernel.getExtra(i).map.getResults(), key))
      return true;
  return false;
}

Value RegionInliner::emitMask(ArrayRef<OpFoldResult> row, Value key) {
  return emit(kernel.op.getMask(), Value(), row, key);
}

Value RegionInliner::emitScore(Value score, ArrayRef<OpFoldResult> row,
                               Value key) {
  return emit(kernel.op.getScore(), score, row, key);
}

Value RegionInliner::emit(Region &region, Value score,
                          ArrayRef<OpFoldResult> row, Value key) {
  Block &body = region.front();
  SmallVector<OpFoldResult> position(row);
  position[kernel.getDim(DimRole::Key)] = OpFoldResult(b.toIndex(key));
  IRMapping mapping;
  auto arguments = body.getArguments();
  if (score) {
    mapping.map(arguments.front(), score);
    arguments = arguments.drop_front();
  }
  for (size_t i = 0; i < kernel.op.getInputs().size(); ++i)
    if (!arguments[i].use_empty())
      mapping.map(arguments[i],
                  kernel.loadElement(kernel.getExtra(i), position));
  arguments = arguments.drop_front(kernel.op.getInputs().size());
  for (auto [dim, argument] :
       llvm::zip(kernel.shape.getRegionDims(), arguments))
    mapping.map(argument, b.materialize(position[dim]));
  for (Operation &inner : body.without_terminator())
    b.clone(inner, mapping);
  return mapping.lookupOrDefault(
      cast<YieldOp>(body.getTerminator()).getValue());
}
