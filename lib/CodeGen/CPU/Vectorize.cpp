//===- Vectorize.cpp - register tiles to vectors ----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Upstream's linalg vectorization on the register tiles, in an order that is
// known to leave the accumulators in registers: vectorize, simplify transfers,
// drop unit dimensions, then hoist what the reduction loops do not change.
// Slices are never vectorized: upstream stores wrongly when a middle unit
// dimension is dropped.
//
//===----------------------------------------------------------------------===//

#include "LaneDepth.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/LoopInvariantCodeMotionUtils.h"
#include "mqa/CodeGen/CPU/Passes.h"
#include "mqa/Dialect/MQA/IR/MQA.h"

namespace mlir::mqa {
#define GEN_PASS_DEF_VECTORIZEPASS
#include "mqa/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;
using namespace mlir::mqa;

namespace {

/// Matches a reduction over the leading dimension of [keys, lanes] with maximum
/// or sum; produces a tree of lane-wise operations, so that a step adds one
/// latency to the chain over all keys. The maximum gets `nnan`
/// and `nsz`, which the vectorizer drops: scores that are NaN are out of
/// contract, and the plain maximum costs twice as much.
struct UnrollKeyReduction : OpRewritePattern<vector::MultiDimReductionOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(vector::MultiDimReductionOp op,
                                PatternRewriter &rewriter) const override {
    VectorType type = op.getSourceVectorType();
    ArrayRef<int64_t> reduced = op.getReductionDims();
    if (reduced.size() != 1 || reduced[0] + 1 == type.getRank() ||
        llvm::any_of(type.getShape().take_front(reduced[0]),
                     [](int64_t size) { return size != 1; }))
      return rewriter.notifyMatchFailure(
          op, "expected a reduction over the first dimension that is not 1, "
              "and not over the last one");
    bool isMax = op.getKind() == vector::CombiningKind::MAXIMUMF;
    if (!isMax && op.getKind() != vector::CombiningKind::ADD)
      return rewriter.notifyMatchFailure(op, "expected a maximum or a sum");
    if (!isa<FloatType>(type.getElementType()))
      return rewriter.notifyMatchFailure(op, "expected floats");
    Location loc = op.getLoc();
    auto tail = type.getShape().drop_front(reduced[0]);
    auto rows = VectorType::get(tail, type.getElementType());
    auto lanes = VectorType::get(tail.drop_front(), type.getElementType());
    Value source =
        vector::ShapeCastOp::create(rewriter, loc, rows, op.getSource());
    auto join = [&](Value lhs, Value rhs) -> Value {
      if (!isMax)
        return arith::AddFOp::create(rewriter, loc, lhs, rhs);
      auto max = arith::MaximumFOp::create(rewriter, loc, lhs, rhs);
      max.setFastmath(arith::FastMathFlags::nnan | arith::FastMathFlags::nsz);
      return max;
    };
    SmallVector<Value> parts;
    for (int64_t i = 0; i < rows.getDimSize(0); ++i)
      parts.push_back(vector::ExtractOp::create(rewriter, loc, source, i));
    for (; parts.size() > 1; parts.pop_back_n(parts.size() / 2))
      for (size_t i = 0, half = parts.size() / 2, rest = parts.size() - half;
           i < half; ++i)
        parts[i] = join(parts[i], parts[rest + i]);
    Value acc = vector::ShapeCastOp::create(rewriter, loc, lanes, op.getAcc());
    Value result = join(acc, parts.front());
    rewriter.replaceOpWithNewOp<vector::ShapeCastOp>(op, op.getType(), result);
    return success();
  }
};

struct VectorizePass final : mqa::impl::VectorizePassBase<VectorizePass> {
  using Base::Base;

  void runOnOperation() override {
    if (failed(vectorizeTasks()) || failed(simplify()))
      return signalPassFailure();
    hoist();
    if (failed(unroll()))
      return signalPassFailure();
  }

private:
  LogicalResult vectorizeTasks();
  LogicalResult simplify();
  LogicalResult unroll();
  void hoist();
};

} // namespace

/// Vectorizes every linalg op of a task; says so where it cannot.
LogicalResult VectorizePass::vectorizeTasks() {
  SmallVector<linalg::LinalgOp> ops;
  getOperation()->walk([&](linalg::LinalgOp op) {
    if (op->hasAttr(kRoleAttr) && !op.hasDynamicShape())
      ops.push_back(op);
  });
  IRRewriter rewriter(&getContext());
  // Products with depth in the lanes first: they look at what made their
  // destination.
  for (linalg::LinalgOp &op : ops)
    if (isLaneDepthProduct(op) || isLaneDepthElementwise(op)) {
      auto schedule = op->getAttrOfType<ScheduleAttr>(kScheduleAttr);
      if (succeeded(vectorizeLaneDepth(rewriter, cast<linalg::GenericOp>(op),
                                       schedule ? schedule.getDepthStep() : 1)))
        op = nullptr;
    }
  for (linalg::LinalgOp op : ops) {
    if (!op)
      continue;
    rewriter.setInsertionPoint(op);
    FailureOr<linalg::VectorizationResult> result =
        linalg::vectorize(rewriter, op);
    if (failed(result)) {
      op->emitRemark("cannot be vectorized, becomes scalar loops");
      continue;
    }
    rewriter.replaceOp(op, result->replacements);
  }
  return success();
}

LogicalResult VectorizePass::simplify() {
  MLIRContext *context = &getContext();
  func::FuncOp func = getOperation();
  {
    RewritePatternSet patterns(context);
    vector::populateVectorTransferPermutationMapLoweringPatterns(patterns);
    vector::populateVectorReductionToContractPatterns(patterns);
    vector::populateSinkVectorOpsPatterns(patterns);
    vector::populateVectorStepLoweringPatterns(patterns);
    vector::TransferReadOp::getCanonicalizationPatterns(patterns, context);
    vector::TransferWriteOp::getCanonicalizationPatterns(patterns, context);
    tensor::populateFoldTensorSubsetIntoVectorTransferPatterns(patterns);
    if (failed(applyPatternsGreedily(func, std::move(patterns))))
      return failure();
  }
  {
    RewritePatternSet patterns(context);
    vector::populateCastAwayVectorLeadingOneDimPatterns(patterns);
    vector::populateVectorReductionToContractPatterns(patterns);
    vector::populateDropUnitDimWithShapeCastPatterns(patterns);
    tensor::populateReassociativeReshapeFoldingPatterns(patterns);
    for (Dialect *dialect : context->getLoadedDialects())
      dialect->getCanonicalizationPatterns(patterns);
    for (RegisteredOperationName op : context->getRegisteredOperations())
      op.getCanonicalizationPatterns(patterns, context);
    if (failed(applyPatternsGreedily(func, std::move(patterns))))
      return failure();
  }
  IRRewriter rewriter(context);
  DominanceInfo dominance(func);
  eliminateCommonSubExpressions(rewriter, dominance, func);
  return success();
}

/// Moves out of the loops what they do not change: loads, and the subsets of
/// the accumulators, which become vectors that the loops carry. Not out of
/// the task loop: its tensors are shared.
void VectorizePass::hoist() {
  getOperation()->walk([&](scf::ForOp loop) { moveLoopInvariantCode(loop); });
  IRRewriter rewriter(&getContext());
  SmallVector<scf::ForOp> loops;
  getOperation()->walk([&](scf::ForOp loop) { loops.push_back(loop); });
  for (scf::ForOp loop : loops)
    (void)hoistLoopInvariantSubsets(
        rewriter, cast<LoopLikeOpInterface>(loop.getOperation()));
}

LogicalResult VectorizePass::unroll() {
  RewritePatternSet patterns(&getContext());
  patterns.add<UnrollKeyReduction>(&getContext());
  for (StringRef name :
       {"vector.shape_cast", "vector.extract", "vector.broadcast"})
    if (auto op = RegisteredOperationName::lookup(name, &getContext()))
      op->getCanonicalizationPatterns(patterns, &getContext());
  return applyPatternsGreedily(getOperation(), std::move(patterns));
}
