//===- TileLoops.cpp - loops over the live keys of a task -------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The mask analysis says which keys can be live for the rows of a task, and
// which of them are live for all rows. From that follow the loops:
//
// - When those bounds are exact, a loop over whole blocks of full keys, which
//   knows nothing of the mask, and one over (smaller) blocks at both edges,
//   which applies it. The two edges share a loop, so that its body exists once.
// - Otherwise one loop over all blocks of the live ranges, in which every block
//   is classified: full, masked, or not visited.
//
// Blocks need not lie on a grid: they start where the live keys start. Only
// the last block of an edge or a range can reach beyond the live keys.
//
//===----------------------------------------------------------------------===//

#include "TileContext.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::mqa;

namespace {

class KeyLoops {
public:
  KeyLoops(TileContext &tile, const RowInputs &rows, Value packedQuery)
      : tile(tile), b(tile.b), rows(rows), packedQuery(packedQuery) {}

  SmallVector<Value> build(ValueRange state);

private:
  using Body = function_ref<SmallVector<Value>(Value iv, ValueRange carried)>;

  SmallVector<Value> buildOuter(unsigned level, ValueRange state);
  SmallVector<Value> buildExact(const LiveKeys &keys, ValueRange state);
  SmallVector<Value> buildClassified(const LiveKeys &keys, const RowBox &box,
                                     ValueRange state);
  SmallVector<Value> buildClassifiedBlock(const KeyRange &range, Value start,
                                          const RowBox &box,
                                          ValueRange carried);
  SmallVector<Value> buildLoop(OpFoldResult from, OpFoldResult to, int64_t step,
                               ValueRange state, Body body);
  SmallVector<Value> buildIf(OpFoldResult condition, ValueRange state,
                             function_ref<SmallVector<Value>()> then,
                             function_ref<SmallVector<Value>()> otherwise);
  SmallVector<Value> buildBlock(const KeyBlock &block, ValueRange carried) {
    return buildKeyBlock(tile, rows, packedQuery, block, carried);
  }

  LiveKeys clip(LiveKeys keys);
  OpFoldResult apply(AffineExpr expr, ArrayRef<OpFoldResult> operands) {
    return affine::makeComposedFoldedAffineApply(
        b, tile.loc, AffineMap::get(operands.size(), 0, expr), operands);
  }
  OpFoldResult min(OpFoldResult lhs, OpFoldResult rhs);
  OpFoldResult max(OpFoldResult lhs, OpFoldResult rhs);

  TileContext &tile;
  OpBuilder &b;
  const RowInputs &rows;
  Value packedQuery;
};

} // namespace

OpFoldResult KeyLoops::min(OpFoldResult lhs, OpFoldResult rhs) {
  if (lhs == rhs)
    return lhs;
  return affine::makeComposedFoldedAffineMin(
      b, tile.loc, b.getMultiDimIdentityMap(2), {lhs, rhs});
}

OpFoldResult KeyLoops::max(OpFoldResult lhs, OpFoldResult rhs) {
  // Sizes are not negative.
  OpFoldResult size = tile.sizes[tile.keyDim];
  if (lhs == rhs || (lhs == size && getConstantIntValue(rhs) == 0))
    return lhs;
  return affine::makeComposedFoldedAffineMax(
      b, tile.loc, b.getMultiDimIdentityMap(2), {lhs, rhs});
}

/// The positions of the task.
static RowBox getRowBox(TileContext &tile) {
  RowBox box{tile.offsets, tile.offsets};
  AffineExpr d0, d1;
  bindDims(tile.b.getContext(), d0, d1);
  for (unsigned dim : tile.shape.getDims(DimRole::Row))
    box.last[dim] = affine::makeComposedFoldedAffineApply(
        tile.b, tile.loc, d0 + d1 - 1, {tile.offsets[dim], tile.extents[dim]});
  return box;
}

SmallVector<Value> KeyLoops::buildLoop(OpFoldResult from, OpFoldResult to,
                                       int64_t step, ValueRange state,
                                       Body body) {
  std::optional<int64_t> staticFrom = getConstantIntValue(from);
  std::optional<int64_t> staticTo = getConstantIntValue(to);
  if (from == to || (staticFrom && staticTo && *staticTo <= *staticFrom))
    return llvm::to_vector(state);
  // The body is built in the loop: it may ask where the keys start.
  auto loop = scf::ForOp::create(b, tile.loc, tile.materialize(from),
                                 tile.materialize(to), tile.index(step), state);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(loop.getBody());
  SmallVector<Value> next =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(b, tile.loc, next);
  return llvm::to_vector_of<Value>(loop.getResults());
}

SmallVector<Value>
KeyLoops::buildIf(OpFoldResult condition, ValueRange state,
                  function_ref<SmallVector<Value>()> then,
                  function_ref<SmallVector<Value>()> otherwise) {
  if (std::optional<int64_t> known = getConstantIntValue(condition))
    return *known ? then() : otherwise();
  Value flag = cast<Value>(condition);
  auto branch = scf::IfOp::create(b, tile.loc, state.getTypes(), flag,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(branch.thenBlock());
  SmallVector<Value> results = then();
  scf::YieldOp::create(b, tile.loc, results);
  b.setInsertionPointToEnd(branch.elseBlock());
  results = otherwise();
  scf::YieldOp::create(b, tile.loc, results);
  return llvm::to_vector_of<Value>(branch.getResults());
}

/// Whether `range` is known to be a whole number of blocks.
static bool isWholeBlocks(const KeyRange &range, int64_t block) {
  std::optional<int64_t> begin = getConstantIntValue(range.begin);
  std::optional<int64_t> end = getConstantIntValue(range.end);
  return begin && end && (*end - *begin) % block == 0;
}

/// Whether two values are the same dimension of the same tensor.
static bool isSameSize(OpFoldResult lhs, OpFoldResult rhs) {
  auto dimOf = [](OpFoldResult size) {
    auto value = dyn_cast<Value>(size);
    return value ? value.getDefiningOp<tensor::DimOp>() : nullptr;
  };
  tensor::DimOp lhsDim = dimOf(lhs), rhsDim = dimOf(rhs);
  return lhsDim && rhsDim && lhsDim.getSource() == rhsDim.getSource() &&
         lhsDim.getConstantIndex() &&
         lhsDim.getConstantIndex() == rhsDim.getConstantIndex();
}

/// The part of `keys` that the task has: all of them, or those of its split.
/// Bounds that are the number of keys become the same value everywhere.
LiveKeys KeyLoops::clip(LiveKeys keys) {
  OpFoldResult size = tile.sizes[tile.keyDim];
  for (KeyRange *range : {&keys.live[0], &keys.live.back(), &keys.full})
    for (OpFoldResult *bound : {&range->begin, &range->end})
      if (isSameSize(*bound, size))
        *bound = size;
  if (!tile.splitBegin)
    return keys;
  for (KeyRange *range : {&keys.live[0], &keys.live.back(), &keys.full}) {
    range->begin = max(range->begin, *tile.splitBegin);
    range->end = min(range->end, *tile.splitEnd);
  }
  return keys;
}

/// Whole blocks of full keys, then the edges before and after them. When no
/// block can be full, whole blocks of live keys are masked like the edges.
SmallVector<Value> KeyLoops::buildExact(const LiveKeys &keys,
                                        ValueRange state) {
  AffineExpr d0, d1;
  bindDims(b.getContext(), d0, d1);
  int64_t block = tile.schedule.getKeyBlock();
  int64_t edge = tile.schedule.getEdgeKeys();
  OpFoldResult begin = keys.live[0].begin;
  OpFoldResult end = max(keys.live[0].end, begin);
  bool canBeFull = tile.mask->getSummary().canBeFull;
  const KeyRange &whole = canBeFull ? keys.full : keys.live[0];
  // Blocks of the left edge, up to the first full key.
  OpFoldResult left = b.getIndexAttr(0);
  if (whole.begin != begin)
    left = apply((d0 - d1).ceilDiv(edge),
                 {max(min(whole.begin, end), begin), begin});
  OpFoldResult fullBegin = apply(d0 + d1 * edge, {begin, left});
  OpFoldResult fullEnd = max(min(whole.end, end), fullBegin);
  OpFoldResult blocks = apply((d0 - d1).floorDiv(block), {fullEnd, fullBegin});
  OpFoldResult fullStop = apply(d0 + d1 * block, {fullBegin, blocks});
  SmallVector<Value> result = buildLoop(
      fullBegin, fullStop, block, state, [&](Value iv, ValueRange carried) {
        return buildBlock({iv, block, Value(), /*masked=*/!canBeFull}, carried);
      });
  Value stop = tile.materialize(end);
  auto edgeBlock = [&](OpFoldResult start, ValueRange carried) {
    return buildBlock({tile.materialize(start), edge, stop, /*masked=*/true},
                      carried);
  };
  if (getConstantIntValue(left) == 0)
    return buildLoop(
        fullStop, end, edge, result,
        [&](Value iv, ValueRange carried) { return edgeBlock(iv, carried); });
  // The left edge may already reach beyond the last live key.
  OpFoldResult right =
      max(apply((d0 - d1).ceilDiv(edge), {end, fullStop}), b.getIndexAttr(0));
  OpFoldResult rightBase = apply(d0 - d1 * edge, {fullStop, left});
  return buildLoop(
      b.getIndexAttr(0), apply(d0 + d1, {left, right}), 1, result,
      [&](Value iv, ValueRange carried) {
        Value isLeft = arith::CmpIOp::create(
            b, tile.loc, arith::CmpIPredicate::ult, iv, tile.materialize(left));
        Value base = arith::SelectOp::create(b, tile.loc, isLeft,
                                             tile.materialize(begin),
                                             tile.materialize(rightBase));
        return edgeBlock(
            apply(d0 + d1 * edge, {OpFoldResult(base), OpFoldResult(iv)}),
            carried);
      });
}

/// One block of a live range, by its class.
SmallVector<Value> KeyLoops::buildClassifiedBlock(const KeyRange &range,
                                                  Value start,
                                                  const RowBox &box,
                                                  ValueRange carried) {
  AffineExpr d0, d1;
  bindDims(b.getContext(), d0, d1);
  int64_t block = tile.schedule.getKeyBlock();
  OpFoldResult next = apply(d0 + block, {OpFoldResult(start)});
  KeyRange keys{start, min(next, range.end)};
  BlockClass verdict = tile.mask->emitClassify(b, tile.loc, box, keys);
  auto masked = [&]() {
    return buildIf(
        verdict.empty, carried, [&] { return llvm::to_vector(carried); },
        [&] {
          Value end = isWholeBlocks(range, block) ? Value()
                                                  : tile.materialize(range.end);
          return buildBlock({start, block, end, /*masked=*/true}, carried);
        });
  };
  OpFoldResult full = verdict.full;
  if (getConstantIntValue(full) != 0) {
    Value whole = arith::CmpIOp::create(b, tile.loc, arith::CmpIPredicate::ule,
                                        tile.materialize(next),
                                        tile.materialize(range.end));
    full = b.createOrFold<arith::AndIOp>(
        tile.loc, whole, getValueOrCreateConstantIntOp(b, tile.loc, full));
  }
  return buildIf(
      full, carried,
      [&] {
        return buildBlock({start, block, Value(), /*masked=*/false}, carried);
      },
      masked);
}

/// All blocks of the live ranges, in one loop.
SmallVector<Value> KeyLoops::buildClassified(const LiveKeys &keys,
                                             const RowBox &box,
                                             ValueRange state) {
  AffineExpr d0, d1;
  bindDims(b.getContext(), d0, d1);
  int64_t block = tile.schedule.getKeyBlock();
  auto countBlocks = [&](const KeyRange &range) {
    return max(apply((d0 - d1).ceilDiv(block), {range.end, range.begin}),
               b.getIndexAttr(0));
  };
  const KeyRange &first = keys.live[0], &second = keys.live.back();
  if (keys.live.size() == 1)
    return buildLoop(first.begin, first.end, block, state,
                     [&](Value iv, ValueRange carried) {
                       return buildClassifiedBlock(first, iv, box, carried);
                     });
  OpFoldResult split = countBlocks(first);
  OpFoldResult count = apply(d0 + d1, {split, countBlocks(second)});
  return buildLoop(
      b.getIndexAttr(0), count, 1, state, [&](Value iv, ValueRange carried) {
        Value isFirst =
            arith::CmpIOp::create(b, tile.loc, arith::CmpIPredicate::ult, iv,
                                  tile.materialize(split));
        auto select = [&](OpFoldResult lhs, OpFoldResult rhs) {
          return arith::SelectOp::create(b, tile.loc, isFirst,
                                         tile.materialize(lhs),
                                         tile.materialize(rhs))
              .getResult();
        };
        Value base =
            select(first.begin, apply(d0 - d1 * block, {second.begin, split}));
        KeyRange range{base, select(first.end, second.end)};
        Value start = tile.materialize(
            apply(d0 + d1 * block, {OpFoldResult(base), OpFoldResult(iv)}));
        return buildClassifiedBlock(range, start, box, carried);
      });
}

/// Loops over the outer key dimensions, one key at a time.
SmallVector<Value> KeyLoops::buildOuter(unsigned level, ValueRange state) {
  SmallVector<unsigned> outer = tile.shape.getDims(DimRole::Key);
  outer.pop_back();
  if (level < outer.size())
    return buildLoop(b.getIndexAttr(0), tile.sizes[outer[level]], 1, state,
                     [&](Value iv, ValueRange carried) {
                       tile.offsets[outer[level]] = iv;
                       return buildOuter(level + 1, carried);
                     });
  RowBox box = getRowBox(tile);
  LiveKeys keys = clip(tile.mask->emitLiveKeys(b, tile.loc, box));
  if (tile.mask->getSummary().exact && keys.live.size() == 1)
    return buildExact(keys, state);
  return buildClassified(keys, box, state);
}

SmallVector<Value> KeyLoops::build(ValueRange state) {
  return buildOuter(0, state);
}

SmallVector<Value> mlir::mqa::buildKeyLoops(TileContext &tile,
                                            const RowInputs &rows,
                                            Value packedQuery,
                                            ValueRange state) {
  return KeyLoops(tile, rows, packedQuery).build(state);
}
