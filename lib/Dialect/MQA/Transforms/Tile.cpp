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
  SmallVector<Value> getRowExtents();
  void enterTask(scf::ForallOp forall, ArrayRef<Value> extents);
  Value getInitialState(unsigned number, Value shared, AffineMap map);
  SmallVector<Value> buildKeyLoops(const RowInputs &rows, Value packedQuery,
                                   SmallVector<Value> state);
  SmallVector<Value> buildBlockLoop(const RowInputs &rows, Value packedQuery,
                                    Value from, Value to, ValueRange state,
                                    bool tail);
  SmallVector<Value> finalizeTile(FinalizeOp finalize, ValueRange state);
  Value writeBack(Value value, bool perRow, Value part, AffineMap map);

  RewriterBase &rewriter;
  TileContext &tile;
  OnlineAttentionOp op;
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

/// The box of rows of a task, innermost dimension first, of at most row_block
/// rows; by row dimension, at least 1.
SmallVector<Value> TaskBuilder::getRowExtents() {
  OpBuilder &b = tile.b;
  SmallVector<unsigned> rowDims = tile.shape.getDims(DimRole::Row);
  SmallVector<Value> extents(rowDims.size());
  Value one = tile.index(1);
  Value left = tile.index(tile.schedule.getRowBlock());
  for (unsigned i = rowDims.size(); i-- > 0;) {
    Value size = tile.materialize(tile.sizes[rowDims[i]]);
    Value fit = b.createOrFold<arith::MinUIOp>(tile.loc, size, left);
    extents[i] = b.createOrFold<arith::MaxUIOp>(tile.loc, fit, one);
    left = b.createOrFold<arith::DivUIOp>(tile.loc, left, extents[i]);
  }
  return extents;
}

/// Sets the position of the task from the loop's induction variables.
void TaskBuilder::enterTask(scf::ForallOp forall, ArrayRef<Value> extents) {
  OpBuilder &b = tile.b;
  SmallVector<unsigned> dims = tile.shape.getStateDims();
  SmallVector<unsigned> rowDims = tile.shape.getDims(DimRole::Row);
  for (auto [dim, iv] : llvm::zip(dims, forall.getInductionVars())) {
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

/// The task's part of state `number` (acc, max, sum) in lanes.
Value TaskBuilder::getInitialState(unsigned number, Value shared,
                                   AffineMap map) {
  SmallVector<unsigned> inner = tile.shape.getDims(DimRole::Value);
  bool isAcc = number == 0;
  Value init = op->getOperand(op->getNumOperands() - 3 + number);
  auto fill = init.getDefiningOp<linalg::FillOp>();
  FloatAttr constant;
  if (fill && matchPattern(fill.value(), m_Constant(&constant))) {
    Value empty = isAcc
                      ? tile.empty({tile.panels, tile.paddedValue, tile.lanes},
                                   tile.compute)
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

SmallVector<Value> TaskBuilder::buildBlockLoop(const RowInputs &rows,
                                               Value packedQuery, Value from,
                                               Value to, ValueRange state,
                                               bool tail) {
  OpBuilder &b = tile.b;
  Value step = tile.index(tile.schedule.getKeyBlock());
  auto loop = scf::ForOp::create(
      b, tile.loc, from, to, step, state,
      [&](OpBuilder &, Location loc, Value iv, ValueRange carried) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToEnd(iv.getParentBlock());
        SmallVector<Value> next = buildKeyBlock(
            tile, rows, packedQuery,
            {iv, tile.schedule.getKeyBlock(), tail ? to : Value(), true},
            carried);
        scf::YieldOp::create(b, loc, next);
      });
  return llvm::to_vector_of<Value>(loop.getResults());
}

/// Loops over the outer key dimensions, one key at a time, and over blocks of
/// the innermost one.
SmallVector<Value> TaskBuilder::buildKeyLoops(const RowInputs &rows,
                                              Value packedQuery,
                                              SmallVector<Value> state) {
  OpBuilder &b = tile.b;
  SmallVector<unsigned> outer = tile.shape.getDims(DimRole::Key);
  outer.pop_back();
  std::function<SmallVector<Value>(unsigned, ValueRange)> build =
      [&](unsigned level, ValueRange state) -> SmallVector<Value> {
    if (level < outer.size()) {
      auto loop = scf::ForOp::create(
          b, tile.loc, tile.index(0),
          tile.materialize(tile.sizes[outer[level]]), tile.index(1), state,
          [&](OpBuilder &, Location loc, Value iv, ValueRange carried) {
            OpBuilder::InsertionGuard guard(b);
            b.setInsertionPointToEnd(iv.getParentBlock());
            tile.offsets[outer[level]] = iv;
            SmallVector<Value> next = build(level + 1, carried);
            scf::YieldOp::create(b, loc, next);
          });
      return llvm::to_vector_of<Value>(loop.getResults());
    }
    int64_t block = tile.schedule.getKeyBlock();
    AffineExpr d0;
    bindDims(b.getContext(), d0);
    OpFoldResult size = tile.sizes[tile.keyDim];
    OpFoldResult full = affine::makeComposedFoldedAffineApply(
        b, tile.loc, d0.floorDiv(block) * block, {size});
    SmallVector<Value> result(state);
    std::optional<int64_t> staticFull = getConstantIntValue(full);
    std::optional<int64_t> staticSize = getConstantIntValue(size);
    if (staticFull != 0)
      result = buildBlockLoop(rows, packedQuery, tile.index(0),
                              tile.materialize(full), result, /*tail=*/false);
    if (!staticSize || *staticSize != *staticFull)
      result = buildBlockLoop(rows, packedQuery, tile.materialize(full),
                              tile.materialize(size), result, /*tail=*/true);
    return result;
  };
  return build(0, state);
}

/// Output [panels, value, lanes] and log-sum-exp [panels, lanes] of the tile.
SmallVector<Value> TaskBuilder::finalizeTile(FinalizeOp finalize,
                                             ValueRange state) {
  OpBuilder &b = tile.b;
  auto map = [&](ArrayRef<unsigned> dims) {
    return AffineMap::getMultiDimMapWithTargets(3, dims, b.getContext());
  };
  SmallVector<AffineMap> maps{map({0, 2, 1}), map({0, 1}), map({0, 1}),
                              map({0, 2, 1})};
  SmallVector<Value> inits{
      tile.empty({tile.panels, tile.paddedValue, tile.lanes}, tile.compute)};
  Value lse;
  if (finalize.getLogsumexp()) {
    maps.push_back(map({0, 1}));
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

void TaskBuilder::rewrite() {
  FinalizeOp finalize = findFinalize();
  Operation *last = finalize ? finalize.getOperation() : op.getOperation();
  rewriter.setInsertionPoint(last);
  OpBuilder &b = tile.b;
  SmallVector<SharedOutput> outputs = getOutputs(finalize);
  SmallVector<Value> extents = getRowExtents();

  SmallVector<OpFoldResult> lower, upper, steps;
  unsigned row = 0;
  for (unsigned dim : tile.shape.getStateDims()) {
    bool isRow = tile.shape.getRole(dim) == DimRole::Row;
    lower.push_back(b.getIndexAttr(0));
    upper.push_back(tile.sizes[dim]);
    steps.push_back(isRow ? getAsOpFoldResult(extents[row++])
                          : OpFoldResult(b.getIndexAttr(1)));
  }
  if (upper.empty()) {
    lower.push_back(b.getIndexAttr(0));
    upper.push_back(b.getIndexAttr(1));
    steps.push_back(b.getIndexAttr(1));
  }
  auto inits = llvm::map_to_vector(
      outputs, [](const SharedOutput &output) { return output.init; });
  auto forall = scf::ForallOp::create(b, tile.loc, lower, upper, steps, inits,
                                      /*mapping=*/std::nullopt);
  forall->setAttr("mqa.tasks", b.getUnitAttr());
  rewriter.setInsertionPoint(forall.getTerminator());
  enterTask(forall, extents);

  ArrayRef<BlockArgument> shared = forall.getRegionIterArgs();
  ArrayRef<AffineMap> stateMaps = ArrayRef(tile.maps).take_back(3);
  Value packedQuery = packRows(tile, op.getQuery(), tile.maps[0],
                               tile.shape.getDims(DimRole::Depth),
                               tile.paddedDepth, op.getScaleValue());
  RowInputs rows = packRowInputs(tile);
  SmallVector<Value> state;
  for (unsigned number = 0; number < 3; ++number)
    state.push_back(getInitialState(
        number, finalize ? Value() : Value(shared[number]), stateMaps[number]));
  state = buildKeyLoops(rows, packedQuery, state);

  SmallVector<Value> results = finalize ? finalizeTile(finalize, state) : state;
  results[0] = lanesToRows(tile, results[0]);
  for (auto [number, output] : llvm::enumerate(outputs)) {
    SmallVector<OpFoldResult> offsets, sizes, strides;
    for (AffineExpr expr : output.map.getResults()) {
      unsigned dim = cast<AffineDimExpr>(expr).getPosition();
      offsets.push_back(tile.offsets[dim]);
      sizes.push_back(tile.extents[dim]);
      strides.push_back(b.getIndexAttr(1));
    }
    Value part = tensor::ExtractSliceOp::create(b, tile.loc, shared[number],
                                                offsets, sizes, strides);
    part = writeBack(results[number], /*perRow=*/number != 0, part, output.map);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(forall.getTerminator().getBody());
    tensor::ParallelInsertSliceOp::create(b, tile.loc, part, shared[number],
                                          offsets, sizes, strides);
  }
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
