//===- PrepareEntries.cpp - functions on tensors to memrefs -----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The calling convention is fixed before anything is bufferized, so that
// bufferization sees which argument is written and may work in place.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/SymbolTable.h"
#include "mqa/CodeGen/CPU/EntryABI.h"
#include "mqa/CodeGen/CPU/Passes.h"
#include "mqa/Dialect/MQA/IR/MQA.h"

namespace mlir::mqa {
#define GEN_PASS_DEF_PREPAREENTRIESPASS
#include "mqa/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;
using namespace mlir::mqa;

static MemRefType getBufferType(RankedTensorType type) {
  return MemRefType::get(type.getShape(), type.getElementType());
}

/// Fails where a type of the function has no memref.
static LogicalResult checkTypes(func::FuncOp func) {
  auto check = [&](Type type, StringRef what, unsigned number) {
    auto tensor = dyn_cast<TensorType>(type);
    auto ranked = dyn_cast<RankedTensorType>(type);
    if (!tensor || (ranked && !ranked.getEncoding()))
      return success();
    return LogicalResult(func.emitOpError("expected a ranked tensor without "
                                          "encoding as ")
                         << what << " " << number << ", got " << type);
  };
  for (auto [number, type] : llvm::enumerate(func.getArgumentTypes()))
    if (failed(check(type, "argument", number)))
      return failure();
  for (auto [number, type] : llvm::enumerate(func.getResultTypes()))
    if (failed(check(type, "result", number)))
      return failure();
  return success();
}

/// Rewrites the arguments; returns the memref of each tensor argument.
static SmallVector<Value> rewriteArguments(OpBuilder &b, func::FuncOp func,
                                           ArrayRef<int64_t> destinations) {
  Block &body = func.getBody().front();
  b.setInsertionPointToStart(&body);
  SmallVector<Value> buffers;
  for (BlockArgument arg : body.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(arg.getType());
    if (!type) {
      buffers.push_back(nullptr);
      continue;
    }
    bool isWritten = llvm::is_contained(destinations, arg.getArgNumber());
    arg.setType(getBufferType(type));
    auto tensor = bufferization::ToTensorOp::create(
        b, arg.getLoc(), type, arg, /*restrict=*/true, isWritten);
    arg.replaceAllUsesExcept(tensor, tensor);
    buffers.push_back(arg);
  }
  return buffers;
}

/// Rewrites the results; returns their new types.
static SmallVector<Type> rewriteResults(OpBuilder &b, func::FuncOp func,
                                        ArrayRef<int64_t> destinations,
                                        ArrayRef<Value> buffers) {
  Operation *terminator = func.getBody().front().getTerminator();
  b.setInsertionPoint(terminator);
  Location loc = terminator->getLoc();
  SmallVector<Value> results;
  for (auto [number, value] : llvm::enumerate(terminator->getOperands())) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type) {
      results.push_back(value);
      continue;
    }
    int64_t destination = destinations[number];
    if (destination >= 0) {
      auto write = bufferization::MaterializeInDestinationOp::create(
          b, loc, value, buffers[destination]);
      write.setWritable(true);
      continue;
    }
    SmallVector<Value> sizes;
    for (int64_t i = 0; i < type.getRank(); ++i)
      if (type.isDynamicDim(i))
        sizes.push_back(tensor::DimOp::create(b, loc, value, i));
    Value buffer = memref::AllocOp::create(b, loc, getBufferType(type), sizes);
    auto write = bufferization::MaterializeInDestinationOp::create(
        b, loc, value, buffer);
    write.setRestrict(true);
    write.setWritable(true);
    results.push_back(buffer);
  }
  terminator->setOperands(results);
  return llvm::to_vector(ValueRange(results).getTypes());
}

static LogicalResult prepareEntry(func::FuncOp func) {
  if (failed(checkTypes(func)))
    return failure();
  FailureOr<SmallVector<int64_t>> destinations = getResultDestinations(func);
  if (failed(destinations))
    return failure();
  OpBuilder b(func.getContext());
  auto isTensor = [](Type type) { return isa<TensorType>(type); };
  if (llvm::any_of(func.getArgumentTypes(), isTensor) ||
      llvm::any_of(func.getResultTypes(), isTensor)) {
    SmallVector<Value> buffers = rewriteArguments(b, func, *destinations);
    SmallVector<Type> results = rewriteResults(b, func, *destinations, buffers);
    // Result attributes would no longer fit the results.
    func.removeResAttrsAttr();
    func.setType(
        b.getFunctionType(func.getBody().front().getArgumentTypes(), results));
  }
  func->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(), b.getUnitAttr());
  return success();
}

/// Rewrites a structured op on memrefs to one on tensors that are read from
/// and written to those memrefs.
static void bringToTensors(RewriterBase &rewriter,
                           DestinationStyleOpInterface op) {
  rewriter.setInsertionPoint(op);
  Location loc = op.getLoc();
  SmallVector<Value> operands, destinations;
  SmallVector<Type> results;
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = cast<MemRefType>(operand.get().getType());
    auto tensorType =
        RankedTensorType::get(type.getShape(), type.getElementType());
    bool isInit = op.isDpsInit(&operand);
    operands.push_back(bufferization::ToTensorOp::create(
        rewriter, loc, tensorType, operand.get(), /*restrict=*/true,
        /*writable=*/isInit));
    if (isInit) {
      destinations.push_back(operand.get());
      results.push_back(tensorType);
    }
  }
  OperationState state(loc, op->getName(), operands, results, op->getAttrs());
  state.propertiesAttr = op->getPropertiesAsAttribute();
  for (Region &region : op->getRegions())
    state.addRegion()->takeBody(region);
  Operation *onTensors = rewriter.create(state);
  for (auto [value, buffer] :
       llvm::zip(onTensors->getResults(), destinations)) {
    auto write = bufferization::MaterializeInDestinationOp::create(
        rewriter, loc, value, buffer);
    write.setWritable(true);
  }
  rewriter.eraseOp(op);
}

namespace {
struct PrepareEntriesPass final
    : mqa::impl::PrepareEntriesPassBase<PrepareEntriesPass> {
  using Base::Base;

  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<DestinationStyleOpInterface> onMemRefs;
    getOperation()->walk([&](DestinationStyleOpInterface op) {
      if (isa<MQADialect>(op->getDialect()) && op.hasPureBufferSemantics())
        onMemRefs.push_back(op);
    });
    for (DestinationStyleOpInterface op : onMemRefs)
      bringToTensors(rewriter, op);
    SmallVector<func::FuncOp> entries;
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (!func.isExternal() && func.isPublic())
        entries.push_back(func);
    SymbolTable symbols(getOperation());
    for (func::FuncOp func : entries) {
      if (failed(separateCallee(symbols, func))) {
        signalPassFailure();
        return;
      }
      if (failed(prepareEntry(func))) {
        signalPassFailure();
        return;
      }
    }
  }

private:
  /// The type of a public function on tensors changes: calls of it in the
  /// module get a private copy of what it was.
  LogicalResult separateCallee(SymbolTable &symbols, func::FuncOp func) {
    auto isTensor = [](Type type) { return isa<TensorType>(type); };
    if (llvm::none_of(func.getArgumentTypes(), isTensor) &&
        llvm::none_of(func.getResultTypes(), isTensor))
      return success();
    if (SymbolTable::symbolKnownUseEmpty(func, getOperation()))
      return success();
    func::FuncOp callee = func.clone();
    callee.setPrivate();
    StringAttr name = symbols.insert(callee, std::next(func->getIterator()));
    if (failed(SymbolTable::replaceAllSymbolUses(func, name, getOperation())))
      return func.emitOpError("expected calls of a public function on tensors "
                              "that can be redirected, got another use");
    return success();
  }
};
} // namespace
