//===- Dimensions.cpp - sizes of dynamic dimensions -------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/Dimensions.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mqa/Dialect/MQA/IR/MQA.h"
#include "mqa/Runner/Array.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/Twine.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::mqa;

Dimensions::Dimensions(func::FuncOp func) : func(func) {
  func.walk<WalkOrder::PreOrder>([&](Operation *op) {
    // What may not run says nothing.
    if (isa<scf::IfOp, scf::WhileOp, scf::IndexSwitchOp>(op))
      return WalkResult::skip();
    addOp(op);
    return WalkResult::advance();
  });
}

unsigned Dimensions::addClass() {
  unsigned id = classes.size();
  classes.push_back({id, ShapedType::kDynamic, ""});
  return id;
}

unsigned Dimensions::find(unsigned id) {
  while (classes[id].parent != id)
    id = classes[id].parent = classes[classes[id].parent].parent;
  return id;
}

void Dimensions::unite(unsigned a, unsigned b) {
  a = find(a);
  b = find(b);
  if (ShapedType::isDynamic(classes[a].size))
    std::swap(a, b);
  classes[b].parent = a;
}

unsigned Dimensions::getClass(Value value, int64_t dim) {
  auto [entry, isNew] = byValue.try_emplace({value, dim}, 0);
  if (!isNew)
    return find(entry->second);
  unsigned id = entry->second = addClass();
  auto type = dyn_cast<ShapedType>(value.getType());
  if (dim >= 0 && type && !type.isDynamicDim(dim)) {
    classes[id].size = type.getDimSize(dim);
    classes[id].origin = "the type";
  }
  if (std::optional<int64_t> size =
          dim < 0 ? getConstantIntValue(value) : std::nullopt) {
    classes[id].size = *size;
    classes[id].origin = "a constant";
  }
  return id;
}

void Dimensions::addStructured(Operation *op, ArrayRef<AffineMap> maps) {
  if (maps.empty())
    return;
  SmallVector<unsigned> dims;
  for (unsigned i = 0, e = maps.front().getNumDims(); i < e; ++i)
    dims.push_back(addClass());
  for (auto [operand, map] : llvm::zip(op->getOperands(), maps))
    for (auto [position, expr] : llvm::enumerate(map.getResults()))
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        unite(dims[dim.getPosition()], getClass(operand, position));
  if (auto op2 = dyn_cast<AttentionOp>(op); op2 && !attention) {
    attention = op2.getShape();
    space = dims;
  }
}

void Dimensions::addReassociation(Value expanded, Value collapsed,
                                  ArrayRef<SmallVector<int64_t, 2>> groups) {
  for (auto [position, group] : llvm::enumerate(groups))
    if (group.size() == 1)
      unite(getClass(expanded, group.front()), getClass(collapsed, position));
}

void Dimensions::addView(PagedViewOp op) {
  for (int64_t batch = 0; batch < op.getNumBatches(); ++batch)
    unite(getClass(op.getResult(), batch), getClass(op.getTable(), batch));
  for (int64_t dim = 0; dim < op.getPool().getType().getRank(); ++dim)
    if (dim != int64_t(op.getPageDim()) && dim != int64_t(op.getSlotDim()))
      unite(getClass(op.getResult(), op.getResultDim(dim)),
            getClass(op.getPool(), dim));
  if (op.getKeys())
    unite(getClass(op.getResult(), op.getKeyDim()), getClass(op.getKeys(), -1));
}

void Dimensions::addOp(Operation *op) {
  auto addSizes = [&](Value result, ArrayRef<OpFoldResult> sizes) {
    if (int64_t(sizes.size()) != cast<ShapedType>(result.getType()).getRank())
      return;
    for (auto [position, size] : llvm::enumerate(sizes))
      if (auto value = dyn_cast<Value>(size))
        unite(getClass(result, position), getClass(value, -1));
  };
  auto addSame = [&](Value a, Value b) {
    auto type = dyn_cast<ShapedType>(a.getType());
    for (int64_t i = 0, e = type && type.hasRank() ? type.getRank() : 0; i < e;
         ++i)
      unite(getClass(a, i), getClass(b, i));
  };
  auto addDim = [&](auto dim) {
    if (std::optional<int64_t> index = dim.getConstantIndex())
      unite(getClass(dim.getSource(), *index), getClass(dim.getResult(), -1));
  };
  llvm::TypeSwitch<Operation *>(op)
      .Case<AttentionOp, OnlineAttentionOp, MergeOp, FinalizeOp>(
          [&](auto op) { addStructured(op, op.getIndexingMapsArray()); })
      .Case([&](linalg::LinalgOp op) {
        addStructured(op, op.getIndexingMapsArray());
      })
      .Case([&](PagedViewOp op) { addView(op); })
      .Case<tensor::DimOp, memref::DimOp>(addDim)
      .Case<tensor::EmptyOp, memref::AllocOp>(
          [&](auto op) { addSizes(op->getResult(0), op.getMixedSizes()); })
      .Case([&](tensor::ExtractSliceOp op) {
        addSizes(op.getResult(), op.getMixedSizes());
      })
      .Case([&](tensor::CastOp op) {
        if (isa<RankedTensorType>(op.getSource().getType()) &&
            isa<RankedTensorType>(op.getType()))
          addSame(op.getSource(), op.getResult());
      })
      .Case([&](tensor::InsertSliceOp op) {
        addSame(op.getDest(), op.getResult());
      })
      .Case([&](tensor::ExpandShapeOp op) {
        addReassociation(op.getResult(), op.getSrc(),
                         op.getReassociationIndices());
      })
      .Case([&](tensor::CollapseShapeOp op) {
        addReassociation(op.getSrc(), op.getResult(),
                         op.getReassociationIndices());
      });
  if (auto destinations = dyn_cast<DestinationStyleOpInterface>(op))
    for (OpResult result : op->getResults())
      addSame(destinations.getTiedOpOperand(result)->get(), result);
}

llvm::Error Dimensions::bind(unsigned id, int64_t size, const Twine &what) {
  Class &known = classes[find(id)];
  if (ShapedType::isDynamic(known.size)) {
    known.size = size;
    known.origin = what.str();
    return llvm::Error::success();
  }
  if (known.size == size)
    return llvm::Error::success();
  return makeError("expected " + Twine(known.size) + " for " + what + ", as " +
                   known.origin + " says, got " + Twine(size));
}

llvm::Error Dimensions::bindArgument(unsigned argument,
                                     ArrayRef<int64_t> shape) {
  for (auto [dim, size] : llvm::enumerate(shape))
    if (llvm::Error error =
            bind(getClass(func.getArgument(argument), dim), size,
                 "dimension " + Twine(dim) + " of argument " + Twine(argument)))
      return error;
  return llvm::Error::success();
}

llvm::Error Dimensions::bindScalar(unsigned argument, int64_t value) {
  auto known = byValue.find({func.getArgument(argument), -1});
  if (known == byValue.end())
    return llvm::Error::success();
  return bind(known->second, value, "argument " + Twine(argument));
}

llvm::Expected<unsigned> Dimensions::findByRole(StringRef name) {
  auto last = [&](DimRole role) { return attention->getDims(role).back(); };
  if (name == "n")
    return space[last(DimRole::Key)];
  if (name == "d")
    return space[last(DimRole::Depth)];
  if (name == "e")
    return space[last(DimRole::Value)];
  SmallVector<unsigned> batches = attention->getDims(DimRole::Batch);
  SmallVector<unsigned> rows = attention->getDims(DimRole::Row);
  if (name == "m" && !rows.empty())
    return space[rows.back()];
  if (name == "b" && !batches.empty())
    return space[batches.front()];
  SmallVector<unsigned> heads(ArrayRef<unsigned>(batches).drop_front(
      std::min<size_t>(1, batches.size())));
  llvm::append_range(heads, ArrayRef<unsigned>(rows).drop_back(
                                std::min<size_t>(1, rows.size())));
  llvm::SmallSetVector<unsigned, 4> dynamic;
  for (unsigned dim : heads)
    if (ShapedType::isDynamic(classes[find(space[dim])].size))
      dynamic.insert(find(space[dim]));
  if (name != "h" || heads.empty() || dynamic.size() > 1)
    return makeError("expected the name of one dimension in --dims (argA.J, "
                     "dI, b, h, m, n, d, e), got '" +
                     name + "', which names " +
                     (dynamic.size() > 1 && name == "h" ? "several" : "none"));
  return dynamic.empty() ? space[heads.back()] : dynamic.front();
}

llvm::Expected<unsigned> Dimensions::findNamed(StringRef name) {
  StringRef rest = name;
  unsigned number = 0, dim = 0;
  if (rest.consume_front("arg")) {
    bool wellFormed = !rest.consumeInteger(10, number) &&
                      rest.consume_front(".") && !rest.getAsInteger(10, dim);
    auto type = wellFormed && number < func.getNumArguments()
                    ? dyn_cast<ShapedType>(func.getArgument(number).getType())
                    : ShapedType();
    if (!type || !type.hasRank() || dim >= type.getRank())
      return makeError("expected argA.J with a dimension J of a tensor or "
                       "memref argument A in --dims, got '" +
                       name + "'");
    return getClass(func.getArgument(number), dim);
  }
  if (!attention)
    return makeError("expected argA.J in --dims of a function without "
                     "attention, got '" +
                     name + "'");
  if (rest.consume_front("d") && !rest.empty()) {
    if (rest.getAsInteger(10, dim) || dim >= space.size())
      return makeError("expected d0 to d" + Twine(space.size() - 1) +
                       " in --dims, got '" + name + "'");
    return space[dim];
  }
  return findByRole(name);
}

llvm::Error Dimensions::bindName(StringRef name, int64_t size) {
  llvm::Expected<unsigned> id = findNamed(name);
  if (!id)
    return id.takeError();
  return bind(*id, size, "--dims=" + name);
}

llvm::Expected<SmallVector<int64_t>> Dimensions::getShape(unsigned argument) {
  Value value = func.getArgument(argument);
  auto type = cast<ShapedType>(value.getType());
  SmallVector<int64_t> shape;
  for (int64_t dim = 0, e = type.getRank(); dim < e; ++dim) {
    int64_t size = classes[getClass(value, dim)].size;
    if (ShapedType::isDynamic(size))
      return makeError("expected a size for dimension " + Twine(dim) +
                       " of argument " + Twine(argument) + " (--dims=arg" +
                       Twine(argument) + "." + Twine(dim) + "=N), got none");
    shape.push_back(size);
  }
  return shape;
}
