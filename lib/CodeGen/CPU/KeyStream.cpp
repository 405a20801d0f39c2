//===- KeyStream.cpp - what a loop over keys reads --------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An access is followed through views to its buffer, with its indices as affine
// functions of the loops. Reads of scratch are followed on to the read that
// filled it, so that staged (converted) keys and values count too.
//
//===----------------------------------------------------------------------===//

#include "KeyStream.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::mqa;

int64_t KeyStream::getElementBytes() const {
  Type element = cast<MemRefType>(base.getType()).getElementType();
  return llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
}

int64_t KeyStream::getLines() const {
  int64_t lines = getLinesPerRow();
  for (const Dim &dim : ArrayRef(dims).drop_back())
    lines *= dim.extent;
  return lines;
}

bool KeyStream::hasAdjacentRows() const {
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(cast<MemRefType>(base.getType())
                 .getStridesAndOffset(strides, offset)))
    return false;
  for (size_t i = 1; i < dims.size(); ++i)
    if (strides[dims[i - 1].number] != dims[i].extent * strides[dims[i].number])
      return false;
  return true;
}

std::optional<int64_t> KeyStream::getTotalBytes() const {
  auto type = cast<MemRefType>(base.getType());
  if (type.isDynamicDim(keyDim))
    return std::nullopt;
  return getLines() * kLineBytes * type.getDimSize(keyDim) / keys;
}

Value mlir::mqa::getBaseBuffer(Value memref) {
  while (auto view = memref.getDefiningOp<ViewLikeOpInterface>())
    memref = view.getViewSource();
  return memref;
}

namespace {

/// A buffer, and an index in each of its dimensions.
struct Access {
  Value base;
  SmallVector<AffineExpr> indices; ///< In terms of `operands`.
  SmallVector<Value> operands;

  AffineExpr add(OpFoldResult value) {
    MLIRContext *context = base.getContext();
    if (std::optional<int64_t> constant = getConstantIntValue(value))
      return getAffineConstantExpr(*constant, context);
    operands.push_back(cast<Value>(value));
    return getAffineDimExpr(operands.size() - 1, context);
  }

  bool stepThrough(memref::SubViewOp view);
  bool stepThrough(memref::ExpandShapeOp view);
  bool stepThroughViews();
};

} // namespace

bool Access::stepThrough(memref::SubViewOp view) {
  if (!llvm::all_of(view.getMixedStrides(), isOneInteger))
    return false;
  llvm::SmallBitVector dropped = view.getDroppedDims();
  SmallVector<AffineExpr> inner = std::move(indices);
  indices.clear();
  unsigned next = 0;
  for (auto [dim, offset] : llvm::enumerate(view.getMixedOffsets())) {
    AffineExpr expr = add(offset);
    indices.push_back(dropped[dim] ? expr : expr + inner[next++]);
  }
  base = view.getSource();
  return true;
}

bool Access::stepThrough(memref::ExpandShapeOp view) {
  SmallVector<AffineExpr> inner = std::move(indices);
  indices.clear();
  for (const ReassociationIndices &group : view.getReassociationIndices()) {
    AffineExpr index = inner[group.front()];
    for (int64_t dim : llvm::drop_begin(group)) {
      int64_t size = view.getResultType().getDimSize(dim);
      if (ShapedType::isDynamic(size))
        return false;
      index = index * size + inner[dim];
    }
    indices.push_back(index);
  }
  base = view.getSrc();
  return true;
}

/// Follows `base` to its buffer; false where the indices cannot be told.
bool Access::stepThroughViews() {
  while (Operation *view = base.getDefiningOp<ViewLikeOpInterface>()) {
    if (auto cast = dyn_cast<memref::CastOp>(view)) {
      base = cast.getSource();
      continue;
    }
    auto subview = dyn_cast<memref::SubViewOp>(view);
    auto expand = dyn_cast<memref::ExpandShapeOp>(view);
    if (!(subview && stepThrough(subview)) && !(expand && stepThrough(expand)))
      return false;
  }
  return true;
}

static std::optional<Access> getAccess(Operation *read) {
  Access access;
  ValueRange indices;
  if (auto transfer = dyn_cast<vector::TransferReadOp>(read)) {
    access.base = transfer.getBase();
    indices = transfer.getIndices();
  } else if (auto load = dyn_cast<vector::LoadOp>(read)) {
    access.base = load.getBase();
    indices = load.getIndices();
  } else {
    return std::nullopt;
  }
  if (!isa<MemRefType>(access.base.getType()))
    return std::nullopt;
  for (Value index : indices)
    access.indices.push_back(access.add(index));
  if (!access.stepThroughViews())
    return std::nullopt;
  return access;
}

/// How the indices of an access move, or nothing if that is not understood.
static std::optional<KeyStream> getStream(Access access, scf::ForOp keyLoop) {
  std::optional<int64_t> step = getConstantIntValue(keyLoop.getStep());
  auto type = cast<MemRefType>(access.base.getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  if (!step || !keyLoop.isDefinedOutsideOfLoop(access.base) ||
      !type.getElementType().isIntOrFloat() ||
      failed(type.getStridesAndOffset(strides, offset)) || strides.empty() ||
      strides.back() != 1)
    return std::nullopt;
  MLIRContext *context = type.getContext();
  AffineMap map =
      AffineMap::get(access.operands.size(), 0, access.indices, context);
  affine::fullyComposeAffineMapAndOperands(&map, &access.operands);

  // Dimensions and symbols of the map that the loop, or loops in it, change.
  SmallVector<AffineExpr> dims, symbols, stepped;
  AffineExpr zero = getAffineConstantExpr(0, context);
  AffineExpr key;
  for (auto [number, value] : llvm::enumerate(access.operands)) {
    bool isDim = number < map.getNumDims();
    AffineExpr self =
        isDim ? getAffineDimExpr(number, context)
              : getAffineSymbolExpr(number - map.getNumDims(), context);
    bool isInner = !keyLoop.isDefinedOutsideOfLoop(value);
    if (value == keyLoop.getInductionVar())
      key = self;
    else if (isInner && !scf::getForInductionVarOwner(value))
      return std::nullopt;
    bool isFixed = !isInner || value == keyLoop.getInductionVar();
    (isDim ? dims : symbols).push_back(isFixed ? self : zero);
  }
  if (!key)
    return std::nullopt;
  AffineMap origin = map.replaceDimsAndSymbols(dims, symbols, map.getNumDims(),
                                               map.getNumSymbols());
  KeyStream stream{access.base, origin, access.operands, 0, *step, {}};
  affine::canonicalizeMapAndOperands(&stream.origin, &stream.operands);
  bool found = false;
  for (unsigned dim = 0, rank = type.getRank(); dim < rank; ++dim) {
    AffineExpr expr = origin.getResult(dim);
    AffineExpr moved = expr.replace(key, key + 1);
    AffineExpr delta =
        simplifyAffineExpr(moved - expr, map.getNumDims(), map.getNumSymbols());
    auto constant = dyn_cast<AffineConstantExpr>(delta);
    if (!constant || constant.getValue() < 0 || constant.getValue() > 1 ||
        (constant.getValue() == 1 && found))
      return std::nullopt;
    if (constant.getValue() == 1) {
      found = true;
      stream.keyDim = dim;
      stream.dims.push_back({dim, *step});
    } else if (map.getResult(dim) != expr) {
      if (type.isDynamicDim(dim))
        return std::nullopt;
      stream.dims.push_back({dim, type.getDimSize(dim)});
    }
  }
  if (!found || stream.dims.size() < 2 ||
      stream.dims.back().number + 1 != type.getRank())
    return std::nullopt;
  return stream;
}

/// Reads in the block of `write` that what it writes is computed from.
static void collectFeedingReads(Operation *write,
                                SmallVectorImpl<Operation *> &reads) {
  SmallVector<Operation *> worklist{write};
  llvm::SmallDenseSet<Operation *> seen;
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val();
    if (isa<vector::TransferReadOp, vector::LoadOp>(op)) {
      reads.push_back(op);
      continue;
    }
    ValueRange operands = op->getOperands();
    for (Value operand : op == write ? operands.take_front() : operands)
      if (Operation *def = operand.getDefiningOp())
        if (def->getBlock() == write->getBlock() && seen.insert(def).second)
          worklist.push_back(def);
  }
}

std::optional<KeyStream> mlir::mqa::findKeyStream(Operation *read,
                                                  scf::ForOp keyLoop) {
  std::optional<Access> access = getAccess(read);
  if (!access)
    return std::nullopt;
  std::optional<KeyStream> stream = getStream(*access, keyLoop);
  if (stream)
    return stream;
  Value scratch = access->base;
  keyLoop.walk([&](vector::TransferWriteOp write) {
    if (stream || getBaseBuffer(write.getBase()) != scratch)
      return;
    SmallVector<Operation *> reads;
    collectFeedingReads(write, reads);
    for (Operation *feeding : reads) {
      std::optional<Access> source = getAccess(feeding);
      if (!stream && source && source->base != scratch)
        stream = getStream(*source, keyLoop);
    }
  });
  return stream;
}
