//===- TilingInterfaceImpl.cpp - tiles of the ops ---------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile of an op is the op itself on slices of its operands. Two things are
// special. The index arguments of the regions count from the start of the
// whole, so the tile adds its offsets. And some dimensions cannot be cut: depth
// (a score needs all of it), the keys of `mqa.attention` (the softmax does),
// and the value dimensions where a row value (max, sum, log-sum-exp) is a
// destination too, for every tile would write it again.
//
//===----------------------------------------------------------------------===//

#include "Tiling.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/ShapedOpInterfaces.h"
#include "mqa/Dialect/MQA/Utils/CloneOp.h"
#include "mqa/Dialect/MQA/Utils/IterationSizes.h"

using namespace mlir;
using namespace mlir::mqa;

//===----------------------------------------------------------------------===//
// Extents
//===----------------------------------------------------------------------===//

/// Calls `visit` with every operand, and its dimension, that has the extent of
/// `dim`, until it returns true. Returns whether it did.
static bool anyOwner(Operation *op, ArrayRef<AffineMap> maps, unsigned dim,
                     function_ref<bool(Value, unsigned)> visit) {
  for (auto [operand, map] : llvm::zip_equal(op->getOperands(), maps))
    for (unsigned i = 0, e = map.getNumResults(); i < e; ++i)
      if (map.getDimPosition(i) == dim && visit(operand, i))
        return true;
  return false;
}

/// The extent of `dim` if an operand says it statically, else kDynamic.
static int64_t getStaticExtent(Operation *op, ArrayRef<AffineMap> maps,
                               unsigned dim) {
  int64_t extent = ShapedType::kDynamic;
  anyOwner(op, maps, dim, [&](Value operand, unsigned i) {
    extent = cast<ShapedType>(operand.getType()).getDimSize(i);
    return ShapedType::isStatic(extent);
  });
  return extent;
}

/// Whether a tile that begins at `offset` with `size` takes all of `dim`. A
/// dynamic size does if it is the `dim` of an operand.
static bool isWholeDim(Operation *op, ArrayRef<AffineMap> maps, unsigned dim,
                       OpFoldResult offset, OpFoldResult size) {
  if (!isZeroInteger(offset))
    return false;
  int64_t extent = getStaticExtent(op, maps, dim);
  if (ShapedType::isStatic(extent))
    return getConstantIntValue(size) == extent;
  auto dimOp = dyn_cast_if_present<ShapedDimOpInterface>(
      isa<Value>(size) ? cast<Value>(size).getDefiningOp() : nullptr);
  return dimOp && anyOwner(op, maps, dim, [&](Value operand, unsigned i) {
           return dimOp.getShapedValue() == operand &&
                  getConstantIntValue(dimOp.getDimension()) == int64_t(i);
         });
}

LogicalResult mlir::mqa::verifyWholeDims(DestinationStyleOpInterface op,
                                         ArrayRef<AffineMap> maps,
                                         const Tile &tile,
                                         ArrayRef<unsigned> dims) {
  for (unsigned dim : dims)
    if (!isWholeDim(op, maps, dim, tile.offsets[dim], tile.sizes[dim]))
      return op->emitOpError("cannot be tiled in dimension d")
             << dim << ", every tile needs all of it";
  return success();
}

//===----------------------------------------------------------------------===//
// Slices and clones
//===----------------------------------------------------------------------===//

static SmallVector<OpFoldResult> applyMap(AffineMap map,
                                          ArrayRef<OpFoldResult> values) {
  return llvm::map_to_vector(map.getResults(), [&](AffineExpr result) {
    return values[cast<AffineDimExpr>(result).getPosition()];
  });
}

SmallVector<OpFoldResult> Tile::getOffsets(AffineMap map) const {
  return applyMap(map, offsets);
}

SmallVector<OpFoldResult> Tile::getSizes(AffineMap map) const {
  return applyMap(map, sizes);
}

Value mlir::mqa::sliceOperand(OpBuilder &b, DestinationStyleOpInterface op,
                              unsigned operand, ArrayRef<AffineMap> maps,
                              const Tile &tile,
                              SmallVectorImpl<Operation *> &slices) {
  AffineMap map = maps[operand];
  Value value = op->getOperand(operand);
  if (llvm::all_of(map.getResults(), [&](AffineExpr result) {
        unsigned dim = cast<AffineDimExpr>(result).getPosition();
        return isWholeDim(op, maps, dim, tile.offsets[dim], tile.sizes[dim]);
      }))
    return value;
  SmallVector<OpFoldResult> strides(map.getNumResults(), b.getIndexAttr(1));
  Operation *slice;
  if (isa<RankedTensorType>(value.getType()))
    slice = tensor::ExtractSliceOp::create(b, op->getLoc(), value,
                                           tile.getOffsets(map),
                                           tile.getSizes(map), strides);
  else
    slice =
        memref::SubViewOp::create(b, op->getLoc(), value, tile.getOffsets(map),
                                  tile.getSizes(map), strides);
  slices.push_back(slice);
  return slice->getResult(0);
}

/// Adds the tile's offsets to the index arguments of a region.
static void offsetIndices(OpBuilder &b, Region &region, const Tile &tile,
                          const AttentionShape &shape) {
  if (region.empty())
    return;
  OpBuilder::InsertionGuard guard(b);
  Block &block = region.front();
  b.setInsertionPointToStart(&block);
  SmallVector<unsigned> dims = shape.getRegionDims();
  unsigned first = block.getNumArguments() - dims.size();
  for (auto [i, dim] : llvm::enumerate(dims)) {
    BlockArgument index = block.getArgument(first + i);
    if (isZeroInteger(tile.offsets[dim]) || index.use_empty())
      continue;
    Location loc = region.getLoc();
    Value offset = getValueOrCreateConstantIndexOp(b, loc, tile.offsets[dim]);
    auto sum = arith::AddIOp::create(b, loc, index, offset);
    index.replaceAllUsesExcept(sum, sum);
  }
}

DestinationStyleOpInterface
mlir::mqa::cloneTiled(OpBuilder &b, DestinationStyleOpInterface op,
                      ValueRange operands, const Tile &tile,
                      const AttentionShape *shape) {
  unsigned firstInit = op.getDpsInitsMutable()[0].getOperandNumber();
  SmallVector<Type> results;
  if (op->getNumResults() != 0)
    llvm::append_range(results, operands.drop_front(firstInit).getTypes());
  Operation *tiled = cloneWithOperands(b, op, results, operands);
  if (shape)
    for (Region &region : tiled->getRegions())
      offsetIndices(b, region, tile, *shape);
  return cast<DestinationStyleOpInterface>(tiled);
}

//===----------------------------------------------------------------------===//
// What the ops differ in
//===----------------------------------------------------------------------===//

/// The dimensions that the row values of a merge or finalize leave out.
static SmallVector<unsigned> getValueDims(AffineMap row) {
  SmallVector<unsigned> dims;
  for (unsigned dim = 0, e = row.getNumDims(); dim < e; ++dim)
    if (!row.isFunctionOfDim(dim))
      dims.push_back(dim);
  return dims;
}

/// The dimensions that cannot be cut.
static SmallVector<unsigned> getWholeDims(AttentionOp op) {
  if (op.getLogsumexp())
    return op.getShape().getDims(
        {DimRole::Key, DimRole::Depth, DimRole::Value});
  return op.getShape().getDims({DimRole::Key, DimRole::Depth});
}
static SmallVector<unsigned> getWholeDims(OnlineAttentionOp op) {
  return op.getShape().getDims({DimRole::Depth, DimRole::Value});
}
static SmallVector<unsigned> getWholeDims(MergeOp op) {
  return getValueDims(op.getIndexingMapsArray()[1]);
}
static SmallVector<unsigned> getWholeDims(FinalizeOp op) {
  if (op.getLogsumexp())
    return getValueDims(op.getIndexingMapsArray()[1]);
  return {};
}

template <typename OpTy>
static constexpr bool hasRegions = std::is_same_v<OpTy, AttentionOp> ||
                                   std::is_same_v<OpTy, OnlineAttentionOp>;

/// The map of the destination of a result.
template <typename OpTy>
static AffineMap getResultMap(OpTy op, unsigned result) {
  return op
      .getIndexingMapsArray()[op.getDpsInitOperand(result)->getOperandNumber()];
}

//===----------------------------------------------------------------------===//
// What they have in common
//===----------------------------------------------------------------------===//

template <typename OpTy>
static SmallVector<Range> getDomain(OpTy op, OpBuilder &b) {
  return llvm::map_to_vector(
      getIterationSizes(b, op, op.getIndexingMapsArray()),
      [&](OpFoldResult size) {
        return Range{b.getIndexAttr(0), size, b.getIndexAttr(1)};
      });
}

template <typename OpTy>
static SmallVector<utils::IteratorType> getIterators(OpTy op) {
  if constexpr (hasRegions<OpTy>)
    return op.getShape().getIteratorTypes();
  else
    return SmallVector<utils::IteratorType>(
        op.getIndexingMapsArray().front().getNumDims(),
        utils::IteratorType::parallel);
}

template <typename OpTy>
static FailureOr<TilingResult> tileOp(OpTy op, OpBuilder &b, const Tile &tile) {
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  if (failed(verifyWholeDims(op, maps, tile, getWholeDims(op))))
    return failure();
  SmallVector<Value> operands;
  SmallVector<Operation *> slices;
  for (unsigned i = 0, e = op->getNumOperands(); i < e; ++i)
    operands.push_back(sliceOperand(b, op, i, maps, tile, slices));
  std::optional<AttentionShape> shape;
  if constexpr (hasRegions<OpTy>)
    shape = op.getShape();
  Operation *tiled =
      cloneTiled(b, op, operands, tile, shape ? &*shape : nullptr);
  return TilingResult{
      {tiled}, llvm::to_vector_of<Value>(tiled->getResults()), slices};
}

/// The tile that computes a tile of a result: all of what the result does not
/// mention.
template <typename OpTy>
static void invertResultTile(OpTy op, OpBuilder &b, unsigned result,
                             const Tile &tile,
                             SmallVectorImpl<OpFoldResult> &offsets,
                             SmallVectorImpl<OpFoldResult> &sizes) {
  for (Range range : getDomain(op, b)) {
    offsets.push_back(range.offset);
    sizes.push_back(range.size);
  }
  AffineMap map = getResultMap(op, result);
  for (unsigned i = 0, e = map.getNumResults(); i < e; ++i) {
    offsets[map.getDimPosition(i)] = tile.offsets[i];
    sizes[map.getDimPosition(i)] = tile.sizes[i];
  }
}

template <typename OpTy>
static FailureOr<TilingResult> tileResult(OpTy op, OpBuilder &b,
                                          unsigned result, const Tile &tile) {
  SmallVector<OpFoldResult> offsets, sizes;
  invertResultTile(op, b, result, tile, offsets, sizes);
  FailureOr<TilingResult> tiled = tileOp(op, b, {offsets, sizes});
  if (failed(tiled))
    return failure();
  return TilingResult{
      tiled->tiledOps, {tiled->tiledValues[result]}, tiled->generatedSlices};
}

//===----------------------------------------------------------------------===//
// The interface
//===----------------------------------------------------------------------===//

#define MQA_TILING_INTERFACE(OpTy)                                             \
  SmallVector<Range> OpTy::getIterationDomain(OpBuilder &b) {                  \
    return getDomain(*this, b);                                                \
  }                                                                            \
  SmallVector<utils::IteratorType> OpTy::getLoopIteratorTypes() {              \
    return getIterators(*this);                                                \
  }                                                                            \
  FailureOr<TilingResult> OpTy::getTiledImplementation(                        \
      OpBuilder &b, ArrayRef<OpFoldResult> offsets,                            \
      ArrayRef<OpFoldResult> sizes) {                                          \
    return tileOp(*this, b, {offsets, sizes});                                 \
  }                                                                            \
  LogicalResult OpTy::getResultTilePosition(                                   \
      OpBuilder &b, unsigned result, ArrayRef<OpFoldResult> offsets,           \
      ArrayRef<OpFoldResult> sizes, SmallVector<OpFoldResult> &resultOffsets,  \
      SmallVector<OpFoldResult> &resultSizes) {                                \
    Tile tile{offsets, sizes};                                                 \
    resultOffsets = tile.getOffsets(getResultMap(*this, result));              \
    resultSizes = tile.getSizes(getResultMap(*this, result));                  \
    return success();                                                          \
  }                                                                            \
  LogicalResult OpTy::getIterationDomainTileFromResultTile(                    \
      OpBuilder &b, unsigned result, ArrayRef<OpFoldResult> offsets,           \
      ArrayRef<OpFoldResult> sizes,                                            \
      SmallVectorImpl<OpFoldResult> &domainOffsets,                            \
      SmallVectorImpl<OpFoldResult> &domainSizes) {                            \
    invertResultTile(*this, b, result, {offsets, sizes}, domainOffsets,        \
                     domainSizes);                                             \
    return success();                                                          \
  }                                                                            \
  FailureOr<TilingResult> OpTy::generateResultTileValue(                       \
      OpBuilder &b, unsigned result, ArrayRef<OpFoldResult> offsets,           \
      ArrayRef<OpFoldResult> sizes) {                                          \
    return tileResult(*this, b, result, {offsets, sizes});                     \
  }

MQA_TILING_INTERFACE(AttentionOp)
MQA_TILING_INTERFACE(OnlineAttentionOp)
MQA_TILING_INTERFACE(MergeOp)
MQA_TILING_INTERFACE(FinalizeOp)

#undef MQA_TILING_INTERFACE
