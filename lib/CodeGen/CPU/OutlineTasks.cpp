//===- OutlineTasks.cpp - task loops to functions ---------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C interface is `void mqa_parallel_for(int64_t n, void (*)(void *,
// int64_t), void *)`, the same in objects and in the JIT. Captured values are
// stored as what they become in LLVM, so that later conversions only have to
// fold the casts.
//
//===----------------------------------------------------------------------===//

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Transforms/RegionUtils.h"
#include "mqa/CodeGen/CPU/Passes.h"

namespace mlir::mqa {
#define GEN_PASS_DEF_OUTLINETASKSPASS
#include "mqa/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;
using namespace mlir::mqa;

static constexpr llvm::StringLiteral kParallelFor = "mqa_parallel_for";

namespace {

/// Outlines one task loop.
class TaskOutliner {
public:
  TaskOutliner(IRRewriter &rewriter, SymbolTable &symbols, scf::ForallOp task)
      : rewriter(rewriter), symbols(symbols), task(task), loc(task.getLoc()),
        converter(task.getContext()) {}

  LogicalResult outline();

private:
  LogicalResult collectCaptures();
  Value storeCaptures();
  void loadCaptures(Value context, IRMapping &mapping);
  Value countTasks();
  void mapInductionVars(Value number, IRMapping &mapping);
  func::FuncOp buildFunction();
  SmallVector<OpFoldResult> getTripCounts(const IRMapping &mapping);
  Value cast(Value value, Type type) {
    if (value.getType() == type)
      return value;
    return UnrealizedConversionCastOp::create(rewriter, loc, type, value)
        .getResult(0);
  }

  IRRewriter &rewriter;
  SymbolTable &symbols;
  scf::ForallOp task;
  Location loc;
  LLVMTypeConverter converter;
  SmallVector<Value> captures;
  SmallVector<Operation *> constants;
  LLVM::LLVMStructType contextType;
};

} // namespace

LogicalResult TaskOutliner::collectCaptures() {
  llvm::SetVector<Value> values;
  getUsedValuesDefinedAbove(task.getRegion(), values);
  for (ValueRange range : {ValueRange(task.getDynamicLowerBound()),
                           ValueRange(task.getDynamicUpperBound()),
                           ValueRange(task.getDynamicStep())})
    values.insert(range.begin(), range.end());
  SmallVector<Type> fields;
  for (Value value : values) {
    Operation *def = value.getDefiningOp();
    if (def && def->hasTrait<OpTrait::ConstantLike>()) {
      constants.push_back(def);
      continue;
    }
    Type field = converter.convertType(value.getType());
    if (!field)
      return task.emitOpError("expected captured values of memref, integer, "
                              "index or float type, got ")
             << value.getType();
    captures.push_back(value);
    fields.push_back(field);
  }
  contextType = LLVM::LLVMStructType::getLiteral(task.getContext(), fields);
  return success();
}

/// Stores the captures into a struct on the stack; returns its address.
Value TaskOutliner::storeCaptures() {
  // At the start of the function, so that a loop around the tasks does not
  // grow the stack.
  auto func = task->getParentOfType<func::FuncOp>();
  Type ptr = LLVM::LLVMPointerType::get(task.getContext());
  Value context;
  {
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToStart(&func.getBody().front());
    Value one = LLVM::ConstantOp::create(rewriter, loc, rewriter.getI64Type(),
                                         rewriter.getI64IntegerAttr(1));
    context = LLVM::AllocaOp::create(rewriter, loc, ptr, contextType, one);
  }
  for (auto [number, value] : llvm::enumerate(captures)) {
    Value address = LLVM::GEPOp::create(
        rewriter, loc, ptr, contextType, context,
        ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(number)});
    LLVM::StoreOp::create(rewriter, loc,
                          cast(value, contextType.getBody()[number]), address);
  }
  return context;
}

void TaskOutliner::loadCaptures(Value context, IRMapping &mapping) {
  Type ptr = LLVM::LLVMPointerType::get(task.getContext());
  for (auto [number, value] : llvm::enumerate(captures)) {
    Type field = contextType.getBody()[number];
    Value address = LLVM::GEPOp::create(
        rewriter, loc, ptr, contextType, context,
        ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(number)});
    Value loaded = LLVM::LoadOp::create(rewriter, loc, field, address);
    mapping.map(value, cast(loaded, value.getType()));
  }
  for (Operation *constant : constants)
    rewriter.clone(*constant, mapping);
}

/// Iterations of every dimension.
SmallVector<OpFoldResult>
TaskOutliner::getTripCounts(const IRMapping &mapping) {
  AffineExpr lower, upper, step;
  bindSymbols(task.getContext(), lower, upper, step);
  SmallVector<OpFoldResult> counts;
  auto lookup = [&](OpFoldResult value) -> OpFoldResult {
    if (auto dynamic = dyn_cast<Value>(value))
      return mapping.lookupOrDefault(dynamic);
    return value;
  };
  for (auto [lb, ub, st] :
       llvm::zip(task.getMixedLowerBound(), task.getMixedUpperBound(),
                 task.getMixedStep()))
    counts.push_back(affine::makeComposedFoldedAffineApply(
        rewriter, loc, (upper - lower).ceilDiv(step),
        {lookup(lb), lookup(ub), lookup(st)}));
  return counts;
}

Value TaskOutliner::countTasks() {
  Value count = arith::ConstantIndexOp::create(rewriter, loc, 1);
  for (OpFoldResult trips : getTripCounts(IRMapping()))
    count = rewriter.createOrFold<arith::MulIOp>(
        loc, count, getValueOrCreateConstantIndexOp(rewriter, loc, trips));
  return count;
}

void TaskOutliner::mapInductionVars(Value number, IRMapping &mapping) {
  Value index = arith::IndexCastOp::create(rewriter, loc,
                                           rewriter.getIndexType(), number);
  auto split = affine::AffineDelinearizeIndexOp::create(rewriter, loc, index,
                                                        getTripCounts(mapping));
  AffineExpr i, lower, step;
  bindDims(task.getContext(), i);
  bindSymbols(task.getContext(), lower, step);
  for (auto [iv, position, lb, st] :
       llvm::zip(task.getInductionVars(), split.getResults(),
                 task.getMixedLowerBound(), task.getMixedStep())) {
    auto lookup = [&](OpFoldResult value) -> OpFoldResult {
      if (auto dynamic = dyn_cast<Value>(value))
        return mapping.lookupOrDefault(dynamic);
      return value;
    };
    OpFoldResult value = affine::makeComposedFoldedAffineApply(
        rewriter, loc, i * step + lower,
        {OpFoldResult(position), lookup(lb), lookup(st)});
    mapping.map(iv, getValueOrCreateConstantIndexOp(rewriter, loc, value));
  }
}

/// Tiles already fill the registers. Unrolled by LLVM, the loops over panels
/// keep a row vector of every panel alive, and spill it in the inner loops.
static void forbidUnrolling(func::FuncOp func) {
  MLIRContext *context = func.getContext();
  auto disable = BoolAttr::get(context, true);
  auto unroll =
      LLVM::LoopUnrollAttr::get(context, disable, {}, {}, {}, {}, {}, {});
  auto annotation = LLVM::LoopAnnotationAttr::get(
      context, {}, {}, {}, unroll, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});
  // By this name it becomes the property of the branch in the LLVM dialect.
  func.walk(
      [&](scf::ForOp loop) { loop->setAttr("loop_annotation", annotation); });
}

func::FuncOp TaskOutliner::buildFunction() {
  OpBuilder::InsertionGuard guard(rewriter);
  auto parent = task->getParentOfType<func::FuncOp>();
  Type ptr = LLVM::LLVMPointerType::get(task.getContext());
  rewriter.setInsertionPoint(parent);
  auto func = func::FuncOp::create(
      rewriter, loc, (parent.getName() + "_task").str(),
      rewriter.getFunctionType({ptr, rewriter.getI64Type()}, {}));
  func.setPrivate();
  // Copies of a few hundred bytes in the key loops are to stay vectors: LLVM
  // would call memcpy for them.
  func->setAttr("passthrough", rewriter.getStrArrayAttr({"no-builtins"}));
  func->setAttr("llvm.linkage",
                LLVM::LinkageAttr::get(task.getContext(),
                                       LLVM::linkage::Linkage::Internal));
  symbols.insert(func);
  Block *body = func.addEntryBlock();
  rewriter.setInsertionPointToStart(body);
  IRMapping mapping;
  loadCaptures(body->getArgument(0), mapping);
  mapInductionVars(body->getArgument(1), mapping);
  for (Operation &op : task.getBody()->without_terminator())
    rewriter.clone(op, mapping);
  func::ReturnOp::create(rewriter, loc);
  forbidUnrolling(func);
  return func;
}

LogicalResult TaskOutliner::outline() {
  if (task.getNumResults() != 0)
    return task.emitOpError("expected a bufferized task loop, got one with "
                            "results");
  if (failed(collectCaptures()))
    return failure();
  func::FuncOp func = buildFunction();
  rewriter.setInsertionPoint(task);
  Value count = countTasks();
  Value context = storeCaptures();
  Type ptr = LLVM::LLVMPointerType::get(task.getContext());
  Value entry = func::ConstantOp::create(rewriter, loc, func.getFunctionType(),
                                         func.getName());
  Value number =
      arith::IndexCastOp::create(rewriter, loc, rewriter.getI64Type(), count);
  func::CallOp::create(rewriter, loc, kParallelFor, TypeRange(),
                       ValueRange{number, cast(entry, ptr), context});
  rewriter.eraseOp(task);
  return success();
}

namespace {
struct OutlineTasksPass final
    : mqa::impl::OutlineTasksPassBase<OutlineTasksPass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<scf::ForallOp> tasks;
    module->walk([&](scf::ForallOp op) {
      if (op->hasAttr(kTasksAttr))
        tasks.push_back(op);
    });
    if (tasks.empty())
      return;
    SymbolTable symbols(module);
    if (failed(declareParallelFor(symbols)))
      return signalPassFailure();
    IRRewriter rewriter(&getContext());
    for (scf::ForallOp task : tasks)
      if (failed(TaskOutliner(rewriter, symbols, task).outline()))
        return signalPassFailure();
  }

private:
  LogicalResult declareParallelFor(SymbolTable &symbols) {
    MLIRContext *context = &getContext();
    Type ptr = LLVM::LLVMPointerType::get(context);
    auto type = FunctionType::get(
        context, {IntegerType::get(context, 64), ptr, ptr}, {});
    if (Operation *found = symbols.lookup(kParallelFor)) {
      auto func = dyn_cast<func::FuncOp>(found);
      if (func && func.getFunctionType() == type)
        return success();
      return found->emitOpError("expected mqa_parallel_for of type ")
             << type << ", got another symbol of that name";
    }
    OpBuilder b(context);
    auto func =
        func::FuncOp::create(getOperation().getLoc(), kParallelFor, type);
    func.setPrivate();
    symbols.insert(func);
    return success();
  }
};
} // namespace
