//===- ConvertToOnline.cpp - attention to a running state -------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// attention = finalize(online_attention(empty state)). A sink is a state too:
// one key without a value has the sink as maximum and 1 as sum.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mqa/Dialect/MQA/IR/MQA.h"
#include "mqa/Dialect/MQA/Transforms/Passes.h"
#include "mqa/Dialect/MQA/Utils/IterationSizes.h"

namespace mlir::mqa {
#define GEN_PASS_DEF_CONVERTTOONLINEPASS
#include "mqa/Dialect/MQA/Transforms/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;
using namespace mlir::mqa;

namespace {

/// Builds the state of one attention op.
class StateBuilder {
public:
  StateBuilder(RewriterBase &rewriter, AttentionOp op)
      : rewriter(rewriter), op(op), loc(op.getLoc()), shape(op.getShape()),
        maps(op.getIndexingMapsArray()),
        sizes(getIterationSizes(rewriter, op, maps)) {
    bool isF64 = getElementTypeOrSelf(op.getQuery().getType()).isF64();
    element = isF64 ? rewriter.getF64Type() : rewriter.getF32Type();
  }

  void rewrite();

private:
  Value fill(ArrayRef<unsigned> dims, double value);
  Value broadcastSink(ArrayRef<unsigned> dims);

  RewriterBase &rewriter;
  AttentionOp op;
  Location loc;
  AttentionShape shape;
  SmallVector<AffineMap> maps;
  SmallVector<OpFoldResult> sizes;
  Type element;
};

/// A tensor over `dims` filled with `value`.
Value StateBuilder::fill(ArrayRef<unsigned> dims, double value) {
  auto pick = llvm::map_to_vector(dims, [&](unsigned d) { return sizes[d]; });
  Value empty = tensor::EmptyOp::create(rewriter, loc, pick, element);
  Value scalar = arith::ConstantOp::create(
      rewriter, loc, rewriter.getFloatAttr(element, value));
  return linalg::FillOp::create(rewriter, loc, scalar, empty).getResult(0);
}

/// The sink of every row, as the first maximum.
Value StateBuilder::broadcastSink(ArrayRef<unsigned> dims) {
  auto pick = llvm::map_to_vector(dims, [&](unsigned d) { return sizes[d]; });
  Value empty = tensor::EmptyOp::create(rewriter, loc, pick, element);
  unsigned index = op.getSinkMutable().begin()->getOperandNumber();
  SmallVector<AffineExpr> exprs(maps[index].getNumResults());
  for (auto [position, expr] : llvm::enumerate(maps[index].getResults()))
    exprs[position] = rewriter.getAffineDimExpr(
        llvm::find(dims, cast<AffineDimExpr>(expr).getPosition()) -
        dims.begin());
  AffineMap in = AffineMap::get(dims.size(), 0, exprs, rewriter.getContext());
  AffineMap out = rewriter.getMultiDimIdentityMap(dims.size());
  SmallVector<utils::IteratorType> parallel(dims.size(),
                                            utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             rewriter, loc, empty.getType(), op.getSink(), empty,
             ArrayRef<AffineMap>{in, out}, parallel,
             [&](OpBuilder &b, Location loc, ValueRange args) {
               Value sink = args[0];
               if (sink.getType() != element)
                 sink = arith::ExtFOp::create(b, loc, element, sink);
               linalg::YieldOp::create(b, loc, sink);
             })
      .getResult(0);
}

void StateBuilder::rewrite() {
  unsigned outputIndex = op.getOutputMutable().getOperandNumber();
  SmallVector<unsigned> stateDims = shape.getStateDims();
  SmallVector<unsigned> accDims =
      shape.getDims({DimRole::Batch, DimRole::Row, DimRole::Value});
  auto mapOver = [&](ArrayRef<unsigned> dims, unsigned numDims) {
    return AffineMap::get(
        numDims, 0,
        llvm::map_to_vector(
            dims, [&](unsigned d) { return rewriter.getAffineDimExpr(d); }),
        rewriter.getContext());
  };
  Value acc = fill(accDims, 0.0);
  double ninf = -std::numeric_limits<double>::infinity();
  Value max = op.getSink() ? broadcastSink(stateDims) : fill(stateDims, ninf);
  Value sum = fill(stateDims, op.getSink() ? 1.0 : 0.0);

  unsigned numDims = shape.getNumDims();
  SmallVector<AffineMap> onlineMaps(maps.begin(),
                                    maps.begin() + 3 + op.getInputs().size());
  onlineMaps.push_back(mapOver(accDims, numDims));
  onlineMaps.append(2, mapOver(stateDims, numDims));
  auto online = OnlineAttentionOp::create(
      rewriter, loc, TypeRange{acc.getType(), max.getType(), sum.getType()},
      op.getQuery(), op.getKey(), op.getValue(), op.getInputs(), acc, max, sum,
      rewriter.getAffineMapArrayAttr(onlineMaps), op.getScaleAttr(),
      op.getScheduleAttr());
  rewriter.inlineRegionBefore(op.getMask(), online.getMask(),
                              online.getMask().end());
  rewriter.inlineRegionBefore(op.getScore(), online.getScore(),
                              online.getScore().end());
  online->setDiscardableAttrs(op->getDiscardableAttrDictionary());

  // The space of finalize: batch, row and value dimensions only.
  llvm::SmallBitVector dropped(numDims);
  for (unsigned d : shape.getDims({DimRole::Key, DimRole::Depth}))
    dropped.set(d);
  SmallVector<AffineMap> finalMaps;
  auto project = [&](AffineMap map) {
    finalMaps.push_back(projectDims(map, dropped, /*compressDimsFlag=*/true));
  };
  for (AffineMap map : ArrayRef(onlineMaps).take_back(3))
    project(map);
  for (AffineMap map : ArrayRef(maps).drop_front(outputIndex))
    project(map);
  auto finalize = FinalizeOp::create(
      rewriter, loc, op.getResultTypes(), online.getResult(0),
      online.getResult(1), online.getResult(2), op.getOutput(),
      op.getLogsumexp(), rewriter.getAffineMapArrayAttr(finalMaps));
  rewriter.replaceOp(op, finalize);
}

struct ConvertToOnlinePass final
    : mqa::impl::ConvertToOnlinePassBase<ConvertToOnlinePass> {
  using Base::Base;
  void runOnOperation() override {
    SmallVector<AttentionOp> ops;
    getOperation()->walk([&](AttentionOp op) { ops.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (AttentionOp op : ops) {
      if (!op.hasPureTensorSemantics()) {
        op.emitOpError("expected tensor operands, got memrefs");
        signalPassFailure();
        return;
      }
      rewriter.setInsertionPoint(op);
      StateBuilder(rewriter, op).rewrite();
    }
  }
};

} // namespace
