//===- TileSplits.cpp - keys of a row split over tasks ----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With `split_keys`, a first task loop makes one state per block of rows and
// split of its keys; a second one merges the states of each block of rows. The
// states lie in memory as they lie in the lanes, one line per task:
//
//   acc [row boxes * splits, panels * value * lanes],
//   max, sum [row boxes * splits, panels * lanes]
//
// Splits have a fixed number of keys and are merged in the order of the keys,
// so a result depends on neither the batch nor the number of threads.
//
//===----------------------------------------------------------------------===//

#include "TileContext.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::mqa;

/// The shape of part `number` (acc, max, sum) of a state in lanes.
static SmallVector<int64_t> getStateShape(TileContext &tile, unsigned number) {
  if (number == 0)
    return tile.getPackedShape(tile.paddedValue);
  return {tile.panels, tile.lanes};
}

static int64_t getLineWidth(TileContext &tile, unsigned number) {
  int64_t width = 1;
  for (int64_t size : getStateShape(tile, number))
    width *= size;
  return width;
}

/// Between the shape of a state and one line [1, width] of all states: grouped
/// once to [width] and once to [1, width].
static SmallVector<ReassociationIndices> groupAll(unsigned rank) {
  ReassociationIndices all =
      llvm::to_vector(llvm::seq<int64_t>(0, static_cast<int64_t>(rank)));
  return {all};
}

static Value toLine(TileContext &tile, Value state, unsigned number) {
  OpBuilder &b = tile.b;
  SmallVector<int64_t> shape = getStateShape(tile, number);
  Value flat = tensor::CollapseShapeOp::create(b, tile.loc, state,
                                               groupAll(shape.size()));
  return tensor::ExpandShapeOp::create(
      b, tile.loc, tile.tensorOf({1, getLineWidth(tile, number)}, tile.compute),
      flat, groupAll(2));
}

static Value fromLine(TileContext &tile, Value line, unsigned number) {
  OpBuilder &b = tile.b;
  SmallVector<int64_t> shape = getStateShape(tile, number);
  Value flat = tensor::CollapseShapeOp::create(b, tile.loc, line, groupAll(2));
  return tensor::ExpandShapeOp::create(b, tile.loc,
                                       tile.tensorOf(shape, tile.compute), flat,
                                       groupAll(shape.size()));
}

namespace {
/// Where line `line` of the states of part `number` lies.
struct LineSlice {
  SmallVector<OpFoldResult> offsets, sizes, strides;
  LineSlice(TileContext &tile, OpFoldResult line, unsigned number)
      : offsets{line, tile.b.getIndexAttr(0)},
        sizes{tile.b.getIndexAttr(1),
              tile.b.getIndexAttr(getLineWidth(tile, number))},
        strides(2, tile.b.getIndexAttr(1)) {}
};
} // namespace

SmallVector<Value> mlir::mqa::makeSplitStates(TileContext &tile,
                                              OpFoldResult lines) {
  SmallVector<Value> states;
  for (unsigned number = 0; number < 3; ++number) {
    OpFoldResult width = tile.b.getIndexAttr(getLineWidth(tile, number));
    states.push_back(tensor::EmptyOp::create(
        tile.b, tile.loc, ArrayRef<OpFoldResult>{lines, width}, tile.compute));
  }
  return states;
}

void mlir::mqa::storeSplitState(TileContext &tile, scf::ForallOp forall,
                                ValueRange state, OpFoldResult line) {
  OpBuilder &b = tile.b;
  for (unsigned number = 0; number < 3; ++number) {
    Value value = toLine(tile, state[number], number);
    LineSlice slice(tile, line, number);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(forall.getTerminator().getBody());
    tensor::ParallelInsertSliceOp::create(
        b, tile.loc, value, forall.getRegionIterArgs()[number], slice.offsets,
        slice.sizes, slice.strides);
  }
}

/// One state of a tile merged into another.
static SmallVector<Value> mergeTiles(TileContext &tile, ValueRange lhs,
                                     ValueRange into) {
  OpBuilder &b = tile.b;
  SmallVector<AffineMap> maps = tile.getStateMaps();
  llvm::append_range(maps, tile.getStateMaps());
  auto merge =
      MergeOp::create(b, tile.loc, into.getTypes(), lhs[0], lhs[1], lhs[2],
                      into[0], into[1], into[2], b.getAffineMapArrayAttr(maps));
  return llvm::to_vector_of<Value>(merge.getResults());
}

SmallVector<Value> mlir::mqa::mergeSplitStates(TileContext &tile,
                                               ValueRange states,
                                               OpFoldResult firstLine,
                                               OpFoldResult splits,
                                               ValueRange initial) {
  OpBuilder &b = tile.b;
  AffineExpr d0, d1;
  bindDims(b.getContext(), d0, d1);
  auto loop = scf::ForOp::create(
      b, tile.loc, tile.index(0), tile.materialize(splits), tile.index(1),
      initial, [&](OpBuilder &, Location loc, Value iv, ValueRange carried) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToEnd(iv.getParentBlock());
        OpFoldResult line = affine::makeComposedFoldedAffineApply(
            b, loc, d0 + d1, {firstLine, OpFoldResult(iv)});
        SmallVector<Value> state;
        for (unsigned number = 0; number < 3; ++number) {
          LineSlice slice(tile, line, number);
          Value value = tensor::ExtractSliceOp::create(
              b, loc, states[number], slice.offsets, slice.sizes,
              slice.strides);
          state.push_back(fromLine(tile, value, number));
        }
        SmallVector<Value> merged = mergeTiles(tile, state, carried);
        scf::YieldOp::create(b, loc, merged);
      });
  return llvm::to_vector_of<Value>(loop.getResults());
}
