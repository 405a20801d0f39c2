//===- PagedView.cpp - pages of a pool as one tensor ------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything of `mqa.paged_view`: what is valid, the shape of its result, its
// canonical form (as static as its operands allow) and its definition as a
// gather in linalg. Fused lowerings do not gather: see TileSources.cpp.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/PatternMatch.h"
#include "mqa/Dialect/MQA/IR/MQA.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::mqa;

/// The static shape of the result of a view as far as `pool` and `table` tell;
/// the keys are dynamic.
static SmallVector<int64_t> inferShape(PagedViewOp op, RankedTensorType pool,
                                       RankedTensorType table) {
  SmallVector<int64_t> shape(table.getShape().drop_back());
  for (auto [dim, size] : llvm::enumerate(pool.getShape()))
    if (dim != op.getPageDim())
      shape.push_back(dim == op.getSlotDim() ? ShapedType::kDynamic : size);
  return shape;
}

/// All positions that the table has: at most the largest number.
static std::optional<int64_t> getStaticCapacity(RankedTensorType pool,
                                                RankedTensorType table,
                                                int64_t slotDim) {
  int64_t size = pool.getDimSize(slotDim), columns = table.getShape().back();
  int64_t capacity;
  if (ShapedType::isDynamic(size) || ShapedType::isDynamic(columns))
    return std::nullopt;
  if (llvm::MulOverflow(size, columns, capacity))
    return std::numeric_limits<int64_t>::max();
  return capacity;
}

//===----------------------------------------------------------------------===//
// Verifier
//===----------------------------------------------------------------------===//

/// PAGED_C4: batches, then the pool without pages, keys instead of positions.
static LogicalResult verifyResultShape(PagedViewOp op) {
  RankedTensorType result = op.getResult().getType();
  SmallVector<int64_t> shape =
      inferShape(op, op.getPool().getType(), op.getTable().getType());
  if (result.getRank() != int64_t(shape.size()))
    return op.emitOpError("expected a result of rank ")
           << shape.size() << ", the table's and the pool's less 2, got "
           << result;
  for (auto [dim, size] : llvm::enumerate(shape)) {
    int64_t actual = result.getDimSize(dim);
    if (int64_t(dim) != op.getKeyDim() && actual != size)
      return op.emitOpError("expected ")
             << (ShapedType::isDynamic(size) ? "?" : std::to_string(size))
             << " as size of dimension " << dim << " of the result, as in "
             << (int64_t(dim) < op.getNumBatches() ? "the table" : "the pool")
             << ", got " << result;
  }
  return success();
}

LogicalResult PagedViewOp::verify() {
  RankedTensorType pool = getPool().getType(), table = getTable().getType();
  // PAGED_C1: tensors without an encoding (the rest of it is in ODS).
  for (RankedTensorType type : {pool, table, getResult().getType()})
    if (type.getEncoding())
      return emitOpError("expected tensors without an encoding, got ") << type;
  // PAGED_C2: pages and positions are two dimensions of the pool.
  int64_t page = getPageDim(), slot = getSlotDim();
  if (page >= pool.getRank() || slot >= pool.getRank() || page == slot)
    return emitOpError("expected page_dim and slot_dim to be two dimensions "
                       "of the pool ")
           << pool << ", got " << page << " and " << slot;
  // PAGED_C3: the table has pages.
  if (table.getRank() == 0)
    return emitOpError("expected a table of at least one dimension, got ")
           << table;
  if (failed(verifyResultShape(*this)))
    return failure();
  // PAGED_C5 is a trait: the element type of the result is the pool's.
  int64_t keys = getResult().getType().getDimSize(getKeyDim());
  // PAGED_C6: the number of keys is said once.
  if (getKeys() && !ShapedType::isDynamic(keys))
    return emitOpError("expected a dynamic number of keys in the result of a "
                       "view with keys, got ")
           << keys;
  // PAGED_C7: the table has enough pages.
  std::optional<int64_t> capacity = getStaticCapacity(pool, table, slot);
  if (capacity && !ShapedType::isDynamic(keys) && keys > *capacity)
    return emitOpError("expected at most ")
           << *capacity << " keys, the positions of all pages in a row of the "
           << "table, got " << keys;
  return success();
}

//===----------------------------------------------------------------------===//
// Shape
//===----------------------------------------------------------------------===//

LogicalResult
PagedViewOp::reifyResultShapes(OpBuilder &b,
                               ReifiedRankedShapedTypeDims &shapes) {
  Location loc = getLoc();
  SmallVector<OpFoldResult> sizes;
  for (int64_t dim = 0; dim < getNumBatches(); ++dim)
    sizes.push_back(tensor::getMixedSize(b, loc, getTable(), dim));
  for (int64_t dim = 0, e = getPool().getType().getRank(); dim < e; ++dim) {
    if (dim == int64_t(getPageDim()))
      continue;
    OpFoldResult size = tensor::getMixedSize(b, loc, getPool(), dim);
    int64_t keys = getResult().getType().getDimSize(getKeyDim());
    if (dim != int64_t(getSlotDim())) {
      sizes.push_back(size);
    } else if (!ShapedType::isDynamic(keys)) {
      sizes.push_back(b.getIndexAttr(keys));
    } else if (getKeys()) {
      sizes.push_back(getKeys());
    } else {
      OpFoldResult columns =
          tensor::getMixedSize(b, loc, getTable(), getNumBatches());
      sizes.push_back(b.createOrFold<arith::MulIOp>(
          loc, getValueOrCreateConstantIndexOp(b, loc, columns),
          getValueOrCreateConstantIndexOp(b, loc, size)));
    }
  }
  shapes.push_back(std::move(sizes));
  return success();
}

//===----------------------------------------------------------------------===//
// Canonical form
//===----------------------------------------------------------------------===//

/// What a cast that forgets static sizes casts, else the value itself.
static TypedValue<RankedTensorType>
skipCast(TypedValue<RankedTensorType> value) {
  auto cast = value.getDefiningOp<tensor::CastOp>();
  if (!cast || !tensor::canFoldIntoConsumerOp(cast))
    return value;
  auto source = llvm::cast<TypedValue<RankedTensorType>>(cast.getSource());
  return source.getType().getEncoding() ? value : source;
}

/// The number of keys of the result if it is known, or dynamic.
static int64_t inferKeys(PagedViewOp op, RankedTensorType pool,
                         RankedTensorType table) {
  int64_t keys = op.getResult().getType().getDimSize(op.getKeyDim());
  if (!ShapedType::isDynamic(keys))
    return keys;
  std::optional<int64_t> capacity =
      getStaticCapacity(pool, table, op.getSlotDim());
  if (!op.getKeys())
    return capacity.value_or(ShapedType::kDynamic);
  // A constant that is out of contract stays: its result would not verify.
  std::optional<int64_t> constant = getConstantIntValue(op.getKeys());
  if (constant && *constant >= 0 && (!capacity || *constant <= *capacity))
    return *constant;
  return ShapedType::kDynamic;
}

namespace {
/// Matches a view with casts of its operands, or a constant number of keys.
/// Produces the view of what is cast, as static as these are, and a cast.
/// Refuses a cast that would contradict the number of keys.
struct MakeViewStatic : OpRewritePattern<PagedViewOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PagedViewOp op,
                                PatternRewriter &rewriter) const override {
    TypedValue<RankedTensorType> pool = skipCast(op.getPool());
    TypedValue<RankedTensorType> table = skipCast(op.getTable());
    SmallVector<int64_t> shape =
        inferShape(op, pool.getType(), table.getType());
    int64_t keys = inferKeys(op, pool.getType(), table.getType());
    std::optional<int64_t> capacity =
        getStaticCapacity(pool.getType(), table.getType(), op.getSlotDim());
    if (capacity && keys > *capacity)
      return rewriter.notifyMatchFailure(op, "the table has too few pages");
    shape[op.getKeyDim()] = keys;
    RankedTensorType old = op.getResult().getType();
    RankedTensorType type = RankedTensorType::get(shape, old.getElementType());
    if (pool == op.getPool() && table == op.getTable() && type == old)
      return rewriter.notifyMatchFailure(op, "nothing more is static");
    Value size = ShapedType::isDynamic(keys) ? op.getKeys() : Value();
    auto view = PagedViewOp::create(rewriter, op.getLoc(), type, pool, table,
                                    size, op.getPageDim(), op.getSlotDim());
    view->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    rewriter.replaceOpWithNewOp<tensor::CastOp>(op, old, view);
    return success();
  }
};

/// Matches the size of a view in a constant dimension.
/// Produces the size in terms of pool, table and keys.
struct FoldDimOfView : OpRewritePattern<tensor::DimOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tensor::DimOp op,
                                PatternRewriter &rewriter) const override {
    auto view = op.getSource().getDefiningOp<PagedViewOp>();
    std::optional<int64_t> dim = op.getConstantIndex();
    if (!view || !dim || *dim < 0 ||
        *dim >= view.getResult().getType().getRank())
      return rewriter.notifyMatchFailure(op, "expected a dimension of a view");
    ReifiedRankedShapedTypeDims shapes;
    if (failed(view.reifyResultShapes(rewriter, shapes)))
      return failure();
    rewriter.replaceOp(op, getValueOrCreateConstantIndexOp(
                               rewriter, op.getLoc(), shapes[0][*dim]));
    return success();
  }
};
} // namespace

void PagedViewOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<MakeViewStatic, FoldDimOfView>(context);
}

//===----------------------------------------------------------------------===//
// Definition
//===----------------------------------------------------------------------===//

/// The element of the pool for the element of the result at `indices`.
static Value gatherElement(OpBuilder &b, Location loc, PagedViewOp op,
                           ArrayRef<Value> indices, Value pageSize,
                           Value lastPage) {
  Value key = indices[op.getKeyDim()];
  SmallVector<Value> entry(indices.take_front(op.getNumBatches()));
  entry.push_back(arith::DivUIOp::create(b, loc, key, pageSize));
  Value page = tensor::ExtractOp::create(b, loc, op.getTable(), entry);
  if (!page.getType().isIndex())
    page = arith::IndexCastOp::create(b, loc, b.getIndexType(), page);
  page = arith::MinUIOp::create(b, loc, page, lastPage);
  SmallVector<Value> position;
  for (int64_t dim = 0, e = op.getPool().getType().getRank(); dim < e; ++dim) {
    if (dim == int64_t(op.getPageDim()))
      position.push_back(page);
    else if (dim == int64_t(op.getSlotDim()))
      position.push_back(arith::RemUIOp::create(b, loc, key, pageSize));
    else
      position.push_back(indices[op.getResultDim(dim)]);
  }
  return tensor::ExtractOp::create(b, loc, op.getPool(), position);
}

FailureOr<SmallVector<Value>> PagedViewOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  ReifiedRankedShapedTypeDims shapes;
  if (failed(reifyResultShapes(b, shapes)))
    return failure();
  auto sizeOf = [&](int64_t dim) {
    return getValueOrCreateConstantIndexOp(
        b, loc, tensor::getMixedSize(b, loc, getPool(), dim));
  };
  Value pageSize = sizeOf(getSlotDim());
  Value lastPage = b.createOrFold<arith::SubIOp>(
      loc, sizeOf(getPageDim()), arith::ConstantIndexOp::create(b, loc, 1));
  Value empty = tensor::EmptyOp::create(b, loc, shapes[0],
                                        getResult().getType().getElementType());
  unsigned rank = shapes[0].size();
  SmallVector<utils::IteratorType> parallel(rank,
                                            utils::IteratorType::parallel);
  auto gather = linalg::GenericOp::create(
      b, loc, empty.getType(), /*inputs=*/ValueRange(), empty,
      ArrayRef<AffineMap>{b.getMultiDimIdentityMap(rank)}, parallel,
      [&](OpBuilder &b, Location loc, ValueRange) {
        SmallVector<Value> indices;
        for (unsigned dim = 0; dim < rank; ++dim)
          indices.push_back(linalg::IndexOp::create(b, loc, dim));
        linalg::YieldOp::create(
            b, loc, gatherElement(b, loc, *this, indices, pageSize, lastPage));
      });
  Value result = gather.getResult(0);
  if (result.getType() != getResult().getType())
    result = tensor::CastOp::create(b, loc, getResult().getType(), result);
  return SmallVector<Value>{result};
}
