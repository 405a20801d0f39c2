//===- MaskModel.cpp - the op, its terms, and what is known ---------------===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MaskModel.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/InferIntRangeInterface.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::mqa;
using namespace mlir::mqa::mask;
using llvm::SmallBitVector;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

static Int toInt(const APInt &value) { return Int(value.getSExtValue()); }

bool mask::isNumber(Type type) {
  return type.isIndex() ||
         (type.isInteger() && type.getIntOrFloatBitWidth() <= 64);
}

IntRange mask::getLimits(Type type) {
  if (type.isInteger(1))
    return {Int(0), Int(1)};
  unsigned width = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  return {toInt(APInt::getSignedMinValue(width)),
          toInt(APInt::getSignedMaxValue(width))};
}

//===----------------------------------------------------------------------===//
// The op
//===----------------------------------------------------------------------===//

static AttentionShape getShapeOf(Operation *op) {
  if (auto attention = dyn_cast<AttentionOp>(op))
    return attention.getShape();
  return cast<OnlineAttentionOp>(op).getShape();
}

MaskModel::MaskModel(Operation *op, const MaskOptions &options)
    : op(op), options(options), shape(getShapeOf(op)) {
  auto take = [&](auto attention) {
    maps = attention.getIndexingMapsArray();
    llvm::append_range(inputs, attention.getInputs());
    if (!attention.getMask().empty())
      block = &attention.getMask().front();
  };
  if (auto attention = dyn_cast<AttentionOp>(op))
    take(attention);
  else
    take(cast<OnlineAttentionOp>(op));
  keyDim = shape.getDims(DimRole::Key).back();
  staticSizes.resize(shape.getNumDims());
  for (auto [operand, map] : llvm::zip(op->getOperands(), maps))
    for (auto [position, expr] : llvm::enumerate(map.getResults())) {
      auto type = cast<ShapedType>(operand.getType());
      if (!type.isDynamicDim(position))
        staticSizes[cast<AffineDimExpr>(expr).getPosition()] =
            type.getDimSize(position);
    }
}

std::optional<unsigned>
MaskModel::getPositionDim(BlockArgument argument) const {
  unsigned index = argument.getArgNumber();
  if (index < getNumInputs())
    return std::nullopt;
  return shape.getRegionDims()[index - getNumInputs()];
}

std::optional<int64_t> MaskModel::getStaticSize(unsigned dim) const {
  return staticSizes[dim];
}

std::optional<unsigned> MaskModel::getSizeDim(Value value) const {
  Value source;
  std::optional<int64_t> position;
  if (auto dim = value.getDefiningOp<tensor::DimOp>()) {
    source = dim.getSource();
    position = dim.getConstantIndex();
  } else if (auto dim = value.getDefiningOp<memref::DimOp>()) {
    source = dim.getSource();
    position = dim.getConstantIndex();
  }
  if (!source || !position)
    return std::nullopt;
  for (auto [operand, map] : llvm::zip(op->getOperands(), maps))
    if (operand == source && *position >= 0 && *position < map.getNumResults())
      return cast<AffineDimExpr>(map.getResult(*position)).getPosition();
  return std::nullopt;
}

SmallBitVector MaskModel::getDims(Value value) {
  SmallBitVector dims(shape.getNumDims());
  Block *home = value.getParentBlock();
  if (!block || home != block)
    return dims;
  auto known = dimsOf.find(value);
  if (known != dimsOf.end())
    return known->second;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    if (std::optional<unsigned> dim = getPositionDim(argument))
      dims.set(*dim);
    else
      for (AffineExpr expr : getInputMap(argument.getArgNumber()).getResults())
        dims.set(cast<AffineDimExpr>(expr).getPosition());
  } else {
    Operation *def = value.getDefiningOp();
    SetVector<Value> used(def->operand_begin(), def->operand_end());
    getUsedValuesDefinedAbove(def->getRegions(), used);
    for (Value operand : used)
      dims |= getDims(operand);
  }
  dimsOf[value] = dims;
  return dims;
}

Dependence MaskModel::getDependence(const SmallBitVector &dims) const {
  bool rows = false;
  for (unsigned dim : dims.set_bits())
    rows |= shape.getRole(dim) == DimRole::Row;
  bool keys = !dims.empty() && dims.test(keyDim);
  if (rows)
    return keys ? Dependence::Both : Dependence::Rows;
  return keys ? Dependence::Keys : Dependence::Point;
}

//===----------------------------------------------------------------------===//
// Terms
//===----------------------------------------------------------------------===//

static SmallBitVector single(unsigned count, unsigned dim) {
  SmallBitVector bits(count);
  bits.set(dim);
  return bits;
}

TermId MaskModel::getSizeTerm(unsigned dim) {
  Term term{Term::Kind::Size};
  term.dim = dim;
  term.dims.resize(shape.getNumDims());
  // The box of rows of a query has a row.
  bool some = shape.getRole(dim) == DimRole::Row;
  term.range = {Int(some ? 1 : 0), Int(options.maxDim)};
  if (std::optional<int64_t> size = staticSizes[dim])
    term.range = {Int(*size), Int(*size)};
  return terms.get(term);
}

LinearForm MaskModel::getSize(unsigned dim) {
  if (std::optional<int64_t> size = staticSizes[dim])
    return LinearForm::of(Int(*size));
  return LinearForm::of(getSizeTerm(dim));
}

LinearForm MaskModel::getPosition(unsigned dim) {
  Term term{dim == keyDim ? Term::Kind::Key : Term::Kind::Row};
  term.dim = dim;
  term.dims = single(shape.getNumDims(), dim);
  term.dependsOnKeys = dim == keyDim;
  int64_t size = staticSizes[dim].value_or(options.maxDim);
  term.range = {Int(0), Int(std::max<int64_t>(size, 1) - 1)};
  if (size == 1)
    return LinearForm();
  getSizeTerm(dim);
  return LinearForm::of(terms.get(term));
}

/// The range of `value` from what made it, wrapping included.
IntRange MaskModel::inferRange(Value value, unsigned depth) {
  IntRange limits = getLimits(value.getType());
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)) &&
      !value.getType().isInteger(1))
    return {toInt(constant), toInt(constant)};
  auto argument = dyn_cast<BlockArgument>(value);
  if (argument && block && argument.getOwner() == block) {
    if (std::optional<unsigned> dim = getPositionDim(argument)) {
      int64_t size = staticSizes[*dim].value_or(options.maxDim);
      return {Int(0), Int(std::max<int64_t>(size, 1) - 1)};
    }
    return limits;
  }
  auto inferrable = value.getDefiningOp<InferIntRangeInterface>();
  if (!inferrable || depth == 0)
    return limits;
  SmallVector<ConstantIntRanges> operands;
  for (Value operand : value.getDefiningOp()->getOperands()) {
    Type type = operand.getType();
    if (!isNumber(type) || type.isInteger(1)) {
      operands.push_back(ConstantIntRanges::maxRange(
          ConstantIntRanges::getStorageBitwidth(type)));
      continue;
    }
    IntRange range = inferRange(operand, depth - 1);
    unsigned width = ConstantIntRanges::getStorageBitwidth(type);
    operands.push_back(ConstantIntRanges::fromSigned(
        APInt(width, int64_t(range.lo), /*isSigned=*/true),
        APInt(width, int64_t(range.hi), /*isSigned=*/true)));
  }
  inferrable.inferResultRanges(
      operands, [&](Value result, const ConstantIntRanges &range) {
        if (result == value && !value.getType().isInteger(1))
          limits = {toInt(range.smin()), toInt(range.smax())};
      });
  return limits;
}

TermId MaskModel::getOpaque(Value value) {
  Term term;
  SmallBitVector dims = getDims(value);
  switch (getDependence(dims)) {
  case Dependence::Point:
    term.kind = Term::Kind::Symbol;
    break;
  case Dependence::Rows:
    term.kind = Term::Kind::RowValue;
    break;
  case Dependence::Keys:
    term.kind = Term::Kind::KeyValue;
    break;
  case Dependence::Both:
    term.kind = Term::Kind::Any;
    break;
  }
  term.value = value;
  term.range = inferRange(value);
  term.dims = dims;
  term.dependsOnKeys = dims.test(keyDim);
  term.origin = value.getDefiningOp();
  return terms.get(term);
}

LinearForm MaskModel::getDivision(Term::Kind kind, const LinearForm &operand,
                                  const Divisor &divisor, Operation *origin) {
  if (operand.isConstant() && divisor.constant != 0)
    return LinearForm::of(kind == Term::Kind::Quotient
                              ? floorDiv(operand.constant, divisor.constant)
                              : mod(operand.constant, divisor.constant));
  Term term{kind};
  term.operand = operand;
  term.divisor = divisor;
  term.dims.resize(shape.getNumDims());
  for (auto &[id, coefficient] : operand.terms)
    term.dims |= terms[id].dims;
  if (divisor.constant == 0)
    term.dims |= terms[divisor.term].dims;
  term.dependsOnKeys = terms.dependsOnKeys(operand);
  term.origin = origin;
  return LinearForm::of(terms.get(term));
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

IntRange MaskModel::getDivisorRange(const Divisor &divisor,
                                    const Assumptions &assumptions) const {
  if (divisor.constant != 0)
    return {divisor.constant, divisor.constant};
  IntRange range = getRange(divisor.term, assumptions);
  IntRange allowed =
      getAllowed(divisor.isExponent ? Guard::Exponent : Guard::Positive);
  auto clamp = [&](const Int &value) {
    // A guard has seen to exponents; other symbols may be known to be larger.
    if (!divisor.isExponent)
      return std::max(value, Int(1));
    Int exponent = std::min(std::max(value, allowed.lo), allowed.hi);
    return Int(int64_t(1) << int64_t(exponent));
  };
  return {clamp(range.lo), clamp(range.hi)};
}

IntRange MaskModel::getAllowed(Guard guard) const {
  Int bound(options.guardBound);
  switch (guard) {
  case Guard::Bounded:
    return {-bound, bound};
  case Guard::Positive:
    return {Int(1), bound};
  case Guard::Exponent:
    return {Int(0),
            Int(llvm::Log2_64(std::max<int64_t>(options.guardBound, 1)))};
  }
  llvm_unreachable("a guard of another kind");
}

IntRange MaskModel::getRange(TermId id, const Assumptions &assumptions) const {
  const Term &term = terms[id];
  if (term.isDivision()) {
    IntRange divisor = getDivisorRange(term.divisor, assumptions);
    if (term.kind == Term::Kind::Remainder)
      return {Int(0), divisor.hi - 1};
    IntRange x = getRange(term.operand, assumptions);
    return {std::min(floorDiv(x.lo, divisor.lo), floorDiv(x.lo, divisor.hi)),
            std::max(floorDiv(x.hi, divisor.lo), floorDiv(x.hi, divisor.hi))};
  }
  Int bound(options.guardBound);
  IntRange range = term.range;
  bool isPosition =
      term.kind == Term::Kind::Key || term.kind == Term::Kind::Row;
  if (isPosition) {
    // A guard of the size bounds the position.
    for (auto &[guard, kind] : assumptions.guards)
      if (terms[guard].kind == Term::Kind::Size && terms[guard].dim == term.dim)
        range.hi = std::min(range.hi, std::max(bound - 1, Int(0)));
    return range;
  }
  if (term.kind == Term::Kind::Size && term.dim == keyDim &&
      assumptions.someKey)
    range.lo = std::max(range.lo, Int(1));
  auto guard = assumptions.guards.find(id);
  if (guard == assumptions.guards.end())
    return range;
  IntRange allowed = getAllowed(guard->second);
  return {std::max(range.lo, allowed.lo), std::min(range.hi, allowed.hi)};
}

IntRange MaskModel::getRange(const LinearForm &form,
                             const Assumptions &assumptions) const {
  IntRange sum{form.constant, form.constant};
  for (auto &[id, coefficient] : form.terms) {
    IntRange range = getRange(id, assumptions);
    bool up = coefficient > 0;
    sum.lo += coefficient * (up ? range.lo : range.hi);
    sum.hi += coefficient * (up ? range.hi : range.lo);
  }
  return sum;
}

//===----------------------------------------------------------------------===//
// Guards
//===----------------------------------------------------------------------===//

bool MaskModel::guarded(const TermSet &leaves, Assumptions &assumptions,
                        function_ref<bool()> attempt) {
  if (attempt())
    return true;
  Guards saved = assumptions.guards;
  for (bool everything : {false, true}) {
    for (TermId leaf : leaves) {
      Term::Kind kind = terms[leaf].kind;
      if (kind == Term::Kind::Any ||
          (!everything && kind != Term::Kind::Symbol) ||
          (kind == Term::Kind::KeyValue && !assumptions.guardKeys))
        continue;
      TermId guard = leaf;
      if (kind == Term::Kind::Key || kind == Term::Kind::Row)
        guard = getSizeTerm(terms[leaf].dim);
      IntRange range = terms[guard].range;
      Int bound(options.guardBound);
      bool helps = range.lo < -bound || range.hi > bound;
      bool canHold = range.lo <= bound && range.hi >= -bound;
      if (helps && canHold)
        assumptions.guards.insert({guard, Guard::Bounded});
    }
    if (attempt())
      return true;
  }
  assumptions.guards = saved;
  return false;
}

bool MaskModel::fits(const LinearForm &form, Type type,
                     Assumptions &assumptions) {
  IntRange limits = getLimits(type);
  TermSet leaves;
  terms.collectLeaves(form, leaves);
  return guarded(leaves, assumptions, [&] {
    IntRange range = getRange(form, assumptions);
    return limits.lo <= range.lo && range.hi <= limits.hi;
  });
}
