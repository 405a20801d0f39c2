//===- DeviceBuilder.cpp - scalar code of one GPU thread --------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The special functions are intrinsics of NVPTX: the dialects' own math ops
// would become calls into libdevice.
//
//===----------------------------------------------------------------------===//

#include "DeviceBuilder.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::mqa;

Value DeviceBuilder::i32(int64_t value) {
  return arith::ConstantOp::create(*this, getI32IntegerAttr(value));
}
Value DeviceBuilder::i64(int64_t value) {
  return arith::ConstantOp::create(*this, getI64IntegerAttr(value));
}
Value DeviceBuilder::f32(double value) {
  return arith::ConstantOp::create(*this, getF32FloatAttr(value));
}
Value DeviceBuilder::flag(bool value) {
  return arith::ConstantOp::create(*this, getBoolAttr(value));
}

Value DeviceBuilder::materialize(OpFoldResult index) {
  return getValueOrCreateConstantIndexOp(*this, getLoc(), index);
}
Value DeviceBuilder::toI32(OpFoldResult index) {
  if (std::optional<int64_t> known = getConstantIntValue(index))
    return i32(*known);
  return createOrFold<arith::IndexCastOp>(getI32Type(), cast<Value>(index));
}
Value DeviceBuilder::toIndex(Value value) {
  if (std::optional<int64_t> known = getConstant(value))
    return arith::ConstantIndexOp::create(*this, *known);
  return createOrFold<arith::IndexCastOp>(getIndexType(), value);
}
Value DeviceBuilder::toI64(Value value) {
  if (value.getType().isInteger(64))
    return value;
  if (value.getType().isIndex())
    return createOrFold<arith::IndexCastOp>(getI64Type(), value);
  return createOrFold<arith::ExtUIOp>(getI64Type(), value);
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

std::optional<int64_t> DeviceBuilder::getConstant(Value value) {
  APInt result;
  if (!matchPattern(value, m_ConstantInt(&result)))
    return std::nullopt;
  return value.getType().isInteger(1) ? int64_t(result.getBoolValue())
                                      : result.getSExtValue();
}

template <typename Op> Value DeviceBuilder::binary(Value a, Value b) {
  return createOrFold<Op>(a, b);
}

/// A constant of the type of `like`.
static Value constantLike(DeviceBuilder &b, Value like, int64_t value) {
  return arith::ConstantOp::create(b, b.getIntegerAttr(like.getType(), value));
}

Value DeviceBuilder::add(Value a, Value b) {
  return binary<arith::AddIOp>(a, b);
}
Value DeviceBuilder::add(Value a, int64_t b) {
  return b == 0 ? a : add(a, constantLike(*this, a, b));
}
Value DeviceBuilder::sub(Value a, Value b) {
  return binary<arith::SubIOp>(a, b);
}
Value DeviceBuilder::mul(Value a, Value b) {
  return binary<arith::MulIOp>(a, b);
}
Value DeviceBuilder::mul(Value a, int64_t b) {
  return b == 1 ? a : mul(a, constantLike(*this, a, b));
}
Value DeviceBuilder::div(Value a, Value b) {
  return binary<arith::DivUIOp>(a, b);
}
Value DeviceBuilder::div(Value a, int64_t b) {
  return b == 1 ? a : div(a, constantLike(*this, a, b));
}
Value DeviceBuilder::rem(Value a, int64_t b) {
  return binary<arith::RemUIOp>(a, constantLike(*this, a, b));
}
Value DeviceBuilder::bitAnd(Value a, int64_t b) {
  return binary<arith::AndIOp>(a, constantLike(*this, a, b));
}
Value DeviceBuilder::bitXor(Value a, Value b) {
  return binary<arith::XOrIOp>(a, b);
}
Value DeviceBuilder::min(Value a, Value b) {
  return binary<arith::MinSIOp>(a, b);
}
Value DeviceBuilder::max(Value a, Value b) {
  return binary<arith::MaxSIOp>(a, b);
}
Value DeviceBuilder::less(Value a, Value b) {
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::slt, a, b);
}
Value DeviceBuilder::lessEqual(Value a, Value b) {
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::sle, a, b);
}
Value DeviceBuilder::equal(Value a, int64_t b) {
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, a,
                                     constantLike(*this, a, b));
}
Value DeviceBuilder::both(Value a, Value b) {
  return binary<arith::AndIOp>(a, b);
}
Value DeviceBuilder::either(Value a, Value b) {
  return binary<arith::OrIOp>(a, b);
}
Value DeviceBuilder::negate(Value a) {
  return binary<arith::XOrIOp>(a, flag(true));
}
Value DeviceBuilder::select(Value condition, Value a, Value b) {
  return createOrFold<arith::SelectOp>(condition, a, b);
}

//===----------------------------------------------------------------------===//
// f32
//===----------------------------------------------------------------------===//

Value DeviceBuilder::fadd(Value a, Value b) {
  return arith::AddFOp::create(*this, a, b, arith::FastMathFlags::contract);
}
Value DeviceBuilder::fsub(Value a, Value b) {
  return arith::SubFOp::create(*this, a, b, arith::FastMathFlags::contract);
}
Value DeviceBuilder::fmul(Value a, Value b) {
  return arith::MulFOp::create(*this, a, b, arith::FastMathFlags::contract);
}
Value DeviceBuilder::fmax(Value a, Value b) {
  return LLVM::MaxNumOp::create(*this, a, b);
}
Value DeviceBuilder::isEqual(Value a, double b) {
  return arith::CmpFOp::create(*this, arith::CmpFPredicate::OEQ, a, f32(b));
}

Value DeviceBuilder::callFloat(StringRef intrinsic, Value a) {
  return LLVM::CallIntrinsicOp::create(*this, a.getType(),
                                       getStringAttr(intrinsic), ValueRange{a})
      .getResult(0);
}
Value DeviceBuilder::exp2(Value a) {
  return callFloat("llvm.nvvm.ex2.approx.ftz.f", a);
}
Value DeviceBuilder::log2(Value a) {
  return callFloat("llvm.nvvm.lg2.approx.ftz.f", a);
}
Value DeviceBuilder::reciprocal(Value a) {
  return callFloat("llvm.nvvm.rcp.approx.ftz.f", a);
}

Value DeviceBuilder::shuffleXor(Value a, int64_t mask) {
  return NVVM::ShflOp::create(*this, a.getType(), i32(-1), a, i32(mask),
                              i32(31), NVVM::ShflKind::bfly, UnitAttr());
}

Value DeviceBuilder::tree(ArrayRef<Value> values,
                          function_ref<Value(Value, Value)> combine) {
  SmallVector<Value> level(values);
  while (level.size() > 1) {
    SmallVector<Value> next;
    for (size_t i = 0; i + 1 < level.size(); i += 2)
      next.push_back(combine(level[i], level[i + 1]));
    if (level.size() % 2)
      next.push_back(level.back());
    level = std::move(next);
  }
  return level.front();
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Value DeviceBuilder::advance(Value pointer, Value bytes) {
  return LLVM::GEPOp::create(*this, pointer.getType(), getI8Type(), pointer,
                             ArrayRef<LLVM::GEPArg>{bytes});
}
Value DeviceBuilder::advance(Value pointer, int64_t bytes) {
  if (bytes == 0)
    return pointer;
  return LLVM::GEPOp::create(
      *this, pointer.getType(), getI8Type(), pointer,
      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(bytes)});
}
Value DeviceBuilder::load(Type type, Value pointer, unsigned alignment) {
  return LLVM::LoadOp::create(*this, type, pointer, alignment);
}
void DeviceBuilder::store(Value value, Value pointer, unsigned alignment) {
  LLVM::StoreOp::create(*this, value, pointer, alignment);
}
void DeviceBuilder::barrier() { NVVM::BarrierOp::create(*this); }

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

void DeviceBuilder::ifThen(Value condition, function_ref<void()> body) {
  if (std::optional<int64_t> known = getConstant(condition)) {
    if (*known)
      body();
    return;
  }
  auto branch = scf::IfOp::create(*this, condition, /*withElseRegion=*/false);
  InsertionGuard guard(*this);
  setInsertionPointToStart(branch.thenBlock());
  body();
}

SmallVector<Value>
DeviceBuilder::ifChanges(Value condition, ValueRange values,
                         function_ref<SmallVector<Value>()> body) {
  if (std::optional<int64_t> known = getConstant(condition))
    return *known ? body() : llvm::to_vector(values);
  auto branch = scf::IfOp::create(*this, values.getTypes(), condition,
                                  /*withElseRegion=*/true);
  InsertionGuard guard(*this);
  setInsertionPointToStart(branch.thenBlock());
  SmallVector<Value> changed = body();
  scf::YieldOp::create(*this, changed);
  setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(*this, values);
  return llvm::to_vector_of<Value>(branch.getResults());
}

SmallVector<Value>
DeviceBuilder::loopWhile(ValueRange inits,
                         function_ref<Value(ValueRange)> condition,
                         function_ref<SmallVector<Value>(ValueRange)> body) {
  auto loop = scf::WhileOp::create(*this, inits.getTypes(), inits);
  SmallVector<Location> locs(inits.size(), getLoc());
  InsertionGuard guard(*this);
  Block *before = createBlock(&loop.getBefore(), {}, TypeRange(inits), locs);
  Value more = condition(before->getArguments());
  scf::ConditionOp::create(*this, more, before->getArguments());
  Block *after = createBlock(&loop.getAfter(), {}, TypeRange(inits), locs);
  SmallVector<Value> next = body(after->getArguments());
  scf::YieldOp::create(*this, next);
  return llvm::to_vector_of<Value>(loop.getResults());
}

SmallVector<Value> DeviceBuilder::loopFor(
    Value from, Value to, Value step, ValueRange inits,
    function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(*this, from, to, step, inits);
  InsertionGuard guard(*this);
  if (inits.empty())
    setInsertionPoint(loop.getBody()->getTerminator());
  else
    setInsertionPointToEnd(loop.getBody());
  SmallVector<Value> next =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  if (!inits.empty())
    scf::YieldOp::create(*this, next);
  return llvm::to_vector_of<Value>(loop.getResults());
}

Value mlir::mqa::getThread(DeviceBuilder &b) {
  return NVVM::ThreadIdXOp::create(b, b.getI32Type());
}
