//===- MQAOps.cpp - operations of the mqa dialect ---------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionSyntax.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mqa/Dialect/MQA/IR/MQA.h"

using namespace mlir;
using namespace mlir::mqa;

#define GET_OP_CLASSES
#include "mqa/Dialect/MQA/IR/MQAOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Destinations, maps, scale
//===----------------------------------------------------------------------===//

MutableOperandRange AttentionOp::getDpsInitsMutable() {
  unsigned first = getOutputMutable().getOperandNumber();
  return MutableOperandRange(getOperation(), first, getNumOperands() - first);
}

MutableOperandRange OnlineAttentionOp::getDpsInitsMutable() {
  return MutableOperandRange(getOperation(), getNumOperands() - 3, 3);
}

MutableOperandRange MergeOp::getDpsInitsMutable() {
  return MutableOperandRange(getOperation(), 3, 3);
}

MutableOperandRange FinalizeOp::getDpsInitsMutable() {
  return MutableOperandRange(getOperation(), 3, getNumOperands() - 3);
}

static SmallVector<AffineMap> unpackMaps(ArrayAttr maps) {
  return llvm::to_vector(maps.getAsValueRange<AffineMapAttr>());
}

SmallVector<AffineMap> AttentionOp::getIndexingMapsArray() {
  return unpackMaps(getIndexingMaps());
}
SmallVector<AffineMap> OnlineAttentionOp::getIndexingMapsArray() {
  return unpackMaps(getIndexingMaps());
}
SmallVector<AffineMap> MergeOp::getIndexingMapsArray() {
  return unpackMaps(getIndexingMaps());
}
SmallVector<AffineMap> FinalizeOp::getIndexingMapsArray() {
  return unpackMaps(getIndexingMaps());
}

/// The shape of an op that has been verified.
template <typename OpTy>
static AttentionShape getVerifiedShape(OpTy op, unsigned outputIndex) {
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  return *AttentionShape::get(maps[0], maps[1], maps[2], maps[outputIndex],
                              [&] { return op.emitOpError(); });
}

AttentionShape AttentionOp::getShape() {
  return getVerifiedShape(*this, getOutputMutable().getOperandNumber());
}

AttentionShape OnlineAttentionOp::getShape() {
  return getVerifiedShape(*this, getNumOperands() - 3);
}

static double scaleAsDouble(std::optional<Attribute> scale) {
  return scale ? cast<FloatAttr>(*scale).getValueAsDouble() : 1.0;
}

double AttentionOp::getScaleValue() { return scaleAsDouble(getScale()); }
double OnlineAttentionOp::getScaleValue() { return scaleAsDouble(getScale()); }

//===----------------------------------------------------------------------===//
// Effects
//===----------------------------------------------------------------------===//

using Effects =
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>;

/// Inputs that are memrefs are read; destinations are written, and read too
/// where they carry a state.
static void getStructuredEffects(DestinationStyleOpInterface op,
                                 bool readsDestinations, Effects &effects) {
  for (OpOperand *input : op.getDpsInputOperands())
    if (isa<MemRefType>(input->get().getType()))
      effects.emplace_back(MemoryEffects::Read::get(), input, 0, true,
                           SideEffects::DefaultResource::get());
  for (OpOperand &init : op.getDpsInitsMutable()) {
    if (!isa<MemRefType>(init.get().getType()))
      continue;
    if (readsDestinations)
      effects.emplace_back(MemoryEffects::Read::get(), &init, 0, true,
                           SideEffects::DefaultResource::get());
    effects.emplace_back(MemoryEffects::Write::get(), &init, 0, true,
                         SideEffects::DefaultResource::get());
  }
}

void AttentionOp::getEffects(Effects &effects) {
  getStructuredEffects(*this, /*readsDestinations=*/false, effects);
}
void OnlineAttentionOp::getEffects(Effects &effects) {
  getStructuredEffects(*this, /*readsDestinations=*/true, effects);
}
void MergeOp::getEffects(Effects &effects) {
  getStructuredEffects(*this, /*readsDestinations=*/true, effects);
}
void FinalizeOp::getEffects(Effects &effects) {
  getStructuredEffects(*this, /*readsDestinations=*/false, effects);
}

static Speculation::Speculatability
getStructuredSpeculatability(DestinationStyleOpInterface op) {
  return op.hasPureTensorSemantics() ? Speculation::Speculatable
                                     : Speculation::NotSpeculatable;
}

Speculation::Speculatability AttentionOp::getSpeculatability() {
  return getStructuredSpeculatability(*this);
}
Speculation::Speculatability OnlineAttentionOp::getSpeculatability() {
  return getStructuredSpeculatability(*this);
}
Speculation::Speculatability MergeOp::getSpeculatability() {
  return getStructuredSpeculatability(*this);
}
Speculation::Speculatability FinalizeOp::getSpeculatability() {
  return getStructuredSpeculatability(*this);
}

//===----------------------------------------------------------------------===//
// Shapes of results
//===----------------------------------------------------------------------===//

/// Every result has the shape of its destination.
static LogicalResult
reifyFromDestinations(OpBuilder &b, DestinationStyleOpInterface op,
                      ReifiedRankedShapedTypeDims &shapes) {
  for (OpResult result : op->getResults())
    shapes.push_back(tensor::getMixedSizes(b, op.getLoc(),
                                           op.getTiedOpOperand(result)->get()));
  return success();
}

LogicalResult
AttentionOp::reifyResultShapes(OpBuilder &b,
                               ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromDestinations(b, *this, shapes);
}
LogicalResult
OnlineAttentionOp::reifyResultShapes(OpBuilder &b,
                                     ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromDestinations(b, *this, shapes);
}
LogicalResult MergeOp::reifyResultShapes(OpBuilder &b,
                                         ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromDestinations(b, *this, shapes);
}
LogicalResult
FinalizeOp::reifyResultShapes(OpBuilder &b,
                              ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromDestinations(b, *this, shapes);
}
