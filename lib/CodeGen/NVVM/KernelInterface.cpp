//===- KernelInterface.cpp - arguments of attention kernels -----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelInterface.h"
#include "BufferDescriptor.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mlir::mqa;

/// A scalar as a kernel parameter: index as i64, small integers as i32.
static Type getParameterType(Type type) {
  Builder b(type.getContext());
  if (type.isIndex())
    return b.getI64Type();
  if (auto integer = dyn_cast<IntegerType>(type))
    return integer.getWidth() < 32 ? b.getI32Type() : type;
  return type;
}

static Value toParameter(OpBuilder &b, Location loc, Value value) {
  Type type = getParameterType(value.getType());
  if (type == value.getType())
    return value;
  if (value.getType().isIndex())
    return arith::IndexCastOp::create(b, loc, type, value);
  return arith::ExtUIOp::create(b, loc, type, value);
}

static Value fromParameter(OpBuilder &b, Location loc, Value value, Type type) {
  if (type == value.getType())
    return value;
  if (type.isIndex())
    return arith::IndexCastOp::create(b, loc, type, value);
  return arith::TruncIOp::create(b, loc, type, value);
}

/// The strides of a memref that has some.
static SmallVector<int64_t> getStrides(MemRefType type) {
  int64_t offset;
  SmallVector<int64_t> strides;
  (void)type.getStridesAndOffset(strides, offset);
  return strides;
}

/// The dynamic sizes, then the dynamic strides, of a memref type.
static unsigned countDynamic(MemRefType type) {
  return type.getNumDynamicDims() +
         llvm::count_if(getStrides(type), ShapedType::isDynamic);
}

KernelInterface::KernelInterface(AttentionOp op) : op(op) {
  Builder b(op.getContext());
  Type pointer = LLVM::LLVMPointerType::get(op.getContext(), GlobalSpace);
  for (Value operand : op->getOperands()) {
    types.push_back(pointer);
    types.append(countDynamic(cast<MemRefType>(operand.getType())),
                 b.getI64Type());
  }
  llvm::SetVector<Value> captured;
  for (Region &region : op->getRegions())
    getUsedValuesDefinedAbove(region, captured);
  for (Value value : captured)
    addLeaves(value);
  for (Value value : passed)
    types.push_back(getParameterType(value.getType()));
}

/// Constants, arithmetic on them, and sizes of the operands.
bool KernelInterface::isComputable(Operation *producer) const {
  if (producer->hasTrait<OpTrait::ConstantLike>())
    return true;
  if (auto dim = dyn_cast<memref::DimOp>(producer))
    return llvm::is_contained(op->getOperands(), dim.getSource());
  return isa<arith::ArithDialect>(producer->getDialect()) && isPure(producer) &&
         producer->getNumResults() == 1 &&
         producer->getResult(0).getType().isIntOrIndex();
}

void KernelInterface::addLeaves(Value value) {
  Operation *producer = value.getDefiningOp();
  if (!producer || !isComputable(producer)) {
    passed.insert(value);
    return;
  }
  if (computed.contains(producer))
    return;
  for (Value operand : producer->getOperands())
    if (!isa<MemRefType>(operand.getType()))
      addLeaves(operand);
  computed.insert(producer);
}

Value mlir::mqa::emitAddress(OpBuilder &b, Location loc, Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  Value base = memref::ExtractAlignedPointerAsIndexOp::create(b, loc, buffer);
  int64_t offset;
  SmallVector<int64_t> strides;
  (void)type.getStridesAndOffset(strides, offset);
  if (offset != 0) {
    auto metadata = memref::ExtractStridedMetadataOp::create(b, loc, buffer);
    Value elements = getValueOrCreateConstantIndexOp(
        b, loc, metadata.getConstifiedMixedOffset());
    unsigned bytes = llvm::divideCeil(
        type.getElementType().isIndex() ? 64u : type.getElementTypeBitWidth(),
        8u);
    Value scaled = arith::MulIOp::create(
        b, loc, elements, arith::ConstantIndexOp::create(b, loc, bytes));
    base = arith::AddIOp::create(b, loc, base, scaled);
  }
  return arith::IndexCastOp::create(b, loc, b.getI64Type(), base);
}

SmallVector<Value> KernelInterface::emitArguments(OpBuilder &b) const {
  Location loc = op->getLoc();
  SmallVector<Value> arguments;
  Type pointer = LLVM::LLVMPointerType::get(op->getContext(), GlobalSpace);
  for (Value operand : op->getOperands()) {
    auto type = cast<MemRefType>(operand.getType());
    arguments.push_back(LLVM::IntToPtrOp::create(b, loc, pointer,
                                                 emitAddress(b, loc, operand)));
    if (countDynamic(type) == 0)
      continue;
    auto metadata = memref::ExtractStridedMetadataOp::create(b, loc, operand);
    for (auto [number, size] : llvm::enumerate(type.getShape()))
      if (ShapedType::isDynamic(size))
        arguments.push_back(toParameter(b, loc, metadata.getSizes()[number]));
    for (auto [number, stride] : llvm::enumerate(getStrides(type)))
      if (ShapedType::isDynamic(stride))
        arguments.push_back(toParameter(b, loc, metadata.getStrides()[number]));
  }
  for (Value value : passed)
    arguments.push_back(toParameter(b, loc, value));
  return arguments;
}

/// A memref in global memory from its address, sizes and strides.
static Value emitMemRef(DeviceBuilder &b, MemRefType type, Value pointer,
                        ArrayRef<Value> sizes, ArrayRef<Value> strides) {
  auto layout =
      StridedLayoutAttr::get(b.getContext(), /*offset=*/0, getStrides(type));
  auto global = MemRefType::get(type.getShape(), type.getElementType(), layout,
                                b.getI64IntegerAttr(GlobalSpace));
  auto toI64 = [&](Value value) { return b.toI64(value); };
  return emitBufferDescriptor(b, global, pointer,
                              llvm::map_to_vector(sizes, toI64),
                              llvm::map_to_vector(strides, toI64));
}

AttentionOp
KernelInterface::emitClone(DeviceBuilder &b, ValueRange arguments,
                           SmallVectorImpl<KernelBuffer> &buffers) const {
  IRMapping mapping;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  auto takeIndex = [&](int64_t known) -> Value {
    if (!ShapedType::isDynamic(known))
      return arith::ConstantIndexOp::create(b, known);
    Value argument = arguments.front();
    arguments = arguments.drop_front();
    return fromParameter(b, b.getLoc(), argument, b.getIndexType());
  };
  for (auto [number, operand] : llvm::enumerate(op->getOperands())) {
    auto type = cast<MemRefType>(operand.getType());
    KernelBuffer buffer;
    buffer.pointer = arguments.front();
    arguments = arguments.drop_front();
    SmallVector<Value> sizes;
    for (int64_t size : type.getShape())
      sizes.push_back(takeIndex(size));
    for (int64_t stride : getStrides(type))
      buffer.strides.push_back(takeIndex(stride));
    buffer.memref = emitMemRef(b, type, buffer.pointer, sizes, buffer.strides);
    buffer.map = maps[number];
    buffer.hostType = type;
    mapping.map(operand, buffer.memref);
    buffers.push_back(std::move(buffer));
  }
  for (auto [value, argument] : llvm::zip(passed, arguments))
    mapping.map(value, fromParameter(b, b.getLoc(), argument, value.getType()));
  for (Operation *producer : computed)
    b.clone(*producer, mapping);
  return cast<AttentionOp>(b.clone(*op.getOperation(), mapping));
}
