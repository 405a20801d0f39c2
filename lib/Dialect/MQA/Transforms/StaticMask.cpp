//===- StaticMask.cpp - a mask on given sizes -------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StaticMask.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Transforms/RegionUtils.h"
#include "mqa/Dialect/MQA/Utils/CloneOp.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::mqa;

SmallVector<AffineMap> StaticMask::getMaps(Operation *op) {
  return TypeSwitch<Operation *, SmallVector<AffineMap>>(op)
      .Case<AttentionOp, OnlineAttentionOp>(
          [](auto attention) { return attention.getIndexingMapsArray(); });
}

AttentionShape StaticMask::getShape(Operation *op) {
  return TypeSwitch<Operation *, AttentionShape>(op)
      .Case<AttentionOp, OnlineAttentionOp>(
          [](auto attention) { return attention.getShape(); });
}

SmallVector<int64_t> StaticMask::getStaticSizes(Operation *op) {
  SmallVector<AffineMap> maps = getMaps(op);
  SmallVector<int64_t> sizes(maps.front().getNumDims(), ShapedType::kDynamic);
  for (auto [operand, map] : llvm::zip(op->getOperands(), maps))
    for (auto [size, expr] : llvm::zip(
             cast<ShapedType>(operand.getType()).getShape(), map.getResults()))
      if (!ShapedType::isDynamic(size))
        sizes[cast<AffineDimExpr>(expr).getPosition()] = size;
  return sizes;
}

/// The type of an operand once its dimensions have sizes.
static Type getStaticType(Type type, AffineMap map, ArrayRef<int64_t> sizes) {
  SmallVector<int64_t> shape;
  for (AffineExpr expr : map.getResults())
    shape.push_back(sizes[cast<AffineDimExpr>(expr).getPosition()]);
  if (auto memref = dyn_cast<MemRefType>(type))
    return MemRefType::get(shape, memref.getElementType());
  return cast<ShapedType>(type).clone(shape);
}

StaticMask::StaticMask(Operation *op, ArrayRef<int64_t> sizes,
                       function_ref<std::optional<int64_t>(Value)> getNumber)
    : op(op), sizes(sizes), getNumber(getNumber),
      module(ModuleOp::create(op->getLoc())),
      builder(OpBuilder::atBlockBegin(module->getBody())) {
  SmallVector<AffineMap> maps = getMaps(op);
  SmallVector<Type> types;
  for (auto [operand, map] : llvm::zip(op->getOperands(), maps))
    types.push_back(getStaticType(operand.getType(), map, sizes));
  auto func = func::FuncOp::create(builder, op->getLoc(), "mask",
                                   builder.getFunctionType(types, {}));
  body = func.addEntryBlock();
  builder.setInsertionPointToStart(body);
  SmallVector<Value> operands(body->getArguments());
  for (auto [old, argument] : llvm::zip(op->getOperands(), operands))
    mapping.map(old, argument);
  llvm::SetVector<Value> captured;
  getUsedValuesDefinedAbove(op->getRegion(0), captured);
  for (Value value : captured)
    materialize(value);
  TypeRange results = TypeRange(types).take_back(op->getNumResults());
  copy = cloneWithOperands(builder, op, results, operands);
  copy->getRegion(1).dropAllReferences();
  copy->getRegion(1).getBlocks().clear();
  for (Value value : captured)
    value.replaceUsesWithIf(mapping.lookup(value), [&](OpOperand &use) {
      return copy->isProperAncestor(use.getOwner());
    });
  func::ReturnOp::create(builder, op->getLoc());
}

std::optional<int64_t> StaticMask::getSizeOf(Operation *dimOp) const {
  auto dim = dyn_cast<ShapedDimOpInterface>(dimOp);
  if (!dim)
    return std::nullopt;
  Value shaped = mapping.lookupOrNull(dim.getShapedValue());
  std::optional<int64_t> position = getConstantIntValue(dim.getDimension());
  if (!shaped || !position)
    return std::nullopt;
  auto type = cast<ShapedType>(shaped.getType());
  if (*position < 0 || *position >= type.getRank())
    return std::nullopt;
  return type.getDimSize(*position);
}

Value StaticMask::materialize(Value value) {
  if (Value known = mapping.lookupOrNull(value))
    return known;
  Operation *def = value.getDefiningOp();
  std::optional<int64_t> number = def ? getSizeOf(def) : std::nullopt;
  bool isArithmetic = def && isa<arith::ArithDialect>(def->getDialect());
  if (!number && isArithmetic) {
    for (Value operand : def->getOperands())
      materialize(operand);
    Operation *clone = builder.clone(*def, mapping);
    SmallVector<Value> folded;
    if (failed(builder.tryFold(clone, folded)) || folded.empty())
      return mapping.lookup(value);
    mapping.map(def->getResults(), folded);
    clone->erase();
    return mapping.lookup(value);
  }
  if (!number)
    number = getNumber(value);
  Type type = value.getType();
  Value result;
  if (number && type.isIntOrIndex())
    result = arith::ConstantOp::create(
        builder, op->getLoc(),
        IntegerAttr::get(
            type, APInt(type.isIndex() ? 64 : type.getIntOrFloatBitWidth(),
                        uint64_t(*number), /*isSigned=*/true,
                        /*implicitTrunc=*/true)));
  else
    result = body->addArgument(type, op->getLoc());
  mapping.map(value, result);
  return result;
}
