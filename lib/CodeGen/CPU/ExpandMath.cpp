//===- ExpandMath.cpp - math without library calls --------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// exp2(x) = 2^n p(f) with n + f = x. Both polynomials are minimax fits of
// degree 5 with p(0) = 1 exactly, so that exp2(0) is 1 and rescaling a state
// whose maximum did not change changes nothing. Relative error: 1.6e-7.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mqa/CodeGen/CPU/Passes.h"

namespace mlir::mqa {
#define GEN_PASS_DEF_EXPANDMATHPASS
#include "mqa/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;
using namespace mlir::mqa;

/// Elements of a vector of AVX-512.
static constexpr int64_t kWide = 16;

/// `value` as a constant of `type`, a float or a vector of floats.
static Value makeFloat(OpBuilder &b, Location loc, Type type, float value) {
  Attribute scalar = b.getF32FloatAttr(value);
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(b, loc,
                                     DenseElementsAttr::get(vector, scalar));
  return arith::ConstantOp::create(b, loc, cast<TypedAttr>(scalar));
}

/// `value` as a constant of `type`, an integer or a vector of integers.
static Value makeInt(OpBuilder &b, Location loc, Type type, int64_t value) {
  Attribute scalar = b.getIntegerAttr(getElementTypeOrSelf(type), value);
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(b, loc,
                                     DenseElementsAttr::get(vector, scalar));
  return arith::ConstantOp::create(b, loc, cast<TypedAttr>(scalar));
}

/// `type` with another element type.
static Type withElement(Type type, Type element) {
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(element);
  return element;
}

namespace {

/// Matches `math.exp2` of f32; produces a polynomial and integer arithmetic on
/// the exponent.
///
/// The argument is clamped to [-127, 128]: at the ends the fraction is 0 and
/// the exponent arithmetic gives exactly 0 and infinity.
struct ExpandExp2 : OpRewritePattern<math::Exp2Op> {
  ExpandExp2(MLIRContext *context, bool fma)
      : OpRewritePattern(context), fma(fma) {}

  LogicalResult matchAndRewrite(math::Exp2Op op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!getElementTypeOrSelf(type).isF32())
      return rewriter.notifyMatchFailure(op, "expected f32");
    Location loc = op.getLoc();
    auto constant = [&](float value) {
      return makeFloat(rewriter, loc, type, value);
    };
    auto flags = arith::FastMathFlags::nnan | arith::FastMathFlags::nsz;
    auto low = arith::MaximumFOp::create(rewriter, loc, op.getOperand(),
                                         constant(-127.0f));
    low.setFastmath(flags);
    Value x = low;
    if (!op->hasAttr("mqa.nonpositive")) {
      auto high = arith::MinimumFOp::create(rewriter, loc, x, constant(128.0f));
      high.setFastmath(flags);
      x = high;
    }
    // Adding 1.5 * 2^23 rounds to an integer in the low bits.
    Value magic = constant(12582912.0f);
    Value rounded = arith::AddFOp::create(rewriter, loc, x, magic);
    Value whole = arith::SubFOp::create(rewriter, loc, rounded, magic);
    Value fraction = arith::SubFOp::create(rewriter, loc, x, whole);
    static constexpr float coefficients[] = {
        0.001326472731307149f, 0.009671512991189957f, 0.05550713464617729f,
        0.24022237956523895f,  0.6931470036506653f,   1.0f};
    Value poly = constant(coefficients[0]);
    for (float c : llvm::drop_begin(coefficients)) {
      if (fma) {
        poly = math::FmaOp::create(rewriter, loc, poly, fraction, constant(c));
      } else {
        poly = arith::MulFOp::create(rewriter, loc, poly, fraction);
        poly = arith::AddFOp::create(rewriter, loc, poly, constant(c));
      }
    }
    Type intType = withElement(type, rewriter.getI32Type());
    auto bits = [&](Value value) {
      return arith::BitcastOp::create(rewriter, loc, intType, value);
    };
    Value shifted = arith::ShLIOp::create(rewriter, loc, bits(rounded),
                                          makeInt(rewriter, loc, intType, 23));
    Value sum = arith::AddIOp::create(rewriter, loc, bits(poly), shifted);
    rewriter.replaceOpWithNewOp<arith::BitcastOp>(op, type, sum);
    return success();
  }

  bool fma;
};

/// Matches `math.exp2` on vectors of whole AVX-512 vectors; produces, for each,
/// vreduceps (x - floor x), the polynomial on [0, 1) and vscalefps, which give
/// 0 for minus infinity without a clamp.
struct ExpandExp2ForAVX512 : OpRewritePattern<math::Exp2Op> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::Exp2Op op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<VectorType>(op.getType());
    if (!type || !type.getElementType().isF32() || type.isScalable() ||
        type.getRank() == 0 || type.getNumElements() % kWide)
      return rewriter.notifyMatchFailure(op, "expected whole vectors of f32");
    Location loc = op.getLoc();
    int64_t total = type.getNumElements();
    Value flat = vector::ShapeCastOp::create(
        rewriter, loc, VectorType::get({total}, type.getElementType()),
        op.getOperand());
    Value result = makeFloat(rewriter, loc, flat.getType(), 0.0f);
    for (int64_t at = 0; at < total; at += kWide) {
      Value part = vector::ExtractStridedSliceOp::create(
          rewriter, loc, flat, ArrayRef<int64_t>{at}, ArrayRef<int64_t>{kWide},
          ArrayRef<int64_t>{1});
      result = vector::InsertStridedSliceOp::create(
          rewriter, loc, expand(rewriter, loc, part), result,
          ArrayRef<int64_t>{at}, ArrayRef<int64_t>{1});
    }
    rewriter.replaceOpWithNewOp<vector::ShapeCastOp>(op, type, result);
    return success();
  }

private:
  static Value expand(OpBuilder &b, Location loc, Value x) {
    Type type = x.getType();
    auto scalar = [&](Type type, int64_t value) -> Value {
      return LLVM::ConstantOp::create(b, loc, type,
                                      b.getIntegerAttr(type, value));
    };
    Value zero = makeFloat(b, loc, type, 0.0f);
    Value everyLane = scalar(b.getI16Type(), -1);
    Value currentRounding = scalar(b.getI32Type(), 4);
    auto call = [&](StringRef name, ValueRange operands) -> Value {
      return LLVM::CallIntrinsicOp::create(b, loc, type, b.getStringAttr(name),
                                           operands)
          .getResult(0);
    };
    Value fraction =
        call("llvm.x86.avx512.mask.reduce.ps.512",
             {x, scalar(b.getI32Type(), 1), zero, everyLane, currentRounding});
    static constexpr float coefficients[] = {0.00186695252f, 0.00901748054f,
                                             0.0557995141f,  0.240164593f,
                                             0.693151295f,   1.0f};
    Value poly = makeFloat(b, loc, type, coefficients[0]);
    for (float c : llvm::drop_begin(coefficients))
      poly = math::FmaOp::create(b, loc, poly, fraction,
                                 makeFloat(b, loc, type, c));
    return call("llvm.x86.avx512.mask.scalef.ps.512",
                {poly, x, zero, everyLane, currentRounding});
  }
};

/// Matches rounding of f32 to bf16; produces integer arithmetic, to nearest
/// even, with quiet NaNs. LLVM would call a function per element.
struct ExpandTruncToBF16 : OpRewritePattern<arith::TruncFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!getElementTypeOrSelf(type).isBF16() ||
        !getElementTypeOrSelf(op.getIn().getType()).isF32())
      return rewriter.notifyMatchFailure(op, "expected f32 to bf16");
    Location loc = op.getLoc();
    Type wide = withElement(type, rewriter.getI32Type());
    Type narrow = withElement(type, rewriter.getI16Type());
    auto constant = [&](int64_t value) {
      return makeInt(rewriter, loc, wide, value);
    };
    Value bits = arith::BitcastOp::create(rewriter, loc, wide, op.getIn());
    Value upper = arith::ShRUIOp::create(rewriter, loc, bits, constant(16));
    Value odd = arith::AndIOp::create(rewriter, loc, upper, constant(1));
    Value bias = arith::AddIOp::create(rewriter, loc, odd, constant(0x7fff));
    Value sum = arith::AddIOp::create(rewriter, loc, bits, bias);
    Value rounded = arith::ShRUIOp::create(rewriter, loc, sum, constant(16));
    Value magnitude =
        arith::AndIOp::create(rewriter, loc, bits, constant(0x7fffffff));
    Value isNaN =
        arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::ugt,
                              magnitude, constant(0x7f800000));
    Value quiet = arith::OrIOp::create(rewriter, loc, upper, constant(0x40));
    Value chosen =
        arith::SelectOp::create(rewriter, loc, isNaN, quiet, rounded);
    Value low = arith::TruncIOp::create(rewriter, loc, narrow, chosen);
    rewriter.replaceOpWithNewOp<arith::BitcastOp>(op, type, low);
    return success();
  }
};

/// Matches conversion of bf16 to f32; produces a shift. LLVM's x86 back end
/// aborts on some lengths of vectors (17 elements loaded in another block) for
/// targets with AVX512-BF16, and shifts where it does not.
struct ExpandExtFromBF16 : OpRewritePattern<arith::ExtFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::ExtFOp op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!getElementTypeOrSelf(op.getIn().getType()).isBF16() ||
        !getElementTypeOrSelf(type).isF32())
      return rewriter.notifyMatchFailure(op, "expected bf16 to f32");
    Location loc = op.getLoc();
    Type wide = withElement(type, rewriter.getI32Type());
    Type narrow = withElement(type, rewriter.getI16Type());
    Value bits = arith::BitcastOp::create(rewriter, loc, narrow, op.getIn());
    Value low = arith::ExtUIOp::create(rewriter, loc, wide, bits);
    Value high = arith::ShLIOp::create(rewriter, loc, low,
                                       makeInt(rewriter, loc, wide, 16));
    rewriter.replaceOpWithNewOp<arith::BitcastOp>(op, type, high);
    return success();
  }
};

/// Matches `math.log10` of f32; produces the natural logarithm, which has a
/// polynomial, times log10(e).
struct ExpandLog10 : OpRewritePattern<math::Log10Op> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::Log10Op op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!getElementTypeOrSelf(type).isF32())
      return rewriter.notifyMatchFailure(op, "expected f32");
    Location loc = op.getLoc();
    Value log = math::LogOp::create(rewriter, loc, op.getOperand());
    rewriter.replaceOpWithNewOp<arith::MulFOp>(
        op, log, makeFloat(rewriter, loc, type, 0.434294482f));
    return success();
  }
};

/// Matches `math.fma` for a target without it; produces the unfused operations.
struct SplitFma : OpRewritePattern<math::FmaOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::FmaOp op,
                                PatternRewriter &rewriter) const override {
    Value product =
        arith::MulFOp::create(rewriter, op.getLoc(), op.getA(), op.getB());
    rewriter.replaceOpWithNewOp<arith::AddFOp>(op, product, op.getC());
    return success();
  }
};

struct ExpandMathPass final : mqa::impl::ExpandMathPassBase<ExpandMathPass> {
  using Base::Base;

  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    if (avx512)
      patterns.add<ExpandExp2ForAVX512>(context, /*benefit=*/2);
    patterns.add<ExpandExp2>(context, fma);
    patterns.add<ExpandExtFromBF16, ExpandTruncToBF16, ExpandLog10>(context);
    if (!fma)
      patterns.add<SplitFma>(context);
    // What MLIR has no polynomial for becomes functions that it has one for.
    math::populateExpansionPatterns(
        patterns,
        {"sinh", "cosh", "tan", "asinh", "acosh", "atanh", "powf", "fpowi"});
    populateMathPolynomialApproximationPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
