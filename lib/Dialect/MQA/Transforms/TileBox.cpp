//===- TileBox.cpp - the rows of one task -----------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A task takes a box of row positions. Its rows are filled innermost dimension
// first. When the mask tells some row dimensions apart (queries) and others not
// (heads), a task takes several heads and fewer queries: what is live differs
// less between its rows, so fewer keys are visited only to be masked.
//
//===----------------------------------------------------------------------===//

#include "TileContext.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include <numeric>

using namespace mlir;
using namespace mlir::mqa;

/// Heads that a task takes before it takes queries: with 64 rows, a task then
/// has 8 queries, and of its last keys fewer than 8 are live for some only.
static constexpr int64_t kPackedHeads = 8;
/// At least so much of a row block has to be filled, in quarters.
static constexpr int64_t kLeastQuarters = 3;

/// The static extents, by position in `rowDims`, that put rows which the mask
/// does not tell apart side by side; nothing if that does not fill a block.
static std::optional<SmallVector<int64_t>>
packAlikeRows(TileContext &tile, ArrayRef<unsigned> rowDims) {
  ArrayRef<bool> dependsOn = tile.mask->getSummary().dependsOn;
  int64_t block = tile.schedule.getRowBlock();
  int64_t alike = 1, differing = 1, all = 1;
  for (unsigned dim : rowDims) {
    std::optional<int64_t> size = getConstantIntValue(tile.sizes[dim]);
    bool differs = dependsOn[dim];
    if (!size && !differs)
      return std::nullopt;
    int64_t capped = std::min<int64_t>(size.value_or(block), block);
    (differs ? differing : alike) *= std::max<int64_t>(capped, 1);
    all = std::min<int64_t>(all * capped, 2 * block);
  }
  if (alike == 1 || differing == 1 || all <= block)
    return std::nullopt;
  int64_t wanted = std::max(kPackedHeads, block / differing);
  SmallVector<int64_t> extents(rowDims.size(), 1);
  int64_t left = block;
  for (bool differs : {false, true})
    for (unsigned i = rowDims.size(); i-- > 0;) {
      if (dependsOn[rowDims[i]] != differs)
        continue;
      int64_t size = getConstantIntValue(tile.sizes[rowDims[i]]).value_or(left);
      if (differs) {
        extents[i] = std::max<int64_t>(std::min(size, left), 1);
      } else {
        extents[i] = std::gcd(std::gcd(size, left), wanted);
        wanted /= extents[i];
      }
      left /= extents[i];
    }
  int64_t rows = 1;
  for (int64_t extent : extents)
    rows *= extent;
  if (4 * rows < kLeastQuarters * block)
    return std::nullopt;
  return extents;
}

SmallVector<Value> mlir::mqa::getRowExtents(TileContext &tile) {
  OpBuilder &b = tile.b;
  SmallVector<unsigned> rowDims = tile.shape.getDims(DimRole::Row);
  SmallVector<Value> extents(rowDims.size());
  Value one = tile.index(1);
  auto fit = [&](unsigned dim, Value most) -> Value {
    Value size = tile.materialize(tile.sizes[dim]);
    Value extent = b.createOrFold<arith::MinUIOp>(tile.loc, size, most);
    return b.createOrFold<arith::MaxUIOp>(tile.loc, extent, one);
  };
  if (std::optional<SmallVector<int64_t>> packed =
          packAlikeRows(tile, rowDims)) {
    for (auto [i, extent] : llvm::enumerate(*packed))
      extents[i] = fit(rowDims[i], tile.index(extent));
    return extents;
  }
  Value left = tile.index(tile.schedule.getRowBlock());
  for (unsigned i = rowDims.size(); i-- > 0;) {
    extents[i] = fit(rowDims[i], left);
    left = b.createOrFold<arith::DivUIOp>(tile.loc, left, extents[i]);
  }
  return extents;
}
