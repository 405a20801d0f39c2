//===- RoleBuilder.cpp - linalg ops with roles ------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RoleBuilder.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::mqa;

Value mlir::mqa::convertFloat(OpBuilder &b, Location loc, Value value,
                              Type type) {
  unsigned from = value.getType().getIntOrFloatBitWidth();
  unsigned to = type.getIntOrFloatBitWidth();
  if (value.getType() == type)
    return value;
  if (from < to)
    return arith::ExtFOp::create(b, loc, type, value);
  if (from > to)
    return arith::TruncFOp::create(b, loc, type, value);
  // f16 and bf16: neither holds the other.
  Value wide = arith::ExtFOp::create(b, loc, b.getF32Type(), value);
  return arith::TruncFOp::create(b, loc, type, wide);
}

Value mlir::mqa::createFloat(OpBuilder &b, Location loc, Type type,
                             double value) {
  return arith::ConstantOp::create(b, loc, b.getFloatAttr(type, value));
}

static SmallVector<unsigned> getResultDims(AffineMap map) {
  SmallVector<unsigned> dims;
  for (unsigned i = 0, end = map.getNumResults(); i < end; ++i)
    dims.push_back(map.getDimPosition(i));
  return dims;
}

NamedTensor RoleBuilder::getOperand(unsigned number) {
  return {op->getOperand(number), getResultDims(maps[number])};
}

/// A static size where any operand has one.
OpFoldResult RoleBuilder::getSize(unsigned dim) {
  std::optional<std::pair<Value, unsigned>> dynamic;
  for (auto [operand, map] : llvm::zip_equal(op->getOperands(), maps))
    for (auto [axis, result] : llvm::enumerate(getResultDims(map))) {
      if (result != dim)
        continue;
      auto type = cast<RankedTensorType>(operand.getType());
      if (!type.isDynamicDim(axis))
        return b.getIndexAttr(type.getDimSize(axis));
      if (!dynamic)
        dynamic.emplace(operand, axis);
    }
  return tensor::getMixedSize(b, getLoc(), dynamic->first, dynamic->second);
}

void RoleBuilder::annotate(Operation *built, StringRef role) {
  built->setDiscardableAttr("mqa.role", b.getStringAttr(role));
  if (schedule)
    built->setDiscardableAttr("mqa.schedule", schedule);
}

NamedTensor RoleBuilder::createEmpty(ArrayRef<unsigned> dims,
                                     Type elementType) {
  SmallVector<OpFoldResult> sizes =
      llvm::map_to_vector(dims, [&](unsigned dim) { return getSize(dim); });
  Value empty = tensor::EmptyOp::create(b, getLoc(), sizes, elementType);
  return {empty, llvm::to_vector(dims)};
}

NamedTensor RoleBuilder::createFill(StringRef role, Value value,
                                    const NamedTensor &out) {
  auto fill = linalg::FillOp::create(b, getLoc(), value, out.value);
  annotate(fill, role);
  return {fill.getResult(0), out.dims};
}

NamedTensor
RoleBuilder::createGeneric(StringRef role, ArrayRef<NamedTensor> ins,
                           const NamedTensor &out, ArrayRef<unsigned> parallel,
                           ArrayRef<unsigned> reduction, Body body) {
  SmallVector<unsigned> loops = llvm::to_vector(parallel);
  llvm::append_range(loops, reduction);
  return createInterleaved(role, ins, out, loops, reduction, body);
}

NamedTensor
RoleBuilder::createInterleaved(StringRef role, ArrayRef<NamedTensor> ins,
                               const NamedTensor &out, ArrayRef<unsigned> loops,
                               ArrayRef<unsigned> reduction, Body body) {
  auto getMap = [&](const NamedTensor &tensor) {
    SmallVector<AffineExpr> results;
    for (unsigned dim : tensor.dims)
      results.push_back(b.getAffineDimExpr(
          std::distance(loops.begin(), llvm::find(loops, dim))));
    return AffineMap::get(loops.size(), 0, results, b.getContext());
  };
  SmallVector<AffineMap> genericMaps = llvm::map_to_vector(ins, getMap);
  genericMaps.push_back(getMap(out));
  SmallVector<utils::IteratorType> iterators =
      llvm::map_to_vector(loops, [&](unsigned dim) {
        return llvm::is_contained(reduction, dim)
                   ? utils::IteratorType::reduction
                   : utils::IteratorType::parallel;
      });
  SmallVector<Value> inputs =
      llvm::map_to_vector(ins, [](const NamedTensor &t) { return t.value; });
  auto generic = linalg::GenericOp::create(
      b, getLoc(), out.value.getType(), inputs, out.value, genericMaps,
      iterators, [&](OpBuilder &nested, Location loc, ValueRange args) {
        linalg::YieldOp::create(nested, loc, body(nested, loc, args));
      });
  annotate(generic, role);
  return {generic.getResult(0), out.dims};
}
