//===- Tile.cpp - online attention by rows and keys -------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builds, for one online attention, the task loop over batches and blocks of
// rows, and in it the loops over blocks of keys. A following finalize moves
// into the task, and so does a state that starts as a fill.
//
//===----------------------------------------------------------------------===//

#include "TileContext.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mqa/Dialect/MQA/Transforms/Passes.h"
#include <limits>

namespace mlir::mqa {
#define GEN_PASS_DEF_TILEPASS
#include "mqa/Dialect/MQA/Transforms/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;
using namespace mlir::mqa;

namespace {

/// A tensor that the tasks write together, and its map over the dimensions of
/// the online attention.
struct SharedOutput {
  Value init;
  AffineMap map;
};

class TaskBuilder {
public:
  TaskBuilder(RewriterBase &rewriter, TileContext &tile)
      : rewriter(rewriter), tile(tile), op(tile.op) {}

  void rewrite();

private:
  FinalizeOp findFinalize();
  SmallVector<SharedOutput> getOutputs(FinalizeOp finalize);
  void enterTask(ValueRange position);
  unsigned getSplitLoop();
  SmallVector<OpFoldResult> getBoxCounts();
  OpFoldResult getBoxNumber();
  OpFoldResult getSplits();
  scf::ForallOp createTaskLoop(ValueRange shared, OpFoldResult splits);
  SmallVector<Value> buildSplitStates(OpFoldResult splits);
  SmallVector<Value> getEmptyState();
  Value getInitialState(unsigned number, Value shared, AffineMap map);
  SmallVector<Value> runKeys(ValueRange state);
  void writeResults(scf::ForallOp forall, FinalizeOp finalize,
                    ArrayRef<SharedOutput> outputs, ValueRange state);
  SmallVector<Value> finalizeTile(FinalizeOp finalize, ValueRange state);
  Value writeBack(Value value, bool perRow, Value part, AffineMap map);

  RewriterBase &rewriter;
  TileContext &tile;
  OnlineAttentionOp op;
  SmallVector<Value> extents; ///< Of a task, by row dimension.
};

/// The finalize that alone uses the whole state, if there is one.
FinalizeOp TaskBuilder::findFinalize() {
  auto finalize = op->getResult(0).hasOneUse()
                      ? dyn_cast<FinalizeOp>(*op->getResult(0).user_begin())
                      : nullptr;
  if (!finalize || finalize->getBlock() != op->getBlock())
    return nullptr;
  for (auto [number, result] : llvm::enumerate(op->getResults()))
    if (!result.hasOneUse() || finalize->getOperand(number) != result)
      return nullptr;
  return finalize;
}

/// The destinations of the tasks: those of `finalize`, or the state's.
SmallVector<SharedOutput> TaskBuilder::getOutputs(FinalizeOp finalize) {
  SmallVector<SharedOutput> outputs;
  ArrayRef<AffineMap> stateMaps = ArrayRef(tile.maps).take_back(3);
  if (!finalize) {
    for (auto [init, map] :
         llvm::zip(op->getOperands().take_back(3), stateMaps))
      outputs.push_back({init, map});
    return outputs;
  }
  // Dimensions of finalize in terms of ours, by the accumulator.
  SmallVector<AffineMap> maps = finalize.getIndexingMapsArray();
  SmallVector<AffineExpr> ours(maps[0].getNumDims());
  for (auto [theirs, own] :
       llvm::zip(maps[0].getResults(), stateMaps[0].getResults()))
    ours[cast<AffineDimExpr>(theirs).getPosition()] = own;
  auto add = [&](Value init, AffineMap map) {
    outputs.push_back({init, map.replaceDimsAndSymbols(
                                 ours, {}, tile.shape.getNumDims(), 0)});
  };
  add(finalize.getOutput(), maps[3]);
  if (finalize.getLogsumexp())
    add(finalize.getLogsumexp(), maps[4]);
  return outputs;
}

/// The loop over splits comes before those over dimensions that are inside of
/// the keys in memory, or not in the keys at all: tasks that follow each other
/// read keys of the same pages.
unsigned TaskBuilder::getSplitLoop() {
  AffineMap keys = tile.maps[1];
  auto find = [&](unsigned dim) {
    return keys.getResultPosition(tile.b.getAffineDimExpr(dim));
  };
  std::optional<unsigned> key = find(tile.keyDim);
  unsigned number = 0;
  for (unsigned dim : tile.shape.getStateDims()) {
    std::optional<unsigned> place = find(dim);
    if (!place || *place > *key)
      break;
    ++number;
  }
  return number;
}

/// Sets the position of the task from the induction variables of the state's
/// dimensions.
void TaskBuilder::enterTask(ValueRange position) {
  OpBuilder &b = tile.b;
  SmallVector<unsigned> dims = tile.shape.getStateDims();
  SmallVector<unsigned> rowDims = tile.shape.getDims(DimRole::Row);
  for (auto [dim, iv] : llvm::zip(dims, position)) {
    tile.offsets[dim] = iv;
    tile.extents[dim] = b.getIndexAttr(1);
  }
  AffineExpr d0, d1, d2;
  bindDims(b.getContext(), d0, d1, d2);
  AffineMap clip = AffineMap::get(3, 0, {d0, d1 - d2}, b.getContext());
  Value count = tile.index(1);
  for (auto [dim, extent] : llvm::zip(rowDims, extents)) {
    tile.extents[dim] = affine::makeComposedFoldedAffineMin(
        b, tile.loc, clip,
        {OpFoldResult(extent), tile.sizes[dim], tile.offsets[dim]});
    count = b.createOrFold<arith::MulIOp>(tile.loc, count,
                                          tile.materialize(tile.extents[dim]));
  }
  tile.rowCount = count;
}

/// Into how many tasks the keys are split; nothing if into one.
OpFoldResult TaskBuilder::getSplits() {
  int64_t keys = tile.schedule.getSplitKeys();
  if (keys == 0)
    return OpFoldResult();
  AffineExpr d0;
  bindDims(tile.b.getContext(), d0);
  OpFoldResult splits = affine::makeComposedFoldedAffineApply(
      tile.b, tile.loc, d0.ceilDiv(keys), {tile.sizes[tile.keyDim]});
  std::optional<int64_t> known = getConstantIntValue(splits);
  return known && *known <= 1 ? OpFoldResult() : splits;
}

/// The state of rows that have seen no key, in lanes.
SmallVector<Value> TaskBuilder::getEmptyState() {
  constexpr double none = -std::numeric_limits<double>::infinity();
  auto rows = [&] {
    return tile.empty({tile.panels, tile.lanes}, tile.compute);
  };
  Value acc = tile.empty(tile.getPackedShape(tile.paddedValue), tile.compute);
  return {tile.fill(acc, 0.0), tile.fill(rows(), none), tile.fill(rows(), 0.0)};
}

/// The task's part of state `number` (acc, max, sum) in lanes.
Value TaskBuilder::getInitialState(unsigned number, Value shared,
                                   AffineMap map) {
  SmallVector<unsigned> inner = tile.shape.getDims(DimRole::Value);
  bool isAcc = number == 0;
  Value init = op->getOperand(op->getNumOperands() - 3 + number);
  auto fill = init.getDefiningOp<linalg::FillOp>();
  FloatAttr constant;
  if (fill && matchPattern(fill.value(), m_Constant(&constant))) {
    Value empty =
        isAcc ? tile.empty(tile.getPackedShape(tile.paddedValue), tile.compute)
              : tile.empty({tile.panels, tile.lanes}, tile.compute);
    return tile.fill(empty, constant.getValueAsDouble());
  }
  Value source = shared ? shared : init;
  if (isAcc)
    return packRows(tile, source, map, inner, tile.paddedValue, 1.0);
  return packRowScalars(tile, tile.compute,
                        [&](ArrayRef<OpFoldResult> position) {
                          return tile.elementAt(source, map, position);
                        });
}

/// Output, packed like the accumulator, and log-sum-exp [panels, lanes].
SmallVector<Value> TaskBuilder::finalizeTile(FinalizeOp finalize,
                                             ValueRange state) {
  OpBuilder &b = tile.b;
  SmallVector<AffineMap> maps = tile.getStateMaps();
  AffineMap output = maps[0], row = maps[1];
  maps.push_back(output);
  SmallVector<Value> inits{
      tile.empty(tile.getPackedShape(tile.paddedValue), tile.compute)};
  Value lse;
  if (finalize.getLogsumexp()) {
    maps.push_back(row);
    lse = tile.empty({tile.panels, tile.lanes}, tile.compute);
    inits.push_back(lse);
  }
  auto tiled = FinalizeOp::create(b, tile.loc, ValueRange(inits).getTypes(),
                                  state[0], state[1], state[2], inits[0], lse,
                                  b.getAffineMapArrayAttr(maps));
  return llvm::to_vector_of<Value>(tiled.getResults());
}

/// Writes rows of the tile into `part`, the task's part of an output.
Value TaskBuilder::writeBack(Value value, bool perRow, Value part,
                             AffineMap map) {
  if (perRow)
    return unpackRowScalars(tile, value, part, map);
  return unpackRows(tile, value, part, map, tile.shape.getDims(DimRole::Value));
}

/// The task loop over batches and boxes of rows and, with `splits`, over those.
scf::ForallOp TaskBuilder::createTaskLoop(ValueRange shared,
                                          OpFoldResult splits) {
  OpBuilder &b = tile.b;
  SmallVector<OpFoldResult> lower, upper, steps;
  auto addLoop = [&](OpFoldResult to, OpFoldResult step) {
    lower.push_back(b.getIndexAttr(0));
    upper.push_back(to);
    steps.push_back(step);
  };
  unsigned row = 0;
  for (unsigned dim : tile.shape.getStateDims())
    addLoop(tile.sizes[dim], tile.shape.getRole(dim) == DimRole::Row
                                 ? getAsOpFoldResult(extents[row++])
                                 : OpFoldResult(b.getIndexAttr(1)));
  unsigned splitLoop = getSplitLoop();
  auto insert = [&](SmallVector<OpFoldResult> &bounds, OpFoldResult bound) {
    bounds.insert(bounds.begin() + splitLoop, bound);
  };
  if (splits || upper.empty()) {
    insert(lower, b.getIndexAttr(0));
    insert(upper, splits ? splits : OpFoldResult(b.getIndexAttr(1)));
    insert(steps, b.getIndexAttr(1));
  }
  auto forall = scf::ForallOp::create(b, tile.loc, lower, upper, steps, shared,
                                      /*mapping=*/std::nullopt);
  forall->setAttr("mqa.tasks", b.getUnitAttr());
  rewriter.setInsertionPoint(forall.getTerminator());
  SmallVector<Value> position = forall.getInductionVars();
  if (splits)
    position.erase(position.begin() + splitLoop);
  enterTask(position);
  return forall;
}

/// The state of the task: all its keys added to `state`.
SmallVector<Value> TaskBuilder::runKeys(ValueRange state) {
  Value packedQuery = packRows(tile, op.getQuery(), tile.maps[0],
                               tile.shape.getDims(DimRole::Depth),
                               tile.paddedDepth, op.getScaleValue());
  RowInputs rows = packRowInputs(tile);
  return buildKeyLoops(tile, rows, packedQuery, state);
}

/// Finalizes the state and writes the task's part of the outputs.
void TaskBuilder::writeResults(scf::ForallOp forall, FinalizeOp finalize,
                               ArrayRef<SharedOutput> outputs,
                               ValueRange state) {
  OpBuilder &b = tile.b;
  SmallVector<Value> results =
      finalize ? finalizeTile(finalize, state) : llvm::to_vector(state);
  results[0] = lanesToRows(tile, results[0]);
  for (auto [number, output] : llvm::enumerate(outputs)) {
    Value shared = forall.getRegionIterArgs()[number];
    SmallVector<OpFoldResult> offsets, sizes, strides;
    for (AffineExpr expr : output.map.getResults()) {
      unsigned dim = cast<AffineDimExpr>(expr).getPosition();
      offsets.push_back(tile.offsets[dim]);
      sizes.push_back(tile.extents[dim]);
      strides.push_back(b.getIndexAttr(1));
    }
    Value part = tensor::ExtractSliceOp::create(b, tile.loc, shared, offsets,
                                                sizes, strides);
    part = writeBack(results[number], /*perRow=*/number != 0, part, output.map);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(forall.getTerminator().getBody());
    tensor::ParallelInsertSliceOp::create(b, tile.loc, part, shared, offsets,
                                          sizes, strides);
  }
}

/// The number of the task among boxes of rows, in the order of the loops.
OpFoldResult TaskBuilder::getBoxNumber() {
  OpBuilder &b = tile.b;
  AffineExpr d0, d1, d2;
  bindDims(b.getContext(), d0, d1, d2);
  unsigned row = 0;
  OpFoldResult number = b.getIndexAttr(0);
  for (auto [dim, count] :
       llvm::zip(tile.shape.getStateDims(), getBoxCounts())) {
    OpFoldResult at = tile.offsets[dim];
    if (tile.shape.getRole(dim) == DimRole::Row) {
      at = getAsOpFoldResult(b.createOrFold<arith::DivUIOp>(
          tile.loc, tile.materialize(at), extents[row++]));
    }
    number = affine::makeComposedFoldedAffineApply(
        b, tile.loc,
        AffineMap::get(2, 1,
                       b.getAffineDimExpr(0) * b.getAffineSymbolExpr(0) +
                           b.getAffineDimExpr(1)),
        {number, at, count});
  }
  return number;
}

/// Boxes of rows along every batch and row dimension.
SmallVector<OpFoldResult> TaskBuilder::getBoxCounts() {
  OpBuilder &b = tile.b;
  SmallVector<OpFoldResult> counts;
  unsigned row = 0;
  for (unsigned dim : tile.shape.getStateDims()) {
    OpFoldResult count = tile.sizes[dim];
    if (tile.shape.getRole(dim) == DimRole::Row)
      count = getAsOpFoldResult(b.createOrFold<arith::CeilDivUIOp>(
          tile.loc, tile.materialize(count), extents[row++]));
    counts.push_back(count);
  }
  return counts;
}

/// One state per box of rows and split of the keys, in a task loop of its own.
SmallVector<Value> TaskBuilder::buildSplitStates(OpFoldResult splits) {
  OpBuilder &b = tile.b;
  AffineExpr d0, d1;
  bindDims(b.getContext(), d0, d1);
  Value lines = tile.materialize(splits);
  for (OpFoldResult count : getBoxCounts())
    lines =
        b.createOrFold<arith::MulIOp>(tile.loc, lines, tile.materialize(count));
  SmallVector<Value> shared = makeSplitStates(tile, getAsOpFoldResult(lines));
  scf::ForallOp forall = createTaskLoop(shared, splits);
  OpFoldResult split = forall.getInductionVars()[getSplitLoop()];
  int64_t keys = tile.schedule.getSplitKeys();
  tile.splitBegin =
      affine::makeComposedFoldedAffineApply(b, tile.loc, d0 * keys, {split});
  tile.splitEnd = affine::makeComposedFoldedAffineMin(
      b, tile.loc, AffineMap::get(2, 0, {d0 * keys + keys, d1}, b.getContext()),
      {split, tile.sizes[tile.keyDim]});
  SmallVector<Value> state = runKeys(getEmptyState());
  tile.splitBegin = tile.splitEnd = std::nullopt;
  OpFoldResult line = affine::makeComposedFoldedAffineApply(
      b, tile.loc,
      AffineMap::get(2, 1,
                     b.getAffineDimExpr(0) * b.getAffineSymbolExpr(0) +
                         b.getAffineDimExpr(1)),
      {getBoxNumber(), split, splits});
  storeSplitState(tile, forall, state, line);
  rewriter.setInsertionPointAfter(forall);
  return llvm::to_vector_of<Value>(forall.getResults());
}

void TaskBuilder::rewrite() {
  OpBuilder &b = tile.b;
  FinalizeOp finalize = findFinalize();
  Operation *last = finalize ? finalize.getOperation() : op.getOperation();
  rewriter.setInsertionPoint(last);
  SmallVector<SharedOutput> outputs = getOutputs(finalize);
  extents = getRowExtents(tile);
  SmallVector<Value> splitStates;
  OpFoldResult splits = getSplits();
  if (splits)
    splitStates = buildSplitStates(splits);

  auto inits = llvm::map_to_vector(
      outputs, [](const SharedOutput &output) { return output.init; });
  scf::ForallOp forall = createTaskLoop(inits, OpFoldResult());
  ArrayRef<BlockArgument> shared = forall.getRegionIterArgs();
  ArrayRef<AffineMap> stateMaps = ArrayRef(tile.maps).take_back(3);
  SmallVector<Value> state;
  for (unsigned number = 0; number < 3; ++number)
    state.push_back(getInitialState(
        number, finalize ? Value() : Value(shared[number]), stateMaps[number]));
  if (splits) {
    OpFoldResult first = affine::makeComposedFoldedAffineApply(
        b, tile.loc,
        AffineMap::get(1, 1, b.getAffineDimExpr(0) * b.getAffineSymbolExpr(0)),
        {getBoxNumber(), splits});
    state = mergeSplitStates(tile, splitStates, first, splits, state);
  } else {
    state = runKeys(state);
  }
  writeResults(forall, finalize, outputs, state);
  rewriter.replaceOp(last, forall.getResults());
  if (finalize)
    rewriter.eraseOp(op);
}

struct TilePass final : mqa::impl::TilePassBase<TilePass> {
  using Base::Base;
  void runOnOperation() override {
    SmallVector<OnlineAttentionOp> ops;
    getOperation()->walk([&](OnlineAttentionOp op) {
      if (op.getScheduleAttr())
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (OnlineAttentionOp op : ops) {
      rewriter.setInsertionPoint(op);
      FailureOr<TileContext> tile = TileContext::get(rewriter, op);
      if (failed(tile)) {
        signalPassFailure();
        return;
      }
      TaskBuilder(rewriter, *tile).rewrite();
    }
  }
};

} // namespace
