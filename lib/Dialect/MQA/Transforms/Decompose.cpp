//===- Decompose.cpp - states to linalg -------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A driver over linalg::AggregatedOpInterface: each op knows its own
// decomposition, see DecomposeInterfaceImpl.cpp. A paged view that is still
// there is used by something else than an attention: it is gathered.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mqa/Dialect/MQA/IR/MQA.h"
#include "mqa/Dialect/MQA/Transforms/Passes.h"

namespace mlir::mqa {
#define GEN_PASS_DEF_DECOMPOSEPASS
#include "mqa/Dialect/MQA/Transforms/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;
using namespace mlir::mqa;

namespace {
struct DecomposePass final : mqa::impl::DecomposePassBase<DecomposePass> {
  using Base::Base;
  void runOnOperation() override {
    SmallVector<linalg::AggregatedOpInterface> ops;
    getOperation()->walk([&](linalg::AggregatedOpInterface op) {
      if (isa<OnlineAttentionOp, MergeOp, FinalizeOp, PagedViewOp>(op))
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::AggregatedOpInterface op : ops) {
      rewriter.setInsertionPoint(op);
      if (isa<PagedViewOp>(op))
        op->emitRemark("the pages are gathered: expected uses as key or value "
                       "of attention only");
      FailureOr<SmallVector<Value>> values = op.decomposeOperation(rewriter);
      if (failed(values)) {
        op->emitOpError("expected tensor operands to decompose, got memrefs");
        signalPassFailure();
        return;
      }
      rewriter.replaceOp(op, *values);
    }
  }
};
} // namespace
