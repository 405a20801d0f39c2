//===- EntryABI.cpp - how compiled functions are called ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/CodeGen/CPU/EntryABI.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;
using namespace mlir::mqa;

/// Calls that are followed into their callees at most; more is recursion.
static constexpr unsigned kMaxCallDepth = 32;

static Value traceToBuffer(Value value, unsigned depth);

/// The operand of `call` that result `number` is written into, or null.
static Value getDestinationOfCall(func::CallOp call, unsigned number,
                                  unsigned depth) {
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      call, call.getCalleeAttr());
  if (!callee || callee.isExternal() || !callee.getBody().hasOneBlock() ||
      depth == kMaxCallDepth)
    return nullptr;
  Block &body = callee.getBody().front();
  auto arg = dyn_cast_if_present<BlockArgument>(
      traceToBuffer(body.getTerminator()->getOperand(number), depth + 1));
  return arg && arg.getOwner() == &body ? call.getOperand(arg.getArgNumber())
                                        : Value();
}

/// The value whose buffer `result` reuses, or null.
static Value getDestinationOf(OpResult result, unsigned depth) {
  Operation *op = result.getOwner();
  if (auto dps = dyn_cast<DestinationStyleOpInterface>(op))
    return dps.getTiedOpOperand(result)->get();
  if (auto call = dyn_cast<func::CallOp>(op))
    return getDestinationOfCall(call, result.getResultNumber(), depth);
  if (auto loop = dyn_cast<LoopLikeOpInterface>(op))
    if (OpOperand *init = loop.getTiedLoopInit(result))
      return init->get();
  return nullptr;
}

/// Follows destinations back from `value` to a block argument, or to null.
static Value traceToBuffer(Value value, unsigned depth) {
  while (auto result = dyn_cast_if_present<OpResult>(value))
    value = getDestinationOf(result, depth);
  return value;
}

FailureOr<SmallVector<int64_t>>
mlir::mqa::getResultDestinations(func::FuncOp func) {
  SmallVector<int64_t> destinations(func.getNumResults(), -1);
  if (func.isExternal())
    return destinations;
  auto hasTensor = [](TypeRange types) {
    return llvm::any_of(types, llvm::IsaPred<TensorType>);
  };
  if (!func.getBody().hasOneBlock()) {
    if (hasTensor(func.getArgumentTypes()) ||
        hasTensor(func.getResultTypes())) {
      func.emitOpError() << "expected a single block in a function on tensors, "
                            "got "
                         << func.getBody().getBlocks().size();
      return failure();
    }
    return destinations;
  }
  Operation *terminator = func.getBody().front().getTerminator();
  SmallVector<bool> taken(func.getNumArguments(), false);
  for (auto [number, value] : llvm::enumerate(terminator->getOperands())) {
    if (!isa<RankedTensorType>(value.getType()))
      continue;
    Value current = traceToBuffer(value, /*depth=*/0);
    auto arg = dyn_cast_if_present<BlockArgument>(current);
    // An argument that is returned as it came is copied, like any value.
    if (!arg || current == value || taken[arg.getArgNumber()] ||
        arg.getOwner() != &func.getBody().front() ||
        arg.getType() != value.getType())
      continue;
    taken[arg.getArgNumber()] = true;
    destinations[number] = arg.getArgNumber();
  }
  return destinations;
}
