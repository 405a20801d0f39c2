//===- PartialReductionImpl.cpp - split keys --------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// PartialReductionOpInterface of `mqa.online_attention`: every split of the
// keys starts from its own empty state, and `mqa.merge` joins them with the
// op's own. The partial states have one more dimension per split key
// dimension, at their end.
//
//===----------------------------------------------------------------------===//

#include "Tiling.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::mqa;

/// The maps of acc, max and sum.
static SmallVector<AffineMap> getStateMaps(OnlineAttentionOp op) {
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  return llvm::to_vector(ArrayRef(maps).take_back(3));
}

/// Fails, with an error, unless the op is on tensors and only keys are split.
static LogicalResult verifySplit(OnlineAttentionOp op,
                                 const llvm::SetVector<unsigned> &dims) {
  if (!op.hasPureTensorSemantics())
    return op.emitOpError("cannot be split in memory, expected tensors");
  AttentionShape shape = op.getShape();
  for (unsigned dim : dims)
    if (shape.getRole(dim) != DimRole::Key)
      return op.emitOpError("cannot be split in dimension d")
             << dim << ", expected a key dimension, got a "
             << stringifyDimRole(shape.getRole(dim)) << " dimension";
  return success();
}

/// Where one split lies in the partial state of a result.
static void getSplitPosition(OpBuilder &b, AffineMap map, const Tile &tile,
                             const llvm::SetVector<unsigned> &dims,
                             ArrayRef<OpFoldResult> splits,
                             SmallVector<OpFoldResult> &offsets,
                             SmallVector<OpFoldResult> &sizes) {
  offsets = tile.getOffsets(map);
  sizes = tile.getSizes(map);
  llvm::append_range(offsets, splits);
  sizes.append(dims.size(), b.getIndexAttr(1));
}

/// A slice of a partial state without the dimensions of the splits.
static Operation *extractSplit(OpBuilder &b, Location loc, Value partial,
                               unsigned rank, ArrayRef<OpFoldResult> offsets,
                               ArrayRef<OpFoldResult> sizes) {
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamic;
  dispatchIndexOpFoldResults(sizes.take_front(rank), dynamic, shape);
  auto type =
      RankedTensorType::get(shape, getElementTypeOrSelf(partial.getType()));
  SmallVector<OpFoldResult> strides(offsets.size(), b.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(b, loc, type, partial, offsets, sizes,
                                        strides);
}

FailureOr<SmallVector<Value>>
OnlineAttentionOp::generateInitialTensorForPartialReduction(
    OpBuilder &b, Location loc, ArrayRef<OpFoldResult> tileSizes,
    const llvm::SetVector<unsigned> &reductionDims) {
  if (failed(verifySplit(*this, reductionDims)))
    return failure();
  auto element = cast<FloatType>(getElementTypeOrSelf(getAcc().getType()));
  SmallVector<Value> empties;
  Tile whole{tileSizes, tileSizes};
  for (auto [index, map] : llvm::enumerate(getStateMaps(*this))) {
    SmallVector<OpFoldResult> sizes = whole.getSizes(map);
    for (unsigned dim : reductionDims)
      sizes.push_back(tileSizes[dim]);
    // The empty state: acc and sum 0, max minus infinity.
    APFloat identity =
        index == 1
            ? APFloat::getInf(element.getFloatSemantics(), /*Negative=*/true)
            : APFloat::getZero(element.getFloatSemantics());
    Value empty = tensor::EmptyOp::create(b, loc, sizes, element);
    Value value =
        arith::ConstantOp::create(b, loc, b.getFloatAttr(element, identity));
    empties.push_back(
        linalg::FillOp::create(b, loc, value, empty).getResult(0));
  }
  return empties;
}

FailureOr<TilingResult> OnlineAttentionOp::tileToPartialReduction(
    OpBuilder &b, Location loc, ReductionTilingStrategy strategy,
    ValueRange init, ArrayRef<OpFoldResult> offsets,
    ArrayRef<OpFoldResult> sizes,
    const llvm::SetVector<unsigned> &reductionDims,
    ArrayRef<OpFoldResult> splitReductionIvs) {
  // A loop over blocks whose keys stay apart would need a state per key.
  if (strategy != ReductionTilingStrategy::PartialReductionOuterParallel)
    return emitOpError("cannot keep a state per key of a block, expected the "
                       "splits in the outer, parallel loop");
  SmallVector<AffineMap> maps = getIndexingMapsArray();
  AttentionShape shape = getShape();
  Tile tile{offsets, sizes};
  if (failed(verifySplit(*this, reductionDims)) ||
      failed(verifyWholeDims(*this, maps, tile,
                             shape.getDims({DimRole::Depth, DimRole::Value}))))
    return failure();
  SmallVector<Value> operands;
  SmallVector<Operation *> slices;
  for (unsigned i = 0, e = getNumOperands() - 3; i < e; ++i)
    operands.push_back(sliceOperand(b, *this, i, maps, tile, slices));
  for (auto [partial, map] : llvm::zip_equal(init, getStateMaps(*this))) {
    SmallVector<OpFoldResult> splitOffsets, splitSizes;
    getSplitPosition(b, map, tile, reductionDims, splitReductionIvs,
                     splitOffsets, splitSizes);
    slices.push_back(extractSplit(b, loc, partial, map.getNumResults(),
                                  splitOffsets, splitSizes));
    operands.push_back(slices.back()->getResult(0));
  }
  Operation *tiled = cloneTiled(b, *this, operands, tile, &shape);
  return TilingResult{
      {tiled}, llvm::to_vector_of<Value>(tiled->getResults()), slices};
}

LogicalResult OnlineAttentionOp::getPartialResultTilePosition(
    OpBuilder &b, unsigned resultNumber, ReductionTilingStrategy strategy,
    ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
    const llvm::SetVector<unsigned> &reductionDims,
    ArrayRef<OpFoldResult> splitReductionIvs,
    SmallVector<OpFoldResult> &resultOffsets,
    SmallVector<OpFoldResult> &resultSizes) {
  getSplitPosition(b, getStateMaps(*this)[resultNumber], {offsets, sizes},
                   reductionDims, splitReductionIvs, resultOffsets,
                   resultSizes);
  return success();
}

/// The maps of a merge of the op's states: its state and value dimensions.
static SmallVector<Attribute> getMergeMaps(OnlineAttentionOp op) {
  SmallVector<AffineMap> maps = getStateMaps(op);
  SmallVector<AffineMap> compressed = compressUnusedDims(maps);
  SmallVector<Attribute> attrs;
  for (unsigned side = 0; side < 2; ++side)
    for (AffineMap map : compressed)
      attrs.push_back(AffineMapAttr::get(map));
  return attrs;
}

FailureOr<MergeResult> OnlineAttentionOp::mergeReductions(
    OpBuilder &b, Location loc, ValueRange partialReduce,
    const llvm::SetVector<unsigned> &reductionDims) {
  if (failed(verifySplit(*this, reductionDims)))
    return failure();
  // One loop per split dimension; they are the last of every partial state.
  unsigned accRank = cast<ShapedType>(getAcc().getType()).getRank();
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  SmallVector<Value> starts(reductionDims.size(), zero), ends;
  SmallVector<Value> steps(reductionDims.size(), one);
  for (unsigned i = 0, e = reductionDims.size(); i < e; ++i)
    ends.push_back(getValueOrCreateConstantIndexOp(
        b, loc,
        tensor::getMixedSize(b, loc, partialReduce.front(), accRank + i)));
  ArrayAttr maps = b.getArrayAttr(getMergeMaps(*this));
  MergeResult result;
  auto body = [&](OpBuilder &b, Location loc, ValueRange ivs,
                  ValueRange state) {
    SmallVector<Value> split;
    for (auto [partial, whole] : llvm::zip_equal(partialReduce, state)) {
      SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, whole);
      unsigned rank = sizes.size();
      SmallVector<OpFoldResult> offsets(rank, b.getIndexAttr(0));
      llvm::append_range(offsets, getAsOpFoldResult(ivs));
      sizes.append(ivs.size(), b.getIndexAttr(1));
      split.push_back(
          extractSplit(b, loc, partial, rank, offsets, sizes)->getResult(0));
    }
    auto merge = MergeOp::create(b, loc, state.getTypes(), split[0], split[1],
                                 split[2], state[0], state[1], state[2], maps);
    result.mergeOps.push_back(merge);
    return scf::ValueVector(merge->getResults());
  };
  scf::LoopNest nest = scf::buildLoopNest(b, loc, starts, ends, steps,
                                          {getAcc(), getMax(), getSum()}, body);
  result.replacements = llvm::to_vector_of<Value>(nest.results);
  return result;
}
