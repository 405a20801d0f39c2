//===- FlattenTransfers.cpp - short rows as one vector ----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A transfer of [g, r] elements that lie one after the other is one load or
// store of g * r elements; left to the lowering of transfers it becomes g of r
// elements each, and as many insertions.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mqa/CodeGen/CPU/Passes.h"

namespace mlir::mqa {
#define GEN_PASS_DEF_FLATTENTRANSFERSPASS
#include "mqa/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;
using namespace mlir::mqa;

namespace {
struct FlattenTransfersPass final
    : mqa::impl::FlattenTransfersPassBase<FlattenTransfersPass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    if (bits < 1)
      return emitError(UnknownLoc::get(context))
             << "expected bits of at least 1, got " << bits.getValue();
    return success();
  }

  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    vector::populateFlattenVectorTransferPatterns(patterns, bits);
    vector::ShapeCastOp::getCanonicalizationPatterns(patterns, context);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
