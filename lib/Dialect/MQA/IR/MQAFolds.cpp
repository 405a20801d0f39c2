//===- MQAFolds.cpp - laws of the ops ---------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Canonical forms. States are an algebra: the empty state (0, minus infinity,
// 0) is the identity of `mqa.merge`; a nest of merges becomes a chain through
// `outs`, so that all states accumulate into one destination; a constant state
// stands in `ins`, for it cannot be written to. An attention carries no region
// that says nothing and no operand that nobody reads.
//
// `tensor.cast` is folded here, ahead of the tensor dialect's own pattern for
// all destination-style ops, which crashes on a region without blocks (see
// Utils/CloneOp.h).
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"
#include "mqa/Dialect/MQA/IR/MQA.h"
#include "mqa/Dialect/MQA/Utils/CloneOp.h"

using namespace mlir;
using namespace mlir::mqa;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

/// The number that every element of a tensor is, if that is known.
static std::optional<APFloat> getSplat(Value value) {
  while (Operation *def = value.getDefiningOp()) {
    if (isa<tensor::CastOp, tensor::ExtractSliceOp>(def)) {
      value = def->getOperand(0);
      continue;
    }
    if (auto fill = dyn_cast<linalg::FillOp>(def)) {
      FloatAttr attr;
      if (matchPattern(fill.getInputs()[0], m_Constant(&attr)))
        return attr.getValue();
      return std::nullopt;
    }
    DenseElementsAttr dense;
    if (matchPattern(value, m_Constant(&dense)) && dense.isSplat() &&
        isa<FloatType>(dense.getElementType()))
      return dense.getSplatValue<APFloat>();
    return std::nullopt;
  }
  return std::nullopt;
}

/// Whether a state has seen no live key, as far as one can see.
static bool isEmptyState(Value acc, Value max, Value sum) {
  std::optional<APFloat> a = getSplat(acc), m = getSplat(max),
                         s = getSplat(sum);
  return a && a->isZero() && m && m->isInfinity() && m->isNegative() && s &&
         s->isZero();
}

static bool isConstantState(ValueRange state) {
  return llvm::all_of(
      state, [](Value part) { return matchPattern(part, m_Constant()); });
}

/// Writes zero, or minus infinity, into a destination. Returns the tensor, or
/// null for a memref.
static Value fillDestination(PatternRewriter &rewriter, Location loc,
                             Value destination, bool infinity) {
  auto type = cast<FloatType>(getElementTypeOrSelf(destination.getType()));
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  APFloat number = infinity ? APFloat::getInf(semantics, /*Negative=*/true)
                            : APFloat::getZero(semantics);
  Value value = arith::ConstantOp::create(rewriter, loc,
                                          rewriter.getFloatAttr(type, number));
  auto fill = linalg::FillOp::create(rewriter, loc, value, destination);
  return fill->getNumResults() == 0 ? Value() : fill->getResult(0);
}

//===----------------------------------------------------------------------===//
// Casts
//===----------------------------------------------------------------------===//

namespace {
/// Matches an op on a `tensor.cast` that forgets static sizes.
/// Produces the op on what is cast, and casts of its results.
template <typename OpTy> struct FoldTensorCasts : OpRewritePattern<OpTy> {
  /// A benefit above that of upstream's pattern.
  FoldTensorCasts(MLIRContext *context)
      : OpRewritePattern<OpTy>(context, /*benefit=*/2) {}
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!tensor::hasFoldableTensorCastOperand(op))
      return rewriter.notifyMatchFailure(op, "no cast to fold");
    SmallVector<Type> types(op->getResultTypes());
    SmallVector<Value> operands =
        tensor::getUpdatedOperandsAfterCastOpFolding(op, types);
    Operation *folded = cloneWithOperands(rewriter, op, types, operands);
    SmallVector<Value> results(folded->getResults());
    for (auto [result, type] : llvm::zip_equal(results, op->getResultTypes()))
      if (result.getType() != type)
        result = tensor::CastOp::create(rewriter, op.getLoc(), type, result);
    rewriter.replaceOp(op, results);
    return success();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// mqa.merge
//===----------------------------------------------------------------------===//

static SmallVector<Value> getLhsState(MergeOp op) {
  return {op.getLhsAcc(), op.getLhsMax(), op.getLhsSum()};
}
static SmallVector<Value> getRhsState(MergeOp op) {
  return {op.getAcc(), op.getMax(), op.getSum()};
}

/// Whether both states of a merge are laid out alike.
static bool hasOneLayout(MergeOp op) {
  ArrayRef<Attribute> maps = op.getIndexingMaps().getValue();
  return maps.take_front(3) == maps.take_back(3);
}

namespace {
/// Matches a merge with an empty state on one side.
/// Produces the other state.
/// Refuses memrefs, and an empty destination of another layout.
struct FoldMergeOfEmpty : OpRewritePattern<MergeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MergeOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics())
      return rewriter.notifyMatchFailure(op, "expected tensors");
    if (isEmptyState(op.getLhsAcc(), op.getLhsMax(), op.getLhsSum())) {
      rewriter.replaceOp(op, getRhsState(op));
      return success();
    }
    if (!isEmptyState(op.getAcc(), op.getMax(), op.getSum()))
      return rewriter.notifyMatchFailure(op, "no state is known to be empty");
    if (!hasOneLayout(op))
      return rewriter.notifyMatchFailure(op, "the layouts differ");
    SmallVector<Value> state = getLhsState(op);
    for (auto [part, type] : llvm::zip_equal(state, op.getResultTypes()))
      if (part.getType() != type)
        part = tensor::CastOp::create(rewriter, op.getLoc(), type, part);
    rewriter.replaceOp(op, state);
    return success();
  }
};

/// Matches a merge into a constant state: `merge(ins x, outs c)`.
/// Produces the merge of the constant into the other: `merge(ins c, outs x)`.
/// Refuses two constants, and other layouts or types.
struct MoveConstantToInputs : OpRewritePattern<MergeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MergeOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics())
      return rewriter.notifyMatchFailure(op, "expected tensors");
    SmallVector<Value> lhs = getLhsState(op), rhs = getRhsState(op);
    if (!isConstantState(rhs) || isConstantState(lhs))
      return rewriter.notifyMatchFailure(op, "no constant to move");
    if (!hasOneLayout(op) ||
        !llvm::equal(TypeRange(ValueRange(lhs)), TypeRange(ValueRange(rhs))))
      return rewriter.notifyMatchFailure(op, "the layouts or types differ");
    rewriter.modifyOpInPlace(op, [&] {
      llvm::append_range(rhs, lhs);
      op->setOperands(rhs);
    });
    return success();
  }
};

/// Matches a merge in the `ins` of a merge:
/// `merge(ins merge(ins a, outs b), outs c)`.
/// Produces a chain through `outs`: `merge(ins a, outs merge(ins b, outs c))`.
/// Refuses an inner merge that others use or that has another layout. Each
/// step leaves fewer merges below `ins`, so it ends.
struct ChainMerges : OpRewritePattern<MergeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MergeOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getLhsAcc().getDefiningOp<MergeOp>();
    if (!op.hasPureTensorSemantics() || !inner || inner->getNumResults() != 3)
      return rewriter.notifyMatchFailure(op, "expected a merge of tensors");
    if (!llvm::equal(getLhsState(op), inner.getResults()) ||
        !llvm::all_of(inner.getResults(),
                      [](Value part) { return part.hasOneUse(); }))
      return rewriter.notifyMatchFailure(op, "the inner merge has other users");
    ArrayRef<Attribute> maps = op.getIndexingMaps().getValue();
    ArrayRef<Attribute> innerMaps = inner.getIndexingMaps().getValue();
    if (innerMaps.take_back(3) != maps.take_front(3))
      return rewriter.notifyMatchFailure(op, "the layouts differ");
    MergeOp first =
        chain(rewriter, inner, getRhsState(inner), getRhsState(op), maps);
    SmallVector<Attribute> outerMaps(innerMaps.take_front(3));
    llvm::append_range(outerMaps, maps.take_back(3));
    MergeOp second =
        chain(rewriter, op, getLhsState(inner),
              llvm::to_vector_of<Value>(first.getResults()), outerMaps);
    rewriter.replaceOp(op, second);
    rewriter.eraseOp(inner);
    return success();
  }

private:
  /// A merge of `lhs` into `rhs` that keeps what `like` carries.
  static MergeOp chain(PatternRewriter &rewriter, MergeOp like,
                       ArrayRef<Value> lhs, ArrayRef<Value> rhs,
                       ArrayRef<Attribute> maps) {
    SmallVector<Value> operands(lhs);
    llvm::append_range(operands, rhs);
    auto merge = cast<MergeOp>(cloneWithOperands(
        rewriter, like, TypeRange(ValueRange(rhs)), operands));
    merge.setIndexingMapsAttr(rewriter.getArrayAttr(maps));
    return merge;
  }
};
} // namespace

void MergeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *context) {
  patterns.add<FoldTensorCasts<MergeOp>, FoldMergeOfEmpty, MoveConstantToInputs,
               ChainMerges>(context);
}

//===----------------------------------------------------------------------===//
// mqa.finalize
//===----------------------------------------------------------------------===//

namespace {
/// Matches a finalize of an empty state.
/// Produces an output of zeros and a log-sum-exp of minus infinity.
struct FoldFinalizeOfEmpty : OpRewritePattern<FinalizeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(FinalizeOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics() ||
        !isEmptyState(op.getAcc(), op.getMax(), op.getSum()))
      return rewriter.notifyMatchFailure(op, "the state is not known empty");
    SmallVector<Value> results{fillDestination(
        rewriter, op.getLoc(), op.getOutput(), /*infinity=*/false)};
    if (op.getLogsumexp())
      results.push_back(fillDestination(rewriter, op.getLoc(),
                                        op.getLogsumexp(), /*infinity=*/true));
    rewriter.replaceOp(op, results);
    return success();
  }
};
} // namespace

static FinalizeOp createWithoutLogsumexp(PatternRewriter &rewriter,
                                         FinalizeOp op, ArrayAttr maps) {
  return FinalizeOp::create(rewriter, op.getLoc(), op.getResultTypes()[0],
                            op.getAcc(), op.getMax(), op.getSum(),
                            op.getOutput(), /*logsumexp=*/Value(), maps);
}

static AttentionOp createWithoutLogsumexp(PatternRewriter &rewriter,
                                          AttentionOp op, ArrayAttr maps) {
  auto created = AttentionOp::create(
      rewriter, op.getLoc(), op.getResultTypes()[0], op.getQuery(), op.getKey(),
      op.getValue(), op.getInputs(), op.getSink(), op.getOutput(),
      /*logsumexp=*/Value(), maps, op.getScaleAttr(), op.getScheduleAttr());
  for (auto [from, to] :
       llvm::zip_equal(op->getRegions(), created->getRegions()))
    rewriter.inlineRegionBefore(from, to, to.end());
  return created;
}

namespace {
/// Matches an op whose log-sum-exp nobody uses.
/// Produces the op without it.
template <typename OpTy> struct DropUnusedLogsumexp : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (op->getNumResults() != 2 || !op->getResult(1).use_empty())
      return rewriter.notifyMatchFailure(op, "no unused log-sum-exp");
    ArrayAttr maps =
        rewriter.getArrayAttr(op.getIndexingMaps().getValue().drop_back());
    DictionaryAttr attributes = op->getDiscardableAttrDictionary();
    OpTy created = createWithoutLogsumexp(rewriter, op, maps);
    created->setDiscardableAttrs(attributes);
    rewriter.replaceAllUsesWith(op->getResult(0), created->getResult(0));
    rewriter.eraseOp(op);
    return success();
  }
};
} // namespace

void FinalizeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                             MLIRContext *context) {
  patterns.add<FoldTensorCasts<FinalizeOp>, FoldFinalizeOfEmpty,
               DropUnusedLogsumexp<FinalizeOp>>(context);
}

//===----------------------------------------------------------------------===//
// mqa.attention, mqa.online_attention
//===----------------------------------------------------------------------===//

static YieldOp getYield(Region &region) {
  return region.empty() ? YieldOp() : cast<YieldOp>(region.front().back());
}

/// Whether a region exists and yields the constant `wanted`.
static bool yieldsConstant(Region &region, bool wanted) {
  YieldOp yield = getYield(region);
  IntegerAttr constant;
  return yield && matchPattern(yield.getValue(), m_Constant(&constant)) &&
         constant.getValue().isOne() == wanted;
}

/// Whether no row has a live key: there is none, or the mask takes all.
template <typename OpTy> static bool hasNoLiveKey(OpTy op) {
  if (yieldsConstant(op.getMask(), false))
    return true;
  AttentionShape shape = op.getShape();
  auto maps = op.getIndexingMapsArray();
  for (auto [operand, map] : llvm::zip_equal(op->getOperands(), maps))
    for (unsigned i = 0, e = map.getNumResults(); i < e; ++i)
      if (shape.getRole(map.getDimPosition(i)) == DimRole::Key &&
          cast<ShapedType>(operand.getType()).getDimSize(i) == 0)
        return true;
  return false;
}

/// The block argument of an extra input; null where there is no region.
template <typename OpTy>
static BlockArgument getMaskArgument(OpTy op, unsigned input) {
  return op.getMask().empty() ? BlockArgument()
                              : op.getMask().getArgument(input);
}
template <typename OpTy>
static BlockArgument getScoreArgument(OpTy op, unsigned input) {
  return op.getScore().empty() ? BlockArgument()
                               : op.getScore().getArgument(input + 1);
}

template <typename OpTy>
static void eraseInput(PatternRewriter &rewriter, OpTy op, unsigned input) {
  SmallVector<Attribute> maps(op.getIndexingMaps().getValue());
  maps.erase(maps.begin() + 3 + input);
  rewriter.modifyOpInPlace(op, [&] {
    op.getInputsMutable().erase(input);
    op.setIndexingMapsAttr(rewriter.getArrayAttr(maps));
    if (!op.getMask().empty())
      op.getMask().eraseArgument(input);
    if (!op.getScore().empty())
      op.getScore().eraseArgument(input + 1);
  });
}

namespace {
/// Matches an attention without a live key.
/// Produces an output of zeros and a log-sum-exp of minus infinity.
/// Refuses one with a sink and a log-sum-exp, which is the sink.
struct FoldAttentionOfNothing : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AttentionOp op,
                                PatternRewriter &rewriter) const override {
    if (!hasNoLiveKey(op))
      return rewriter.notifyMatchFailure(op, "there may be a live key");
    if (op.getSink() && op.getLogsumexp())
      return rewriter.notifyMatchFailure(op, "the log-sum-exp is the sink");
    SmallVector<Value> results{fillDestination(
        rewriter, op.getLoc(), op.getOutput(), /*infinity=*/false)};
    if (op.getLogsumexp())
      results.push_back(fillDestination(rewriter, op.getLoc(),
                                        op.getLogsumexp(), /*infinity=*/true));
    if (op->getNumResults() == 0)
      results.clear();
    rewriter.replaceOp(op, results);
    return success();
  }
};

/// Matches an update without a live key.
/// Produces its state.
struct FoldOnlineOfNothing : OpRewritePattern<OnlineAttentionOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(OnlineAttentionOp op,
                                PatternRewriter &rewriter) const override {
    if (!hasNoLiveKey(op))
      return rewriter.notifyMatchFailure(op, "there may be a live key");
    SmallVector<Value> state;
    if (op->getNumResults() != 0)
      state = {op.getAcc(), op.getMax(), op.getSum()};
    rewriter.replaceOp(op, state);
    return success();
  }
};

/// Matches a mask that keeps every score, or a score region that yields the
/// score it gets.
/// Produces the op without the region.
template <typename OpTy> struct DropTrivialRegion : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    Region *trivial = nullptr;
    YieldOp yield = getYield(op.getScore());
    if (yield && yield.getValue() == op.getScore().getArgument(0))
      trivial = &op.getScore();
    else if (yieldsConstant(op.getMask(), true))
      trivial = &op.getMask();
    if (!trivial)
      return rewriter.notifyMatchFailure(op, "every region says something");
    rewriter.modifyOpInPlace(op,
                             [&] { rewriter.eraseBlock(&trivial->front()); });
    return success();
  }
};

/// Matches an extra input that no region reads, or that is given twice.
/// Produces the op without it.
template <typename OpTy> struct DropInput : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    auto isRead = [](BlockArgument argument) {
      return argument && !argument.use_empty();
    };
    for (unsigned i = 0, e = op.getInputs().size(); i < e; ++i) {
      if (!isRead(getMaskArgument(op, i)) && !isRead(getScoreArgument(op, i))) {
        eraseInput(rewriter, op, i);
        return success();
      }
      for (unsigned first = 0; first < i; ++first) {
        ArrayRef<Attribute> maps = op.getIndexingMaps().getValue();
        if (op.getInputs()[first] != op.getInputs()[i] ||
            maps[3 + first] != maps[3 + i])
          continue;
        if (BlockArgument argument = getMaskArgument(op, i))
          rewriter.replaceAllUsesWith(argument, getMaskArgument(op, first));
        if (BlockArgument argument = getScoreArgument(op, i))
          rewriter.replaceAllUsesWith(argument, getScoreArgument(op, first));
        eraseInput(rewriter, op, i);
        return success();
      }
    }
    return rewriter.notifyMatchFailure(op, "every extra input is needed");
  }
};

/// Matches an attention whose destination was filled: it is never read.
/// Produces the attention on what the fill wrote to.
struct DropFillOfDestination : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AttentionOp op,
                                PatternRewriter &rewriter) const override {
    for (OpOperand &init : op.getDpsInitsMutable())
      if (auto fill = init.get().getDefiningOp<linalg::FillOp>()) {
        rewriter.modifyOpInPlace(op, [&] { init.set(fill.getOutputs()[0]); });
        return success();
      }
    return rewriter.notifyMatchFailure(op, "no destination is a fill");
  }
};
} // namespace

void AttentionOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<FoldTensorCasts<AttentionOp>, FoldAttentionOfNothing,
               DropTrivialRegion<AttentionOp>, DropInput<AttentionOp>,
               DropUnusedLogsumexp<AttentionOp>, DropFillOfDestination>(
      context);
}

void OnlineAttentionOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                    MLIRContext *context) {
  patterns
      .add<FoldTensorCasts<OnlineAttentionOp>, FoldOnlineOfNothing,
           DropTrivialRegion<OnlineAttentionOp>, DropInput<OnlineAttentionOp>>(
          context);
}
