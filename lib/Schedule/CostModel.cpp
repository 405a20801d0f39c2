//===- CostModel.cpp - tile sizes for a target ------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The register tile is `tile` broadcast elements times `panel` lanes. It has
// to hold enough accumulators to cover the latency of the FMA pipes (8 vectors
// on AVX2, 16 on AVX-512), to need at most 0.75 loads per FMA, and to leave
// registers for the operands. Blocks are sized for the first-level cache.
//
//===----------------------------------------------------------------------===//

#include "mqa/Schedule/CostModel.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace mlir::mqa;

ProblemSize mlir::mqa::getProblemSize(Operation *op,
                                      const AttentionShape &shape,
                                      ArrayRef<AffineMap> maps) {
  SmallVector<int64_t> sizes(shape.getNumDims(), ShapedType::kDynamic);
  for (auto [operand, map] : llvm::zip(op->getOperands(), maps))
    for (auto [position, expr] : llvm::enumerate(map.getResults())) {
      int64_t size = cast<ShapedType>(operand.getType()).getDimSize(position);
      if (!ShapedType::isDynamic(size))
        sizes[cast<AffineDimExpr>(expr).getPosition()] = size;
    }
  auto product = [&](ArrayRef<unsigned> dims) {
    int64_t result = 1;
    for (unsigned dim : dims) {
      if (ShapedType::isDynamic(sizes[dim]))
        return ShapedType::kDynamic;
      result = llvm::SaturatingMultiply<uint64_t>(result, sizes[dim]);
    }
    return result;
  };
  return {product(shape.getDims(DimRole::Row)),
          sizes[shape.getDims(DimRole::Key).back()],
          product(shape.getDims(DimRole::Depth)),
          product(shape.getDims(DimRole::Value))};
}

/// The largest power of two up to `tile` that divides `size` rounded up to 4.
static int64_t dividingTile(int64_t size, int64_t tile) {
  int64_t padded = llvm::alignTo(std::max<int64_t>(size, 1), 4);
  while (padded % tile)
    tile /= 2;
  return tile;
}

ScheduleAttr mlir::mqa::chooseSchedule(MLIRContext *context,
                                       const TargetDescription &target,
                                       const ProblemSize &problem) {
  // Vectors of a panel, and rows of the register tile that go with it.
  int64_t vectors = target.hasAVX512 ? 4 : 2;
  int64_t tile = 4;
  if (target.registers == 32 && !target.hasAVX512)
    tile = 8; // NEON: 8 x 8
  int64_t rowBlock = 64;
  bool rowsKnown = !ShapedType::isDynamic(problem.rows);
  // Few rows (decoding): narrower panels, taller tiles.
  if (rowsKnown) {
    while (vectors > 1 && (vectors / 2) * target.lanes >= problem.rows) {
      vectors /= 2;
      tile *= 2;
    }
    tile = std::min<int64_t>(tile, 8);
  }
  int64_t panel = vectors * target.lanes;
  if (rowsKnown)
    rowBlock = std::min<int64_t>(
        rowBlock, llvm::alignTo(std::max<int64_t>(problem.rows, 1), panel));
  rowBlock = std::max(rowBlock, panel);

  // Scores, K and V of a block share the first-level cache (32 KiB on the
  // cores with AVX2).
  int64_t keyTile = tile, keyBlock = 64;
  bool wide = std::max(problem.depth, problem.value) > 64;
  if (target.registers == 16)
    keyBlock = wide ? 32 : 64;
  // Eight accumulators just cover the latency of the FMAs; with 16 registers
  // there is room for twelve. Columns of the output rarely divide by 6.
  if (target.registers == 16 && vectors == 2) {
    keyTile = 6;
    keyBlock = wide ? 48 : 96;
  }
  constexpr int64_t depthStep = 4;
  if (!ShapedType::isDynamic(problem.keys))
    keyBlock = std::min<int64_t>(
        keyBlock, llvm::alignTo(std::max<int64_t>(problem.keys, 1),
                                std::lcm(keyTile, depthStep)));
  int64_t valueTile = ShapedType::isDynamic(problem.value)
                          ? tile
                          : dividingTile(problem.value, tile);
  return ScheduleAttr::get(context, rowBlock, panel, keyBlock, keyTile,
                           valueTile, depthStep,
                           /*edge_block=*/0, /*split_keys=*/0,
                           /*lane_depth=*/1);
}
