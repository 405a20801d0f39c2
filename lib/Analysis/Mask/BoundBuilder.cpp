//===- BoundBuilder.cpp - index arithmetic that cannot wrap ---------------===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BoundBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

using namespace mlir;
using namespace mlir::mqa;
using namespace mlir::mqa::mask;
using arith::CmpIPredicate;

std::optional<bool> mask::getKnownTruth(OpFoldResult condition) {
  if (auto attribute = dyn_cast<Attribute>(condition))
    return !cast<IntegerAttr>(attribute).getValue().isZero();
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

Value BoundBuilder::create(Code code, ArrayRef<Value> x) {
  switch (code) {
  case Code::Constant:
    break;
  case Code::Add:
    return arith::AddIOp::create(b, loc, x[0], x[1]);
  case Code::Sub:
    return arith::SubIOp::create(b, loc, x[0], x[1]);
  case Code::Mul:
    return arith::MulIOp::create(b, loc, x[0], x[1]);
  case Code::Div:
    return arith::DivUIOp::create(b, loc, x[0], x[1]);
  case Code::Shift:
    return arith::ShRSIOp::create(b, loc, x[0], x[1]);
  case Code::ShiftLeft:
    return arith::ShLIOp::create(b, loc, x[0], x[1]);
  case Code::Xor:
    return arith::XOrIOp::create(b, loc, x[0], x[1]);
  case Code::Min:
    return arith::MinSIOp::create(b, loc, x[0], x[1]);
  case Code::Max:
    return arith::MaxSIOp::create(b, loc, x[0], x[1]);
  case Code::Select:
    return arith::SelectOp::create(b, loc, x[0], x[1], x[2]);
  case Code::LessEqual:
    return arith::CmpIOp::create(b, loc, CmpIPredicate::sle, x[0], x[1]);
  case Code::LessThan:
    return arith::CmpIOp::create(b, loc, CmpIPredicate::slt, x[0], x[1]);
  case Code::And:
    return arith::AndIOp::create(b, loc, x[0], x[1]);
  case Code::Or:
    return arith::OrIOp::create(b, loc, x[0], x[1]);
  }
  llvm_unreachable("constants are not created here");
}

Value BoundBuilder::toValue(OpFoldResult value) {
  auto attribute = dyn_cast<Attribute>(value);
  if (!attribute)
    return cast<Value>(value);
  Key key{Code::Constant, attribute.getAsOpaquePointer(), nullptr, nullptr};
  Value &known = emitted[key];
  if (!known) {
    known = arith::ConstantOp::create(b, loc, cast<TypedAttr>(attribute));
    created.push_back({key, known.getDefiningOp()});
  }
  return known;
}

Value BoundBuilder::emit(Code code, ArrayRef<OpFoldResult> operands) {
  const void *pointers[3] = {nullptr, nullptr, nullptr};
  for (auto [index, operand] : llvm::enumerate(operands))
    pointers[index] = operand.getOpaqueValue();
  Key key{code, pointers[0], pointers[1], pointers[2]};
  auto known = emitted.find(key);
  if (known != emitted.end())
    return known->second;
  SmallVector<Value> values;
  for (OpFoldResult operand : operands)
    values.push_back(toValue(operand));
  Value result = create(code, values);
  emitted[key] = result;
  created.push_back({key, result.getDefiningOp()});
  return result;
}

bool BoundBuilder::attempt(function_ref<void()> emit) {
  bool before = failed;
  failed = false;
  size_t mark = created.size();
  emit();
  bool done = !failed;
  failed = before;
  if (done)
    return true;
  while (created.size() > mark) {
    auto [key, op] = created.pop_back_val();
    emitted.erase(key);
    op->erase();
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

static bool isIndex(const IntRange &range) {
  return range.lo >= std::numeric_limits<int64_t>::min() &&
         range.hi <= std::numeric_limits<int64_t>::max();
}

Bound BoundBuilder::constant(const Int &value) {
  if (!isIndex({value, value})) {
    failed = true;
    return constant(0);
  }
  return {b.getIndexAttr(int64_t(value)), value, value};
}

Bound BoundBuilder::known(OpFoldResult value, const IntRange &range) {
  if (auto attribute = dyn_cast<Attribute>(value))
    return constant(cast<IntegerAttr>(attribute).getInt());
  if (range.lo == range.hi)
    return constant(range.lo);
  return {value, range.lo, range.hi};
}

/// The result of an operation, which is emitted unless its range says it all.
Bound BoundBuilder::number(Code code, ArrayRef<OpFoldResult> operands,
                           const IntRange &range) {
  if (failed || !isIndex(range)) {
    failed = true;
    return constant(0);
  }
  if (range.lo == range.hi)
    return constant(range.lo);
  return {emit(code, operands), range.lo, range.hi};
}

Bound BoundBuilder::add(const Bound &a, const Bound &b) {
  if (a.isConstant() && a.lo == 0)
    return b;
  if (b.isConstant() && b.lo == 0)
    return a;
  return number(Code::Add, {a.value, b.value}, {a.lo + b.lo, a.hi + b.hi});
}

Bound BoundBuilder::subtract(const Bound &a, const Bound &b) {
  if (b.isConstant() && b.lo == 0)
    return a;
  if (a == b)
    return constant(0);
  return number(Code::Sub, {a.value, b.value}, {a.lo - b.hi, a.hi - b.lo});
}

static IntRange hull(ArrayRef<Int> values) {
  return {*std::min_element(values.begin(), values.end()),
          *std::max_element(values.begin(), values.end())};
}

Bound BoundBuilder::multiply(const Bound &a, const Bound &b) {
  if (a.isConstant() && a.lo == 1)
    return b;
  if (b.isConstant() && b.lo == 1)
    return a;
  return number(Code::Mul, {a.value, b.value},
                hull({a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi}));
}

Bound BoundBuilder::floorDivide(const Bound &a, const Bound &b) {
  assert(b.lo > 0 && "expected a positive divisor");
  if (failed || (b.isConstant() && b.lo == 1))
    return a;
  IntRange range = hull({floorDiv(a.lo, b.lo), floorDiv(a.lo, b.hi),
                         floorDiv(a.hi, b.lo), floorDiv(a.hi, b.hi)});
  if (!isIndex(range)) {
    failed = true;
    return constant(0);
  }
  if (range.lo == range.hi)
    return constant(range.lo);
  return {emitFloorDivide(a, b), range.lo, range.hi};
}

/// Upstream's floor division needs an expansion of its own, so there is none.
Value BoundBuilder::emitFloorDivide(const Bound &a, const Bound &b) {
  if (a.lo >= 0)
    return emit(Code::Div, {a.value, b.value});
  Builder &attributes = this->b;
  int64_t divisor = b.isConstant() ? int64_t(b.lo) : 0;
  if (divisor > 0 && llvm::isPowerOf2_64(divisor))
    return emit(Code::Shift,
                {a.value, attributes.getIndexAttr(llvm::Log2_64(divisor))});
  // Of -1 - a, which is positive where `a` is not, and back.
  Value sign = emit(Code::Shift, {a.value, attributes.getIndexAttr(63)});
  Value magnitude = emit(Code::Xor, {a.value, sign});
  return emit(Code::Xor, {emit(Code::Div, {magnitude, b.value}), sign});
}

Bound BoundBuilder::powerOfTwo(const Bound &exponent) {
  if (failed)
    return constant(1);
  IntRange range{Int(int64_t(1) << int64_t(exponent.lo)),
                 Int(int64_t(1) << int64_t(exponent.hi))};
  return number(Code::ShiftLeft, {constant(1).value, exponent.value}, range);
}

/// Whether `value` is a chain of `OpTy` with `part` in it.
template <typename OpTy>
static bool hasPart(OpFoldResult value, OpFoldResult part, unsigned depth = 4) {
  if (value == part)
    return true;
  auto known = dyn_cast<Value>(value);
  OpTy op = known ? known.getDefiningOp<OpTy>() : OpTy();
  return op && depth > 0 &&
         (hasPart<OpTy>(op.getLhs(), part, depth - 1) ||
          hasPart<OpTy>(op.getRhs(), part, depth - 1));
}

Bound BoundBuilder::minimum(const Bound &a, const Bound &b) {
  if (a.hi <= b.lo || hasPart<arith::MinSIOp>(a.value, b.value))
    return a;
  if (b.hi <= a.lo || hasPart<arith::MinSIOp>(b.value, a.value))
    return b;
  return number(Code::Min, {a.value, b.value},
                {std::min(a.lo, b.lo), std::min(a.hi, b.hi)});
}

Bound BoundBuilder::maximum(const Bound &a, const Bound &b) {
  if (a.lo >= b.hi || hasPart<arith::MaxSIOp>(a.value, b.value))
    return a;
  if (b.lo >= a.hi || hasPart<arith::MaxSIOp>(b.value, a.value))
    return b;
  return number(Code::Max, {a.value, b.value},
                {std::max(a.lo, b.lo), std::max(a.hi, b.hi)});
}

Bound BoundBuilder::select(OpFoldResult condition, const Bound &a,
                           const Bound &b) {
  if (std::optional<bool> known = getKnownTruth(condition))
    return *known ? a : b;
  if (a == b)
    return a;
  return number(Code::Select, {condition, a.value, b.value},
                {std::min(a.lo, b.lo), std::max(a.hi, b.hi)});
}

//===----------------------------------------------------------------------===//
// Truth
//===----------------------------------------------------------------------===//

OpFoldResult BoundBuilder::lessEqual(const Bound &a, const Bound &b) {
  if (failed || a.hi <= b.lo || a == b)
    return truth(true);
  if (a.lo > b.hi)
    return truth(false);
  return emit(Code::LessEqual, {a.value, b.value});
}

OpFoldResult BoundBuilder::lessThan(const Bound &a, const Bound &b) {
  if (failed || a == b || a.lo >= b.hi)
    return truth(false);
  if (a.hi < b.lo)
    return truth(true);
  return emit(Code::LessThan, {a.value, b.value});
}

OpFoldResult BoundBuilder::negate(OpFoldResult condition) {
  if (std::optional<bool> known = getKnownTruth(condition))
    return truth(!*known);
  if (failed)
    return truth(false);
  if (auto cmp = cast<Value>(condition).getDefiningOp<arith::CmpIOp>()) {
    if (cmp.getPredicate() == CmpIPredicate::sle)
      return emit(Code::LessThan, {cmp.getRhs(), cmp.getLhs()});
    if (cmp.getPredicate() == CmpIPredicate::slt)
      return emit(Code::LessEqual, {cmp.getRhs(), cmp.getLhs()});
  }
  return emit(Code::Xor, {condition, truth(true)});
}

OpFoldResult BoundBuilder::all(ArrayRef<OpFoldResult> conditions) {
  return gather(conditions, /*isAnd=*/true);
}

OpFoldResult BoundBuilder::any(ArrayRef<OpFoldResult> conditions) {
  return gather(conditions, /*isAnd=*/false);
}

OpFoldResult BoundBuilder::gather(ArrayRef<OpFoldResult> conditions,
                                  bool isAnd) {
  SmallVector<OpFoldResult> unknown;
  for (OpFoldResult condition : conditions) {
    std::optional<bool> known = getKnownTruth(condition);
    if (known && *known != isAnd)
      return condition;
    if (!known && !llvm::is_contained(unknown, condition))
      unknown.push_back(condition);
  }
  if (failed || unknown.empty())
    return truth(isAnd);
  OpFoldResult result = unknown.front();
  for (OpFoldResult condition : ArrayRef(unknown).drop_front())
    result = emit(isAnd ? Code::And : Code::Or, {result, condition});
  return result;
}
