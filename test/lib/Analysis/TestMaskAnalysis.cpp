//===- TestMaskAnalysis.cpp - emits the queries as functions ----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For every function @f with an attention, `test-mqa-mask-analysis` adds
// @f_live, @f_classify and @f_rows: the arguments of @f, then the first and the
// last position of every batch and row dimension (of a batch dimension only
// one), then, for @f_classify, the first key and the end of a block. They hold
// what the mask analysis emits, and return it. The attribute `ops` counts the
// ops, but for constants and casts of them.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Pass/Pass.h"
#include "mqa/Analysis/Mask/MaskAnalysis.h"

using namespace mlir;
using namespace mlir::mqa;

namespace {

enum class Query { Live, Classify, Rows };

bool isAttention(Operation *op) {
  return isa<AttentionOp, OnlineAttentionOp>(op);
}

/// Replaces the attention of a copy of a function by one query.
class QueryEmitter {
public:
  QueryEmitter(func::FuncOp func, Query query)
      : func(func), query(query), builder(func.getContext()) {}

  LogicalResult run() {
    func.walk([&](Operation *inner) {
      if (isAttention(inner))
        op = inner;
    });
    AttentionShape shape = isa<AttentionOp>(op)
                               ? cast<AttentionOp>(op).getShape()
                               : cast<OnlineAttentionOp>(op).getShape();
    FailureOr<MaskAnalysis> analysis = MaskAnalysis::compute(op);
    if (failed(analysis))
      return op->emitError("expected a mask that can be analysed");
    RowBox box = makeBox(shape);
    builder.setInsertionPoint(op);
    SmallVector<Value> results = emit(*analysis, box);
    finish(results);
    return success();
  }

private:
  Value addArgument() {
    unsigned number = func.getNumArguments();
    (void)func.insertArgument(number, builder.getIndexType(), {},
                              func.getLoc());
    return func.getArgument(number);
  }

  RowBox makeBox(const AttentionShape &shape) {
    RowBox box;
    for (unsigned dim = 0; dim < shape.getNumDims(); ++dim) {
      DimRole role = shape.getRole(dim);
      if (role == DimRole::Row) {
        box.first.push_back(addArgument());
        box.last.push_back(addArgument());
        continue;
      }
      OpFoldResult position = builder.getIndexAttr(0);
      if (role == DimRole::Batch)
        position = addArgument();
      box.first.push_back(position);
      box.last.push_back(position);
    }
    return box;
  }

  Value toValue(OpFoldResult result) {
    if (auto value = dyn_cast<Value>(result))
      return value;
    return arith::ConstantOp::create(builder, func.getLoc(),
                                     cast<TypedAttr>(cast<Attribute>(result)));
  }

  SmallVector<Value> emit(MaskAnalysis &analysis, const RowBox &box) {
    Location loc = op->getLoc();
    SmallVector<Value> results;
    if (query == Query::Live) {
      LiveKeys keys = analysis.emitLiveKeys(builder, loc, box);
      keys.live.push_back(keys.full);
      for (const KeyRange &range : keys.live)
        results.append({toValue(range.begin), toValue(range.end)});
    } else if (query == Query::Classify) {
      Value first = addArgument(), end = addArgument();
      BlockClass verdict =
          analysis.emitClassify(builder, loc, box, {first, end});
      results.append({toValue(verdict.full), toValue(verdict.empty)});
    } else {
      results.push_back(toValue(analysis.emitEveryRowLive(builder, loc, box)));
    }
    return results;
  }

  /// Returns `results` and nothing else, without what they do not need.
  void finish(ArrayRef<Value> results) {
    Block *block = op->getBlock();
    while (&block->back() != op)
      block->back().erase();
    op->erase();
    builder.setInsertionPointToEnd(block);
    func::ReturnOp::create(builder, func.getLoc(), results);
    func.setFunctionType(
        builder.getFunctionType(func.getArgumentTypes(), ValueRange(results)));
    func.removeResAttrsAttr();
    int64_t count = 0;
    SmallVector<Operation *> inside;
    for (Operation &inner : block->without_terminator())
      inside.push_back(&inner);
    for (Operation *inner : llvm::reverse(inside))
      if (isOpTriviallyDead(inner))
        inner->erase();
    block->walk([&](Operation *inner) {
      count += !inner->hasTrait<OpTrait::ConstantLike>() &&
               !inner->hasTrait<OpTrait::IsTerminator>();
    });
    func->setAttr("ops", builder.getI64IntegerAttr(count));
  }

  func::FuncOp func;
  Query query;
  OpBuilder builder;
  Operation *op = nullptr;
};

struct TestMaskAnalysisPass final
    : PassWrapper<TestMaskAnalysisPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestMaskAnalysisPass)

  StringRef getArgument() const override { return "test-mqa-mask-analysis"; }
  StringRef getDescription() const override {
    return "Emit the queries of the mask analysis as functions";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry
        .insert<arith::ArithDialect, func::FuncDialect, memref::MemRefDialect,
                scf::SCFDialect, tensor::TensorDialect>();
  }

  void runOnOperation() override {
    for (auto func :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
      unsigned count = 0;
      func.walk([&](Operation *op) { count += isAttention(op); });
      if (count != 1 || !func.getBody().hasOneBlock())
        continue;
      OpBuilder builder(func->getContext());
      builder.setInsertionPointAfter(func);
      for (auto [query, suffix] : {std::pair(Query::Rows, "_rows"),
                                   {Query::Classify, "_classify"},
                                   {Query::Live, "_live"}}) {
        auto copy = cast<func::FuncOp>(builder.clone(*func));
        copy.setName((func.getName() + suffix).str());
        builder.setInsertionPointAfter(func);
        if (failed(QueryEmitter(copy, query).run()))
          return signalPassFailure();
      }
      func.erase();
    }
  }
};

} // namespace

namespace mlir::mqa::test {
void registerTestMaskAnalysisPass();
void registerTestMaskAnalysisPass() {
  PassRegistration<TestMaskAnalysisPass>();
}
} // namespace mlir::mqa::test
