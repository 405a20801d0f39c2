//===- MQAToLinalg.cpp - reference lowering to linalg -----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every op of the dialect knows its linalg ops (AggregatedOpInterface); this
// pass asks for them. An op on memrefs is first written on tensors that stand
// for its memrefs:
//
//   mqa.finalize ins(%a, %m, %s) outs(%o)            // memrefs
//   ->
//   %ta = bufferization.to_tensor %a restrict
//   %to = bufferization.to_tensor %o restrict writable
//   %r = ... linalg ...
//   bufferization.materialize_in_destination %r in restrict writable %o
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "mqa/Conversion/MQAToLinalg/Passes.h"
#include "mqa/Dialect/MQA/IR/MQA.h"

namespace mlir::mqa {
#define GEN_PASS_DEF_CONVERTMQATOLINALGPASS
#include "mqa/Conversion/MQAToLinalg/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;
using namespace mlir::mqa;

static bool isDecomposableMQAOp(Operation *op) {
  return isa_and_nonnull<MQADialect>(op->getDialect()) &&
         isa<linalg::AggregatedOpInterface>(op);
}

/// An attribute without a dialect's name, which nobody would ever look at.
static std::optional<StringRef> findUnknownAttribute(Operation *op) {
  for (NamedAttribute attr : op->getDiscardableAttrs())
    if (!attr.getName().strref().contains('.'))
      return attr.getName().strref();
  return std::nullopt;
}

/// `op`, whose operands are memrefs, on tensors that stand for them.
static DestinationStyleOpInterface
createOnTensors(RewriterBase &rewriter, DestinationStyleOpInterface op) {
  Location loc = op.getLoc();
  SmallVector<Value> operands;
  DenseMap<Value, Value> tensors;
  for (OpOperand &operand : op->getOpOperands()) {
    Value &tensor = tensors[operand.get()];
    if (!tensor)
      tensor = bufferization::ToTensorOp::create(
          rewriter, loc,
          memref::getTensorTypeFromMemRefType(operand.get().getType()),
          operand.get(), /*restrict=*/true,
          /*writable=*/op.isDpsInit(&operand));
    operands.push_back(tensor);
  }
  unsigned numInits = op.getNumDpsInits();
  TypeRange results = ValueRange(operands).take_back(numInits).getTypes();
  return cast<DestinationStyleOpInterface>(
      clone(rewriter, op, results, operands));
}

/// The linalg ops of `op`, with its attributes of other dialects on them.
static FailureOr<SmallVector<Value>> decompose(RewriterBase &rewriter,
                                               Operation *op) {
  Operation *before = op->getPrevNode();
  Block *block = op->getBlock();
  rewriter.setInsertionPoint(op);
  FailureOr<SmallVector<Value>> values =
      cast<linalg::AggregatedOpInterface>(op).decomposeOperation(rewriter);
  if (failed(values))
    return rewriter.notifyMatchFailure(op, "the op does not decompose");
  Operation *built = before ? before->getNextNode() : &block->front();
  for (; built != op; built = built->getNextNode())
    if (isa<linalg::LinalgOp>(built))
      for (NamedAttribute attr : op->getDiscardableAttrs())
        built->setDiscardableAttr(attr.getName(), attr.getValue());
  return values;
}

namespace {
/// Matches: any mqa op that decomposes.
/// Produces: its linalg ops; stores to its destinations if these are memrefs.
/// Refuses: an attribute that it would have to drop.
struct MQAOpToLinalg : RewritePattern {
  explicit MQAOpToLinalg(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isDecomposableMQAOp(op))
      return rewriter.notifyMatchFailure(op, "not an mqa op with parts");
    if (findUnknownAttribute(op))
      return rewriter.notifyMatchFailure(op, "an attribute is unknown");
    // A paged view has no destination, and tensors only.
    auto dpsOp = dyn_cast<DestinationStyleOpInterface>(op);
    if (!dpsOp || dpsOp.hasPureTensorSemantics()) {
      FailureOr<SmallVector<Value>> values = decompose(rewriter, op);
      if (failed(values))
        return failure();
      rewriter.replaceOp(op, *values);
      return success();
    }
    if (!dpsOp.hasPureBufferSemantics())
      return rewriter.notifyMatchFailure(op, "tensors and memrefs are mixed");
    DestinationStyleOpInterface onTensors = createOnTensors(rewriter, dpsOp);
    FailureOr<SmallVector<Value>> values = decompose(rewriter, onTensors);
    rewriter.eraseOp(onTensors);
    if (failed(values))
      return failure();
    rewriter.setInsertionPoint(op);
    for (auto [value, init] : llvm::zip_equal(*values, dpsOp.getDpsInits()))
      bufferization::MaterializeInDestinationOp::create(
          rewriter, op->getLoc(), /*result=*/Type(), value, init,
          /*restrict=*/true, /*writable=*/true);
    rewriter.eraseOp(op);
    return success();
  }
};

struct ConvertMQAToLinalg final
    : mqa::impl::ConvertMQAToLinalgPassBase<ConvertMQAToLinalg> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    populateMQAToLinalgPatterns(set);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    walkAndApplyPatterns(getOperation(), patterns);
    WalkResult result = getOperation()->walk([](Operation *op) -> WalkResult {
      if (!isDecomposableMQAOp(op))
        return WalkResult::advance();
      if (std::optional<StringRef> name = findUnknownAttribute(op))
        return op->emitOpError("expected only attributes of the op or of a "
                               "dialect, got '")
               << *name << "'";
      return op->emitOpError("expected an op that linalg can express");
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

  FrozenRewritePatternSet patterns;
};
} // namespace

void mlir::mqa::populateMQAToLinalgPatterns(RewritePatternSet &patterns) {
  patterns.add<MQAOpToLinalg>(patterns.getContext());
}
