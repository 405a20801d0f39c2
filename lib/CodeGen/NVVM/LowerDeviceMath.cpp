//===- LowerDeviceMath.cpp - math without a device library ------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Upstream turns math ops into calls of libdevice, which comes with the CUDA
// toolkit. Intrinsics are called by name, because the conversion to NVVM
// refuses the LLVM dialect's ops for them.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mqa/CodeGen/NVVM/Passes.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::mqa {
#define GEN_PASS_DEF_LOWERDEVICEMATHPASS
#include "mqa/CodeGen/NVVM/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;
using namespace mlir::mqa;

static Value callIntrinsic(PatternRewriter &rewriter, Operation *op,
                           StringRef name, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(rewriter, op->getLoc(),
                                       op->getResult(0).getType(),
                                       rewriter.getStringAttr(name), operands)
      .getResult(0);
}

namespace {

/// Matches a math op that an LLVM intrinsic of the same operands computes.
/// Produces a call of it.
template <typename Op> struct MathToIntrinsic : OpRewritePattern<Op> {
  MathToIntrinsic(MLIRContext *context, StringRef name)
      : OpRewritePattern<Op>(context, /*benefit=*/10), name(name) {}
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOp(op,
                       callIntrinsic(rewriter, op, name, op->getOperands()));
    return success();
  }
  StringRef name;
};

/// Matches a function of one f32 that the special function unit computes, up to
/// factors of its argument and its result. Produces a call of it.
template <typename Op> struct MathToSpecialFunction : OpRewritePattern<Op> {
  MathToSpecialFunction(MLIRContext *context, StringRef name, double before,
                        double after)
      : OpRewritePattern<Op>(context, /*benefit=*/10), name(name),
        before(before), after(after) {}
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    if (!op.getType().isF32())
      return rewriter.notifyMatchFailure(op, "the unit computes in f32 only");
    auto scale = [&](Value value, double factor) -> Value {
      if (factor == 1.0)
        return value;
      Value constant = arith::ConstantOp::create(
          rewriter, op.getLoc(), rewriter.getF32FloatAttr(factor));
      return arith::MulFOp::create(rewriter, op.getLoc(), value, constant);
    };
    Value argument = scale(op.getOperand(), before);
    Value result = callIntrinsic(rewriter, op, name, argument);
    rewriter.replaceOp(op, scale(result, after));
    return success();
  }
  StringRef name;
  double before, after;
};

} // namespace

static void populateDeviceMathPatterns(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  auto intrinsic = [&](auto *op, StringRef name) {
    using Op = std::remove_pointer_t<decltype(op)>;
    patterns.add<MathToIntrinsic<Op>>(context, name);
  };
  intrinsic((math::AbsFOp *)nullptr, "llvm.fabs");
  intrinsic((math::CeilOp *)nullptr, "llvm.ceil");
  intrinsic((math::FloorOp *)nullptr, "llvm.floor");
  intrinsic((math::TruncOp *)nullptr, "llvm.trunc");
  intrinsic((math::RoundEvenOp *)nullptr, "llvm.roundeven");
  intrinsic((math::RoundOp *)nullptr, "llvm.round");
  intrinsic((math::CopySignOp *)nullptr, "llvm.copysign");
  intrinsic((math::FmaOp *)nullptr, "llvm.fma");
  intrinsic((math::SqrtOp *)nullptr, "llvm.sqrt");
  intrinsic((arith::MaxNumFOp *)nullptr, "llvm.maxnum");
  intrinsic((arith::MinNumFOp *)nullptr, "llvm.minnum");
  intrinsic((math::CtPopOp *)nullptr, "llvm.ctpop");
  constexpr StringLiteral exp2 = "llvm.nvvm.ex2.approx.ftz.f";
  constexpr StringLiteral log2 = "llvm.nvvm.lg2.approx.ftz.f";
  patterns.add<MathToSpecialFunction<math::Exp2Op>>(context, exp2, 1.0, 1.0);
  patterns.add<MathToSpecialFunction<math::ExpOp>>(context, exp2,
                                                   llvm::numbers::log2e, 1.0);
  patterns.add<MathToSpecialFunction<math::Log2Op>>(context, log2, 1.0, 1.0);
  patterns.add<MathToSpecialFunction<math::LogOp>>(context, log2, 1.0,
                                                   llvm::numbers::ln2);
  patterns.add<MathToSpecialFunction<math::Log10Op>>(
      context, log2, 1.0, llvm::numbers::ln2 / llvm::numbers::ln10);
  patterns.add<MathToSpecialFunction<math::RsqrtOp>>(
      context, "llvm.nvvm.rsqrt.approx.ftz.f", 1.0, 1.0);
  auto all = [](StringRef) { return true; };
  populateMathPolynomialApproximationPatterns(patterns, all);
  math::populateExpansionPatterns(patterns, {"tan", "sinh", "cosh", "powf",
                                             "fpowi", "ipowi", "ctlz", "asinh",
                                             "acosh", "atanh", "clampf"});
}

namespace {
struct LowerDeviceMathPass final
    : mqa::impl::LowerDeviceMathPassBase<LowerDeviceMathPass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet owned(context);
    populateDeviceMathPatterns(owned);
    patterns = std::move(owned);
    return success();
  }

  void runOnOperation() override {
    if (failed(applyPatternsGreedily(getOperation(), patterns)))
      return signalPassFailure();
    WalkResult result = getOperation().walk([](Operation *op) {
      // Upstream lowers the remainder to a call of libdevice too.
      if (!isa<math::MathDialect>(op->getDialect()) && !isa<arith::RemFOp>(op))
        return WalkResult::advance();
      op->emitOpError("not yet on a GPU: expected an op with a lowering "
                      "without libdevice");
      return WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

private:
  FrozenRewritePatternSet patterns;
};
} // namespace
