//===- TileRows.cpp - rows in and out of vector lanes -----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A task is a box of row positions, say `th` heads times `tm` queries, and its
// rows are numbered through, innermost dimension first. Row x is lane
// x mod lanes of panel x / lanes. Lanes without a row repeat the last row, so
// that nothing has to be guarded; only rows that exist are written back.
//
//===----------------------------------------------------------------------===//

#include "TileContext.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::mqa;

SmallVector<OpFoldResult> mlir::mqa::getRowPosition(TileContext &tile, Value x,
                                                    bool local) {
  OpBuilder &b = tile.b;
  SmallVector<unsigned> rowDims = tile.shape.getDims(DimRole::Row);
  SmallVector<OpFoldResult> position = tile.offsets;
  if (local)
    for (unsigned dim : tile.shape.getStateDims())
      position[dim] = b.getIndexAttr(0);
  if (rowDims.empty())
    return position;
  Value row = x;
  if (!local) {
    Value last =
        arith::SubIOp::create(b, tile.loc, tile.rowCount, tile.index(1));
    row = arith::MinUIOp::create(b, tile.loc, x, last);
  }
  SmallVector<OpFoldResult> basis;
  for (unsigned dim : rowDims)
    basis.push_back(tile.extents[dim]);
  auto split =
      affine::AffineDelinearizeIndexOp::create(b, tile.loc, row, basis);
  AffineExpr d0, d1;
  bindDims(b.getContext(), d0, d1);
  for (auto [dim, coordinate] : llvm::zip(rowDims, split.getResults()))
    position[dim] = local ? OpFoldResult(coordinate)
                          : affine::makeComposedFoldedAffineApply(
                                b, tile.loc, d0 + d1,
                                {tile.offsets[dim], OpFoldResult(coordinate)});
  return position;
}

/// Splits a tensor [width] into the sizes of `inner`, if it has several.
static Value expandInner(TileContext &tile, Value value,
                         ArrayRef<unsigned> inner) {
  if (inner.size() == 1)
    return value;
  ReassociationIndices all = llvm::to_vector(
      llvm::seq<int64_t>(0, static_cast<int64_t>(inner.size())));
  Type type = tile.tensorOf(tile.staticSizes(inner),
                            getElementTypeOrSelf(value.getType()));
  return tensor::ExpandShapeOp::create(tile.b, tile.loc, type, value,
                                       ArrayRef<ReassociationIndices>{all});
}

/// The inverse of `expandInner`.
static Value collapseInner(TileContext &tile, Value value,
                           ArrayRef<unsigned> inner) {
  if (inner.size() == 1)
    return value;
  ReassociationIndices all = llvm::to_vector(
      llvm::seq<int64_t>(0, static_cast<int64_t>(inner.size())));
  return tensor::CollapseShapeOp::create(tile.b, tile.loc, value,
                                         ArrayRef<ReassociationIndices>{all});
}

static int64_t productOf(ArrayRef<int64_t> sizes) {
  int64_t product = 1;
  for (int64_t size : sizes)
    product *= size;
  return product;
}

/// The slice `[x, 0] [1, width]` of a matrix, as a vector, or its insertion.
static Value extractRow(TileContext &tile, Value rows, Value x, int64_t width) {
  OpBuilder &b = tile.b;
  Type type = tile.tensorOf({width}, getElementTypeOrSelf(rows.getType()));
  SmallVector<OpFoldResult> offsets{x, b.getIndexAttr(0)};
  SmallVector<OpFoldResult> sizes{b.getIndexAttr(1), b.getIndexAttr(width)};
  SmallVector<OpFoldResult> strides(2, b.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(
      b, tile.loc, cast<RankedTensorType>(type), rows, offsets, sizes, strides);
}

static Value insertRow(TileContext &tile, Value row, Value rows, Value x,
                       int64_t width) {
  OpBuilder &b = tile.b;
  SmallVector<OpFoldResult> offsets{x, b.getIndexAttr(0)};
  SmallVector<OpFoldResult> sizes{b.getIndexAttr(1), b.getIndexAttr(width)};
  SmallVector<OpFoldResult> strides(2, b.getIndexAttr(1));
  return tensor::InsertSliceOp::create(b, tile.loc, row, rows, offsets, sizes,
                                       strides);
}

/// [row_block, width] to the shape of `getPackedShape`.
static Value packLanes(TileContext &tile, Value rows);

Value mlir::mqa::packRows(TileContext &tile, Value source, AffineMap map,
                          ArrayRef<unsigned> inner, int64_t padded,
                          double scale) {
  int64_t rowBlock = tile.schedule.getRowBlock();
  int64_t width = productOf(tile.staticSizes(inner));
  Value rows = tile.empty({rowBlock, padded}, tile.compute);
  if (padded != width)
    rows = tile.fill(rows, 0.0);
  SmallVector<unsigned> order = tile.inMapOrder(map, inner);
  rows = buildCountedLoop(
      tile, tile.index(rowBlock), rows, [&](Value x, Value carried) {
        SmallVector<OpFoldResult> position = getRowPosition(tile, x);
        Value from =
            tile.extractAt(source, map, position, order, tile.sizesOf(order));
        Value into =
            expandInner(tile, extractRow(tile, carried, x, width), inner);
        Value copied = tile.copy(from, order, into, inner, scale);
        return insertRow(tile, collapseInner(tile, copied, inner), carried, x,
                         width);
      });
  return packLanes(tile, rows);
}

/// [panels, a, b] or [panels, a, b, c] with `a` and `b` exchanged, in fresh
/// storage.
static Value transposeInner(TileContext &tile, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape(type.getShape());
  std::swap(shape[1], shape[2]);
  SmallVector<unsigned> to = llvm::to_vector(
      llvm::seq<unsigned>(0, static_cast<unsigned>(shape.size())));
  SmallVector<unsigned> from = to;
  std::swap(from[1], from[2]);
  Value into = tile.empty(shape, type.getElementType());
  Value result = tile.copy(value, from, into, to);
  result.getDefiningOp()->setAttr("mqa.role",
                                  tile.b.getStringAttr("transpose"));
  return result;
}

Value mlir::mqa::rowsToLanes(TileContext &tile, Value rows) {
  auto type = cast<RankedTensorType>(rows.getType());
  SmallVector<ReassociationIndices> split{{0, 1}, {2}};
  Value panels = tensor::ExpandShapeOp::create(
      tile.b, tile.loc,
      tile.tensorOf({tile.panels, tile.lanes, type.getDimSize(1)},
                    type.getElementType()),
      rows, split);
  return transposeInner(tile, panels);
}

static Value packLanes(TileContext &tile, Value rows) {
  int64_t depth = tile.schedule.getLaneDepth();
  if (depth == 1)
    return rowsToLanes(tile, rows);
  auto type = cast<RankedTensorType>(rows.getType());
  SmallVector<ReassociationIndices> split{{0, 1}, {2, 3}};
  Value panels = tensor::ExpandShapeOp::create(
      tile.b, tile.loc,
      tile.tensorOf(
          {tile.panels, tile.lanes, type.getDimSize(1) / depth, depth},
          type.getElementType()),
      rows, split);
  return transposeInner(tile, panels);
}

Value mlir::mqa::lanesToRows(TileContext &tile, Value lanes) {
  SmallVector<ReassociationIndices> split{{0, 1}, {2}};
  if (cast<RankedTensorType>(lanes.getType()).getRank() == 4)
    split[1].push_back(3);
  return tensor::CollapseShapeOp::create(tile.b, tile.loc,
                                         transposeInner(tile, lanes), split);
}

/// Panel and lane of row `x`.
static SmallVector<Value> getLane(TileContext &tile, Value x) {
  AffineExpr d0;
  bindDims(tile.b.getContext(), d0);
  auto apply = [&](AffineExpr expr) {
    return tile.materialize(affine::makeComposedFoldedAffineApply(
        tile.b, tile.loc, expr, {OpFoldResult(x)}));
  };
  return {apply(d0.floorDiv(tile.lanes)), apply(d0 % tile.lanes)};
}

Value mlir::mqa::packRowScalars(
    TileContext &tile, Type element,
    function_ref<Value(ArrayRef<OpFoldResult> position)> get) {
  Value into = tile.empty({tile.panels, tile.lanes}, element);
  return buildCountedLoop(tile, tile.index(tile.schedule.getRowBlock()), into,
                          [&](Value x, Value carried) -> Value {
                            Value scalar = get(getRowPosition(tile, x));
                            return tensor::InsertOp::create(tile.b, tile.loc,
                                                            scalar, carried,
                                                            getLane(tile, x));
                          });
}

Value mlir::mqa::unpackRows(TileContext &tile, Value rows, Value into,
                            AffineMap map, ArrayRef<unsigned> inner) {
  SmallVector<unsigned> order = tile.inMapOrder(map, inner);
  return buildCountedLoop(
      tile, tile.rowCount, into, [&](Value x, Value carried) {
        SmallVector<OpFoldResult> position =
            getRowPosition(tile, x, /*local=*/true);
        Value row = expandInner(
            tile, extractRow(tile, rows, x, productOf(tile.staticSizes(inner))),
            inner);
        Value old =
            tile.extractAt(carried, map, position, order, tile.sizesOf(order));
        Value copied = tile.copy(row, inner, old, order);
        return tile.insertAt(copied, carried, map, position, order,
                             tile.sizesOf(order));
      });
}

Value mlir::mqa::unpackRowScalars(TileContext &tile, Value scalars, Value into,
                                  AffineMap map) {
  return buildCountedLoop(
      tile, tile.rowCount, into, [&](Value x, Value carried) -> Value {
        SmallVector<OpFoldResult> position =
            getRowPosition(tile, x, /*local=*/true);
        Value scalar = tensor::ExtractOp::create(tile.b, tile.loc, scalars,
                                                 getLane(tile, x));
        SmallVector<Value> indices;
        for (AffineExpr expr : map.getResults())
          indices.push_back(tile.materialize(
              position[cast<AffineDimExpr>(expr).getPosition()]));
        return tensor::InsertOp::create(tile.b, tile.loc, scalar, carried,
                                        indices);
      });
}
