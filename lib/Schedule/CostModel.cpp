//===- CostModel.cpp - tile sizes for a target ------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// First the register tile: enough accumulators to cover the latency of the
// multiply-add pipes, few loads, no spill. Then blocks of rows and keys: what a
// block of scores uses again and again stays in the first-level cache.
// Constants with a "measured" in their comment come from searches with
// mqa-tune.
//
//===----------------------------------------------------------------------===//

#include "mqa/Schedule/CostModel.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace mlir::mqa;

/// Measured: more accumulators than these gain nothing, and LLVM begins to
/// spill.
static constexpr int64_t kMaxAccumulators = 16;
/// Keys of a tile in panels of one or two rows. Measured: one key after the
/// other is one stream for the memory, 10 to 30 % faster than eight at a time.
static constexpr int64_t kNarrowKeyTile = 1;
/// Cycles from one multiply-add into an accumulator to the next.
static constexpr double kLatency = 4;
/// Reduction steps that are unrolled.
static constexpr int64_t kDepthStep = 4;
/// Rows of a task, where there are so many. Measured: keys or values that are
/// converted a block at a time take twice as many to share that work.
static constexpr int64_t kRowBlock = 64, kRowBlockOfConverted = 128;
/// Keys of a block at the edge of a mask, at least.
static constexpr int64_t kEdgeKeys = 16;
/// Keys that one task takes where they are split.
static constexpr int64_t kSplitKeys = 1024;

int64_t RegisterTile::countRegisters(const TargetDescription &target) const {
  // By lane: the broadcast elements of four steps lie in `tile` registers.
  // Otherwise two, so that the next one is on its way.
  return tile * vectors + vectors + (target.hasLaneFma ? tile : 2);
}

double RegisterTile::countLoads(const TargetDescription &target) const {
  double loads = vectors + (target.hasLaneFma ? tile / 4.0 : tile);
  return loads / (tile * vectors);
}

double RegisterTile::estimateCycles(const TargetDescription &target) const {
  return std::max({0.5, countLoads(target) / 2, kLatency / (tile * vectors)});
}

RegisterTile mlir::mqa::chooseRegisterTile(const TargetDescription &target,
                                           int64_t rows) {
  RegisterTile best{1, 1};
  double bestCost = std::numeric_limits<double>::infinity();
  for (int64_t vectors : {4, 2, 1})
    for (int64_t tile : {16, 8, 6, 4}) {
      RegisterTile candidate{tile, vectors};
      if (candidate.countRegisters(target) > target.registers ||
          tile * vectors > kMaxAccumulators)
        continue;
      // Half of a panel without rows is work for nothing.
      bool isTooWide = !ShapedType::isDynamic(rows) && vectors > 1 &&
                       vectors / 2 * target.lanes >= rows;
      if (isTooWide)
        continue;
      // Among equals, the one with less loads, which leaves the load pipes to
      // what else there is, then the one with less registers.
      double cost = candidate.estimateCycles(target) +
                    candidate.countLoads(target) * 0.1 +
                    candidate.countRegisters(target) * 1e-6;
      if (cost < bestCost) {
        best = candidate;
        bestCost = cost;
      }
    }
  return best;
}

/// The largest power of two up to `tile` that divides `size` rounded up to 4.
static int64_t getValueTile(int64_t size, int64_t tile) {
  int64_t power = int64_t(llvm::bit_floor(uint64_t(tile)));
  if (ShapedType::isDynamic(size))
    return power;
  int64_t padded = llvm::alignTo(std::max<int64_t>(size, 1), 4);
  while (padded % power)
    power /= 2;
  return power;
}

/// Whether a task makes blocks of keys or values of its own from others.
static bool isConverted(const ProblemSize &problem) {
  return problem.keyType != "f32" || problem.valueType != "f32";
}

/// Keys of a block. The scores of a panel take half of the first-level cache.
/// Where several panels of rows read a block of K one after the other, that
/// takes three quarters. A block of K and V that is converted for one panel
/// takes three eighths: what it is made from passes through that cache too.
static int64_t getKeyBlock(const TargetDescription &target,
                           const ProblemSize &problem, int64_t rowBlock,
                           int64_t panel, int64_t unit) {
  int64_t l1 = target.caches.l1 / sizeof(float);
  int64_t keys = l1 / 2 / panel;
  bool isKnown = !ShapedType::isDynamic(problem.depth) &&
                 !ShapedType::isDynamic(problem.value);
  bool isReused = rowBlock > panel;
  if (isKnown && !isReused && isConverted(problem))
    keys = l1 * 3 / 8 / std::max<int64_t>(problem.depth + problem.value, 1);
  else if (isKnown && (isReused || target.registers == 16))
    keys = l1 * 3 / 4 /
           std::max<int64_t>(std::max(problem.depth, problem.value), 1);
  // Measured: larger ones gain nothing, with tiles of six 96 gain 3 % over 60.
  // Where one panel is all rows there are, the next block is on its way from
  // memory; 32 keys are 8 to 15 % faster than 64 then, except in panels of one
  // vector and of one or two rows.
  int64_t most = unit % 12 ? 64 : 96;
  if (!ShapedType::isDynamic(problem.rows) && problem.rows <= panel &&
      panel != target.lanes && panel > 2)
    most = 32;
  keys = std::clamp<int64_t>(keys, 16, most);
  keys = std::max(unit, keys - keys % unit);
  if (ShapedType::isDynamic(problem.keys))
    return keys;
  return std::min<int64_t>(
      keys, llvm::alignTo(std::max<int64_t>(problem.keys, 1), unit));
}

/// Keys of a block at the edge of a mask. Where the ends of what is live are
/// known, small ones: work beyond the ends is work for nothing.
static int64_t getEdgeBlock(const ProblemSize &problem, int64_t keyBlock,
                            int64_t unit) {
  int64_t edge = llvm::alignTo(kEdgeKeys, unit);
  while (edge < keyBlock && keyBlock % edge)
    edge += unit;
  return problem.mask == MaskKind::Bounded && edge < keyBlock ? edge : 0;
}

/// Keys that one task takes. Rows of one task leave the other threads without
/// work, so their keys are split; not by the number of threads or the batch,
/// on which the bits of a result must not depend.
static int64_t getSplitKeys(const ProblemSize &problem, int64_t rowBlock,
                            int64_t keyBlock) {
  bool isOneTask =
      !ShapedType::isDynamic(problem.rows) && problem.rows <= rowBlock;
  int64_t split = llvm::alignTo(kSplitKeys, keyBlock);
  bool isLong = ShapedType::isDynamic(problem.keys) || problem.keys > split;
  return isOneTask && isLong ? split : 0;
}

/// Few rows leave lanes free: those of a row's depth and value go there, if
/// both are whole numbers of tiles.
static void useFreeLanes(const TargetDescription &target,
                         const ProblemSize &problem, ScheduleFields &chosen) {
  if (ShapedType::isDynamic(problem.rows) ||
      ShapedType::isDynamic(problem.depth) ||
      ShapedType::isDynamic(problem.value))
    return;
  // Measured: sixteen accumulators gain 5 % over eight on keys and values that
  // lie in the first-level cache, and lose 10 % on those that come from memory.
  bool hasSixteen = target.registers > kMaxAccumulators && isConverted(problem);
  int64_t most = hasSixteen ? kMaxAccumulators : kMaxAccumulators / 2;
  int64_t rows = std::max<int64_t>(problem.rows, 1);
  for (int64_t panel = llvm::PowerOf2Ceil(rows); 2 * panel <= target.lanes;
       panel *= 2) {
    int64_t lanes = target.lanes / panel, tile = most;
    while (tile > 2 && problem.value % (tile * lanes))
      tile /= 2;
    if (problem.depth % (chosen.depthStep * lanes) ||
        problem.value % (tile * lanes))
      continue;
    chosen.rowBlock = chosen.rowPanel = panel;
    chosen.laneDepth = lanes;
    chosen.keyTile = panel <= 2 ? kNarrowKeyTile : most;
    chosen.valueTile = tile * lanes;
    return;
  }
}

ScheduleFields mlir::mqa::chooseSchedule(const TargetDescription &target,
                                         const ProblemSize &problem) {
  RegisterTile tile = chooseRegisterTile(target, problem.rows);
  ScheduleFields chosen;
  chosen.rowPanel = tile.vectors * target.lanes;
  chosen.rowBlock = std::max(
      isConverted(problem) ? kRowBlockOfConverted : kRowBlock, chosen.rowPanel);
  if (!ShapedType::isDynamic(problem.rows))
    chosen.rowBlock = std::min<int64_t>(
        chosen.rowBlock,
        llvm::alignTo(std::max<int64_t>(problem.rows, 1), chosen.rowPanel));
  chosen.keyTile = tile.tile;
  chosen.valueTile = getValueTile(problem.value, tile.tile);
  chosen.depthStep = kDepthStep;
  chosen.laneDepth = 1;
  useFreeLanes(target, problem, chosen);
  int64_t unit = std::lcm(chosen.keyTile, chosen.depthStep);
  chosen.keyBlock =
      getKeyBlock(target, problem, chosen.rowBlock, chosen.rowPanel, unit);
  chosen.edgeBlock = getEdgeBlock(problem, chosen.keyBlock, unit);
  chosen.splitKeys = getSplitKeys(problem, chosen.rowBlock, chosen.keyBlock);
  return chosen;
}
