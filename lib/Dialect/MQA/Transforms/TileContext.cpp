//===- TileContext.cpp - one online attention being tiled -------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileContext.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mqa/Dialect/MQA/Utils/IterationSizes.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace mlir::mqa;

/// The product of the sizes of `dims`, or failure when one is dynamic.
static FailureOr<int64_t> staticProduct(OnlineAttentionOp op, StringRef role,
                                        ArrayRef<unsigned> dims,
                                        ArrayRef<OpFoldResult> sizes) {
  int64_t product = 1;
  for (unsigned dim : dims) {
    std::optional<int64_t> size = getConstantIntValue(sizes[dim]);
    if (!size) {
      op.emitOpError("expected a static size of ")
          << role << " dimension d" << dim << ", got a dynamic one";
      return failure();
    }
    product *= *size;
  }
  if (product == 0) {
    op.emitOpError("expected at least one element of ") << role << ", got 0";
    return failure();
  }
  return product;
}

FailureOr<TileContext> TileContext::get(OpBuilder &b, OnlineAttentionOp op) {
  if (!op.hasPureTensorSemantics())
    return op.emitOpError("expected tensor operands, got memrefs");
  Type compute = getElementTypeOrSelf(op.getMax().getType());
  if (!compute.isF32())
    return op.emitOpError("expected f16, bf16 or f32 elements and a state of "
                          "f32, got a state of ")
           << compute;
  AttentionShape shape = op.getShape();
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  SmallVector<OpFoldResult> sizes = getIterationSizes(b, op, maps);
  FailureOr<int64_t> depth =
      staticProduct(op, "depth", shape.getDims(DimRole::Depth), sizes);
  FailureOr<int64_t> value =
      staticProduct(op, "value", shape.getDims(DimRole::Value), sizes);
  if (failed(depth) || failed(value))
    return failure();
  ScheduleAttr schedule = op.getScheduleAttr();
  TileContext tile{
      b,
      op,
      op.getLoc(),
      shape,
      std::move(maps),
      std::move(sizes),
      schedule,
      compute,
      schedule.getRowPanel(),
      schedule.getRowBlock() / schedule.getRowPanel(),
      *depth,
      int64_t(llvm::alignTo(*depth,
                            schedule.getDepthStep() * schedule.getLaneDepth())),
      *value,
      int64_t(llvm::alignTo(
          *value, std::lcm(schedule.getValueTile(), schedule.getLaneDepth()))),
      shape.getDims(DimRole::Key).back(),
      {},
      {},
      nullptr,
      nullptr,
      std::nullopt,
      std::nullopt};
  FailureOr<MaskAnalysis> mask = MaskAnalysis::compute(op);
  if (failed(mask))
    return failure();
  tile.mask = std::make_shared<MaskAnalysis>(std::move(*mask));
  tile.offsets.assign(shape.getNumDims(), b.getIndexAttr(0));
  tile.extents = tile.sizes;
  return tile;
}

Value TileContext::index(int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}

Value TileContext::materialize(OpFoldResult value) {
  return getValueOrCreateConstantIndexOp(b, loc, value);
}

Value TileContext::empty(ArrayRef<int64_t> sizes, Type element) {
  return tensor::EmptyOp::create(b, loc, sizes, element);
}

Value TileContext::fill(Value into, double value) {
  Type element = getElementTypeOrSelf(into.getType());
  Value scalar =
      arith::ConstantOp::create(b, loc, b.getFloatAttr(element, value));
  auto fill = linalg::FillOp::create(b, loc, scalar, into);
  fill->setAttr("mqa.role", b.getStringAttr("fill"));
  return fill.getResult(0);
}

SmallVector<int64_t> TileContext::getPackedShape(int64_t width) {
  int64_t depth = schedule.getLaneDepth();
  if (depth == 1)
    return {panels, width, lanes};
  return {panels, width / depth, lanes, depth};
}

SmallVector<AffineMap> TileContext::getStateMaps() {
  bool isWide = schedule.getLaneDepth() > 1;
  unsigned rank = isWide ? 4 : 3;
  SmallVector<unsigned> acc{0, 2, 1};
  if (isWide)
    acc.push_back(3);
  MLIRContext *context = b.getContext();
  AffineMap row = AffineMap::getMultiDimMapWithTargets(rank, {0, 1}, context);
  return {AffineMap::getMultiDimMapWithTargets(rank, acc, context), row, row};
}

namespace {
/// Operands of a slice op.
struct SliceParameters {
  SmallVector<OpFoldResult> offsets, sizes, strides;
  SmallVector<int64_t> shape; ///< Of the dimensions that are kept.
};
} // namespace

static SliceParameters getSlice(OpBuilder &b, AffineMap map,
                                ArrayRef<OpFoldResult> at,
                                ArrayRef<unsigned> kept,
                                ArrayRef<OpFoldResult> keptSizes) {
  SliceParameters slice;
  for (AffineExpr expr : map.getResults()) {
    unsigned dim = cast<AffineDimExpr>(expr).getPosition();
    const auto *it = llvm::find(kept, dim);
    bool isKept = it != kept.end();
    slice.offsets.push_back(at[dim]);
    OpFoldResult size =
        isKept ? keptSizes[it - kept.begin()] : OpFoldResult(b.getIndexAttr(1));
    slice.sizes.push_back(size);
    slice.strides.push_back(b.getIndexAttr(1));
    if (isKept)
      slice.shape.push_back(
          getConstantIntValue(size).value_or(ShapedType::kDynamic));
  }
  return slice;
}

/// `shape` without its dimensions of size 1. Slices drop all of them: which
/// unit dimension of a memref a type with some of them has lost is ambiguous.
static SmallVector<int64_t> dropUnits(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> rest;
  llvm::copy_if(shape, std::back_inserter(rest),
                [](int64_t size) { return size != 1; });
  return rest;
}

/// How `shape` is grouped to give `dropUnits(shape)`.
static SmallVector<ReassociationIndices> groupUnits(ArrayRef<int64_t> shape) {
  SmallVector<ReassociationIndices> groups;
  ReassociationIndices leading; // units before the first other dimension
  for (auto [position, size] : llvm::enumerate(shape)) {
    if (size != 1) {
      groups.push_back(leading);
      leading.clear();
    }
    (groups.empty() ? leading : groups.back()).push_back(position);
  }
  return groups;
}

Value TileContext::extractAt(Value source, AffineMap map,
                             ArrayRef<OpFoldResult> at, ArrayRef<unsigned> kept,
                             ArrayRef<OpFoldResult> keptSizes) {
  SliceParameters slice = getSlice(b, map, at, kept, keptSizes);
  Type element = getElementTypeOrSelf(source.getType());
  SmallVector<int64_t> dense = dropUnits(slice.shape);
  Value value = tensor::ExtractSliceOp::create(
      b, loc, RankedTensorType::get(dense, element), source, slice.offsets,
      slice.sizes, slice.strides);
  if (dense.size() == slice.shape.size())
    return value;
  return tensor::ExpandShapeOp::create(
      b, loc, RankedTensorType::get(slice.shape, element), value,
      groupUnits(slice.shape));
}

Value TileContext::insertAt(Value tile, Value into, AffineMap map,
                            ArrayRef<OpFoldResult> at, ArrayRef<unsigned> kept,
                            ArrayRef<OpFoldResult> keptSizes) {
  SliceParameters slice = getSlice(b, map, at, kept, keptSizes);
  if (llvm::is_contained(slice.shape, 1))
    tile =
        tensor::CollapseShapeOp::create(b, loc, tile, groupUnits(slice.shape));
  return tensor::InsertSliceOp::create(b, loc, tile, into, slice.offsets,
                                       slice.sizes, slice.strides);
}

Value TileContext::elementAt(Value source, AffineMap map,
                             ArrayRef<OpFoldResult> at) {
  SmallVector<Value> position;
  for (AffineExpr expr : map.getResults())
    position.push_back(
        materialize(at[cast<AffineDimExpr>(expr).getPosition()]));
  return tensor::ExtractOp::create(b, loc, source, position);
}

/// `value` as `type`, both floats or both the same.
static Value convertFloat(OpBuilder &b, Location loc, Value value, Type type) {
  if (value.getType() == type)
    return value;
  unsigned from = value.getType().getIntOrFloatBitWidth();
  unsigned to = type.getIntOrFloatBitWidth();
  if (from < to)
    return arith::ExtFOp::create(b, loc, type, value);
  if (from > to)
    return arith::TruncFOp::create(b, loc, type, value);
  // f16 and bf16: through f32.
  Value wide = arith::ExtFOp::create(b, loc, b.getF32Type(), value);
  return arith::TruncFOp::create(b, loc, type, wide);
}

Value TileContext::copy(Value from, ArrayRef<unsigned> fromDims, Value to,
                        ArrayRef<unsigned> toDims, double scale) {
  unsigned rank = toDims.size();
  SmallVector<AffineExpr> exprs;
  for (unsigned dim : fromDims)
    exprs.push_back(
        b.getAffineDimExpr(llvm::find(toDims, dim) - toDims.begin()));
  AffineMap in = AffineMap::get(rank, 0, exprs, b.getContext());
  AffineMap out = b.getMultiDimIdentityMap(rank);
  SmallVector<utils::IteratorType> parallel(rank,
                                            utils::IteratorType::parallel);
  Type element = getElementTypeOrSelf(to.getType());
  auto generic = linalg::GenericOp::create(
      b, loc, to.getType(), from, to, ArrayRef<AffineMap>{in, out}, parallel,
      [&](OpBuilder &b, Location loc, ValueRange args) {
        Value value = args[0];
        if (scale != 1.0) {
          value = convertFloat(b, loc, value, compute);
          Value factor =
              arith::ConstantOp::create(b, loc, b.getFloatAttr(compute, scale));
          value = arith::MulFOp::create(b, loc, value, factor);
        }
        linalg::YieldOp::create(b, loc, convertFloat(b, loc, value, element));
      });
  generic->setAttr("mqa.role", b.getStringAttr("copy"));
  return generic.getResult(0);
}

SmallVector<unsigned> TileContext::inMapOrder(AffineMap map,
                                              ArrayRef<unsigned> dims) {
  SmallVector<unsigned> ordered;
  for (AffineExpr expr : map.getResults()) {
    unsigned dim = cast<AffineDimExpr>(expr).getPosition();
    if (llvm::is_contained(dims, dim))
      ordered.push_back(dim);
  }
  return ordered;
}

SmallVector<int64_t> TileContext::staticSizes(ArrayRef<unsigned> dims) {
  return llvm::map_to_vector(
      dims, [&](unsigned dim) { return *getConstantIntValue(sizes[dim]); });
}

SmallVector<OpFoldResult> TileContext::sizesOf(ArrayRef<unsigned> dims) {
  return llvm::map_to_vector(dims, [&](unsigned dim) { return sizes[dim]; });
}

Value mlir::mqa::buildCountedLoop(
    TileContext &tile, Value count, Value init,
    function_ref<Value(Value iv, Value carried)> body) {
  Value zero = tile.index(0), one = tile.index(1);
  auto loop = scf::ForOp::create(
      tile.b, tile.loc, zero, count, one, init,
      [&](OpBuilder &, Location loc, Value iv, ValueRange carried) {
        OpBuilder::InsertionGuard guard(tile.b);
        tile.b.setInsertionPointToEnd(iv.getParentBlock());
        Value next = body(iv, carried.front());
        scf::YieldOp::create(tile.b, loc, next);
      });
  return loop.getResult(0);
}
