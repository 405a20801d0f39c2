//===- MicroTile.cpp - register tiles ---------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every linalg op of a task is tiled by its role. The products are tiled twice:
// by the accumulator tile, with the producer of the accumulator fused into the
// loop, and then by the reduction.
//
//===----------------------------------------------------------------------===//

#include "LaneDepth.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mqa/CodeGen/CPU/Passes.h"
#include "mqa/Dialect/MQA/IR/MQA.h"
#include "llvm/ADT/StringSwitch.h"

namespace mlir::mqa {
#define GEN_PASS_DEF_MICROTILEPASS
#include "mqa/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;
using namespace mlir::mqa;

/// Elements of a vector that one elementwise step handles at most.
static constexpr int64_t kElementwiseWidth = 64;
/// Edge of a transposed block.
static constexpr int64_t kTransposeEdge = 8;
/// Keys that one step of a reduction over keys takes.
static constexpr int64_t kReductionStep = 4;

static StringRef getRole(Operation *op) {
  auto role = op->getAttrOfType<StringAttr>(kRoleAttr);
  return role ? role.getValue() : StringRef();
}

static SmallVector<OpFoldResult> toSizes(OpBuilder &b,
                                         ArrayRef<int64_t> sizes) {
  return getAsIndexOpFoldResult(b.getContext(), sizes);
}

/// Tiles a product: loops over `tile` with the accumulator's producer fused,
/// then the reduction loop, if there are sizes for it.
static LogicalResult tileProduct(RewriterBase &rewriter,
                                 linalg::GenericOp product,
                                 ArrayRef<int64_t> tile,
                                 ArrayRef<int64_t> interchange,
                                 ArrayRef<int64_t> reduction) {
  Operation *producer = product.getDpsInits()[0].getDefiningOp();
  scf::SCFTileAndFuseOptions options;
  options.tilingOptions.setTileSizes(toSizes(rewriter, tile));
  options.tilingOptions.setInterchange(interchange);
  options.setFusionControlFn(
      [&](tensor::ExtractSliceOp, OpResult result,
          bool) -> std::optional<scf::SCFTileAndFuseOptions::ControlFnResult> {
        if (result.getOwner() != producer)
          return std::nullopt;
        return scf::SCFTileAndFuseOptions::ControlFnResult{};
      });
  rewriter.setInsertionPoint(product);
  auto tilingOp = cast<TilingInterface>(product.getOperation());
  FailureOr<scf::SCFTileAndFuseResult> tiled =
      scf::tileConsumerAndFuseProducersUsingSCF(rewriter, tilingOp, options);
  if (failed(tiled))
    return product.emitOpError("cannot be tiled to registers");
  for (OpResult result : product->getResults())
    if (Value replacement = tiled->replacements.lookup(result))
      rewriter.replaceAllUsesWith(result, replacement);
  if (reduction.empty())
    return success();
  auto inner = cast<TilingInterface>(tiled->tiledAndFusedOps.front());
  scf::SCFTilingOptions reductionOptions;
  reductionOptions.setTileSizes(toSizes(rewriter, reduction));
  rewriter.setInsertionPoint(inner);
  FailureOr<scf::SCFTilingResult> reduced =
      scf::tileUsingSCF(rewriter, inner, reductionOptions);
  if (failed(reduced))
    return inner->emitOpError("cannot be tiled by its reduction");
  rewriter.replaceOp(inner, reduced->replacements);
  return success();
}

/// Tiles an op by loops, in the order `interchange`, without fusion.
static LogicalResult tileSimply(RewriterBase &rewriter, linalg::LinalgOp op,
                                ArrayRef<int64_t> tile,
                                ArrayRef<int64_t> interchange = {}) {
  scf::SCFTilingOptions options;
  options.setTileSizes(toSizes(rewriter, tile));
  if (!interchange.empty())
    options.setInterchange(interchange);
  rewriter.setInsertionPoint(op);
  FailureOr<scf::SCFTilingResult> tiled = scf::tileUsingSCF(
      rewriter, cast<TilingInterface>(op.getOperation()), options);
  if (failed(tiled))
    return op->emitOpError("cannot be tiled to registers");
  rewriter.replaceOp(op, tiled->replacements);
  return success();
}

/// The part of a dimension of `size` that one elementwise step takes: a few
/// vectors that divide it, or all of it.
static int64_t getElementwiseWidth(int64_t size) {
  for (int64_t width = std::min(size, kElementwiseWidth); width >= 16; --width)
    if (size % width == 0)
      return width;
  return std::max<int64_t>(size, 1);
}

/// One element of every leading dimension, and a few vectors of the last.
static SmallVector<int64_t> getElementwiseTile(linalg::LinalgOp op) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  SmallVector<int64_t> tile(ranges.size(), 1);
  if (!tile.empty())
    tile.back() = getElementwiseWidth(ranges.back());
  return tile;
}

/// Exponentials and regions: two keys at a time where there are 32 registers.
/// With 16, the constants of the polynomial leave room for one vector only:
/// one vector of lanes, whose shift stays in its register, over all keys.
static LogicalResult tileScores(RewriterBase &rewriter, linalg::LinalgOp op,
                                int64_t lanes, int64_t registers) {
  auto schedule = op->getAttrOfType<ScheduleAttr>(kScheduleAttr);
  int64_t depth = schedule.getLaneDepth(); // Narrow panels: more keys.
  if (registers >= 32)
    return tileSimply(rewriter, op, {1, 2 * depth, 0});
  if (depth > 1)
    return tileSimply(rewriter, op, {1, depth, 0});
  int64_t panel = op.getStaticLoopRanges()[2];
  return tileSimply(rewriter, op, {1, 1, panel % lanes ? 0 : lanes}, {0, 2, 1});
}

/// Tiles a product with depth in the lanes: vectorization makes the loop over
/// its reduction.
static LogicalResult tileLaneDepthProduct(RewriterBase &rewriter,
                                          linalg::GenericOp op,
                                          ScheduleAttr schedule) {
  int64_t tile = schedule.getKeyTile();
  if (getRole(op) == "output") {
    linalg::GenericOp spread = spreadProbabilities(rewriter, op);
    if (failed(
            tileSimply(rewriter, spread, {1, schedule.getDepthStep(), 0, 0})))
      return failure();
    tile =
        std::max<int64_t>(1, schedule.getValueTile() / schedule.getLaneDepth());
  }
  return tileProduct(rewriter, op, {1, tile, 0, 0, 0}, {1, 0, 2, 3, 4}, {});
}

static LogicalResult tileByRole(RewriterBase &rewriter, linalg::LinalgOp op,
                                int64_t lanes, int64_t registers) {
  StringRef role = getRole(op);
  auto schedule = op->getAttrOfType<ScheduleAttr>(kScheduleAttr);
  unsigned loops = op.getNumLoops();
  if (schedule && isLaneDepthProduct(op))
    return tileLaneDepthProduct(rewriter, cast<linalg::GenericOp>(op),
                                schedule);
  if (role == "transpose" && loops == 4)
    return tileSimply(rewriter, op, {1, 1, 1, 0});
  if (isLaneDepthElementwise(op) || (role == "fill" && loops == 4))
    return tileSimply(rewriter, op, {1, 1, 0, 0});
  if (schedule && loops == 4 && role == "scores")
    return tileProduct(rewriter, cast<linalg::GenericOp>(op),
                       {1, schedule.getKeyTile(), 0, 0}, {1, 0, 2, 3},
                       {0, 0, 0, schedule.getDepthStep()});
  if (schedule && loops == 4 && role == "output")
    return tileProduct(rewriter, cast<linalg::GenericOp>(op),
                       {1, schedule.getValueTile(), 0, 0}, {1, 0, 2, 3},
                       {0, 0, 0, schedule.getDepthStep()});
  if (loops == 3 && (role == "row_max" || role == "row_sum"))
    return tileSimply(rewriter, op, {1, kReductionStep, 0});
  if (schedule && loops == 3 && (role == "exp" || role == "modify"))
    return tileScores(rewriter, op, lanes, registers);
  // With 16 registers, the constants of the polynomial leave room for one.
  if (loops == 2 && role == "row_alpha" && registers < 32 &&
      op.getStaticLoopRanges()[1] % lanes == 0)
    return tileSimply(rewriter, op, {1, lanes});
  if (role == "transpose" || (loops == 3 && role == "finalize"))
    return tileSimply(rewriter, op, {1, kTransposeEdge, kTransposeEdge});
  return tileSimply(rewriter, op, getElementwiseTile(op));
}

namespace {
struct MicroTilePass final : mqa::impl::MicroTilePassBase<MicroTilePass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    for (const Option<int64_t> *option : {&lanes, &registers})
      if (*option < 1)
        return emitError(UnknownLoc::get(context))
               << "expected " << option->ArgStr << " of at least 1, got "
               << option->getValue();
    return success();
  }

  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<linalg::LinalgOp> products, others;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (!op->hasAttr(kRoleAttr) || op.hasDynamicShape())
        return;
      StringRef role = getRole(op);
      bool isProduct = role == "scores" || role == "output";
      // Producers of accumulators are tiled with the products.
      if (role == "zero_scores" || (role == "scale_acc"))
        return;
      (isProduct ? products : others).push_back(op);
    });
    for (linalg::LinalgOp op : llvm::concat<linalg::LinalgOp>(products, others))
      if (failed(tileByRole(rewriter, op, lanes, registers))) {
        signalPassFailure();
        return;
      }
    RewritePatternSet patterns =
        linalg::getLinalgTilingCanonicalizationPatterns(&getContext());
    scf::populateSCFForLoopCanonicalizationPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
