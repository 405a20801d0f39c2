//===- ElementReader.cpp - values of a mask region at positions -----------===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ElementReader.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/InferIntRangeInterface.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::mqa;
using namespace mlir::mqa::mask;

static constexpr int64_t kMaxUnrolled = 8;

OpFoldResult mask::emitSize(OpBuilder &b, Location loc, const MaskModel &model,
                            unsigned dim) {
  if (std::optional<int64_t> size = model.getStaticSize(dim))
    return b.getIndexAttr(*size);
  for (auto [operand, map] : llvm::zip(model.op->getOperands(), model.maps))
    for (auto [position, expr] : llvm::enumerate(map.getResults())) {
      if (cast<AffineDimExpr>(expr).getPosition() != dim)
        continue;
      if (isa<MemRefType>(operand.getType()))
        return b.createOrFold<memref::DimOp>(loc, operand, position);
      return b.createOrFold<tensor::DimOp>(loc, operand, position);
    }
  llvm_unreachable("every dimension is one of an operand");
}

//===----------------------------------------------------------------------===//
// Values at one position
//===----------------------------------------------------------------------===//

Value ElementReader::read(unsigned input, ArrayRef<OpFoldResult> at) {
  SmallVector<Value> indices;
  for (AffineExpr expr : model.getInputMap(input).getResults())
    indices.push_back(getValueOrCreateConstantIndexOp(
        b, loc, at[cast<AffineDimExpr>(expr).getPosition()]));
  Value source = model.getInput(input);
  if (isa<MemRefType>(source.getType()))
    return memref::LoadOp::create(b, loc, source, indices);
  return b.createOrFold<tensor::ExtractOp>(loc, source, indices);
}

/// Shifts by less than the width, by whatever was poison to shift by.
static void clampShift(Operation *shift) {
  Type type = shift->getResult(0).getType();
  if (!isNumber(type))
    return;
  OpBuilder b(shift);
  unsigned width = ConstantIntRanges::getStorageBitwidth(type);
  Value most = arith::ConstantOp::create(b, shift->getLoc(),
                                         b.getIntegerAttr(type, width - 1));
  shift->setOperand(1, b.createOrFold<arith::MinUIOp>(
                           shift->getLoc(), shift->getOperand(1), most));
}

/// Without a key the region is not run, so nothing that it promises needs to
/// hold where a query runs it.
static void dropPromises(Operation *op) {
  op->walk([](Operation *inner) {
    if (!isa<arith::ArithDialect>(inner->getDialect()))
      return;
    if (auto overflow =
            dyn_cast<arith::ArithIntegerOverflowFlagsInterface>(inner))
      inner->setAttr(
          overflow.getIntegerOverflowAttrName(),
          arith::IntegerOverflowFlagsAttr::get(
              inner->getContext(), arith::IntegerOverflowFlags::none));
    llvm::TypeSwitch<Operation *>(inner)
        .Case<arith::ShRSIOp, arith::ShRUIOp, arith::DivSIOp, arith::DivUIOp>(
            [](auto exact) { exact.setIsExact(false); });
    if (isa<arith::ShLIOp, arith::ShRSIOp, arith::ShRUIOp>(inner))
      clampShift(inner);
  });
}

Value ElementReader::clone(Value value, IRMapping &mapping,
                           ArrayRef<OpFoldResult> at) {
  if (Value known = mapping.lookupOrNull(value))
    return known;
  if (!model.block || value.getParentBlock() != model.block)
    return value;
  Value made;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    std::optional<unsigned> dim = model.getPositionDim(argument);
    made = dim ? getValueOrCreateConstantIndexOp(b, loc, at[*dim])
               : read(argument.getArgNumber(), at);
    mapping.map(value, made);
    return made;
  }
  Operation *def = value.getDefiningOp();
  SetVector<Value> used(def->operand_begin(), def->operand_end());
  getUsedValuesDefinedAbove(def->getRegions(), used);
  for (Value operand : used)
    clone(operand, mapping, at);
  Operation *copy = b.clone(*def, mapping);
  dropPromises(copy);
  SmallVector<Value> folded;
  if (succeeded(b.tryFold(copy, folded)) && !folded.empty()) {
    mapping.map(def->getResults(), folded);
    copy->erase();
  }
  return mapping.lookup(value);
}

Value ElementReader::getAtPoint(Value value) {
  return clone(value, points, first);
}

//===----------------------------------------------------------------------===//
// Extremes over a box
//===----------------------------------------------------------------------===//

Value ElementReader::combine(Value a, Value c, bool least) {
  if (a.getType().isInteger(1))
    return least ? b.createOrFold<arith::AndIOp>(loc, a, c)
                 : b.createOrFold<arith::OrIOp>(loc, a, c);
  return least ? b.createOrFold<arith::MinSIOp>(loc, a, c)
               : b.createOrFold<arith::MaxSIOp>(loc, a, c);
}

/// What changes nothing: the greatest value is where a search for the least
/// starts.
Value ElementReader::getInitial(Type type, bool least) {
  if (type.isInteger(1))
    return arith::ConstantOp::create(b, loc, b.getBoolAttr(least));
  IntRange limits = getLimits(type);
  int64_t value(least ? limits.hi : limits.lo);
  return arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, value));
}

/// Few constant positions are folded one by one.
bool ElementReader::isUnrolled(unsigned dim) const {
  std::optional<int64_t> from = getConstantIntValue(first[dim]),
                         to = getConstantIntValue(last[dim]);
  return from && to && *to - *from < kMaxUnrolled;
}

SmallVector<Value> ElementReader::buildLoops(ArrayRef<unsigned> dims,
                                             SmallVector<OpFoldResult> at,
                                             ArrayRef<Value> values,
                                             ValueRange carried) {
  SmallVector<Value> results;
  if (dims.empty()) {
    IRMapping mapping = points;
    for (auto [index, value] : llvm::enumerate(values)) {
      Value element = clone(value, mapping, at);
      results.push_back(combine(carried[2 * index], element, true));
      results.push_back(combine(carried[2 * index + 1], element, false));
    }
    return results;
  }
  unsigned dim = dims.front();
  if (isUnrolled(dim)) {
    int64_t end = *getConstantIntValue(last[dim]);
    results.assign(carried.begin(), carried.end());
    for (int64_t i = *getConstantIntValue(first[dim]); i <= end; ++i) {
      at[dim] = b.getIndexAttr(i);
      results = buildLoops(dims.drop_front(), at, values, results);
    }
    return results;
  }
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value lower = getValueOrCreateConstantIndexOp(b, loc, first[dim]);
  Value upper = getValueOrCreateConstantIndexOp(b, loc, last[dim]);
  upper = b.createOrFold<arith::AddIOp>(loc, upper, one);
  auto loop = scf::ForOp::create(
      b, loc, lower, upper, one, carried,
      [&](OpBuilder &, Location, Value iv, ValueRange inner) {
        at[dim] = iv;
        SmallVector<Value> yielded =
            buildLoops(dims.drop_front(), at, values, inner);
        scf::YieldOp::create(b, loc, yielded);
      });
  llvm::append_range(results, loop.getResults());
  return results;
}

SmallVector<Extremes> ElementReader::getExtremes(ArrayRef<Value> values) {
  SmallVector<unsigned> dims;
  llvm::SmallBitVector wanted = model.getDims(values.front());
  for (unsigned dim : wanted.set_bits())
    if (first[dim] != last[dim])
      dims.push_back(dim);
  SmallVector<Extremes> extremes;
  if (dims.empty()) {
    IRMapping mapping = points;
    for (Value value : values) {
      Value element = clone(value, mapping, first);
      extremes.push_back({element, element});
    }
    return extremes;
  }
  SmallVector<Value> initial;
  for (Value value : values)
    for (bool least : {true, false})
      initial.push_back(getInitial(value.getType(), least));
  SmallVector<Value> found = buildLoops(dims, first, values, initial);
  for (unsigned i = 0; i < values.size(); ++i)
    extremes.push_back({found[2 * i], found[2 * i + 1]});
  return extremes;
}
