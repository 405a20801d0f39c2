//===- KernelFill.cpp - a value into a buffer -------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelFill.h"
#include "KernelInterface.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::mqa;

static constexpr int64_t kThreads = 256;

bool mlir::mqa::isFillOfBuffer(linalg::FillOp op) {
  if (!op.hasPureBufferSemantics())
    return false;
  auto type = cast<MemRefType>(op.getOutputs()[0].getType());
  return type.isStrided() && isa<FloatType>(type.getElementType());
}

/// The address of element `number`, in C order, of a buffer with `sizes` and
/// `strides`; all of them i64.
static Value getElement(DeviceBuilder &b, Value pointer, Value number,
                        ValueRange sizes, ValueRange strides, int64_t bytes) {
  Value offset = b.i64(0);
  for (size_t dim = sizes.size(); dim-- > 0;) {
    Value rest = b.div(number, sizes[dim]);
    Value position = b.sub(number, b.mul(rest, sizes[dim]));
    offset = b.add(offset, b.mul(position, strides[dim]));
    number = rest;
  }
  return b.advance(pointer, b.mul(offset, bytes));
}

void mlir::mqa::lowerFill(linalg::FillOp op, KernelFactory &factory) {
  ImplicitLocOpBuilder host(op.getLoc(), op);
  Value buffer = op.getOutputs()[0], value = op.getInputs()[0];
  auto type = cast<MemRefType>(buffer.getType());
  int64_t rank = type.getRank(), bytes = type.getElementTypeBitWidth() / 8;
  Type pointer = LLVM::LLVMPointerType::get(op.getContext(), GlobalSpace);
  SmallVector<Type> types{pointer, value.getType()};
  types.append(2 * rank + 1, host.getI64Type());
  // The parameters: address, value, number of elements, sizes, strides.
  Kernel kernel = factory.create(
      op.getLoc(), "fill", types, {kThreads},
      [&](DeviceBuilder &b, ValueRange arguments) {
        Value block = b.toI64(NVVM::BlockIdXOp::create(b, b.getI32Type()));
        Value number = b.add(b.mul(block, kThreads), b.toI64(getThread(b)));
        b.ifThen(b.less(number, arguments[2]), [&] {
          Value at =
              getElement(b, arguments[0], number, arguments.slice(3, rank),
                         arguments.drop_front(3 + rank), bytes);
          b.store(arguments[1], at, bytes);
        });
      });
  auto metadata = memref::ExtractStridedMetadataOp::create(host, buffer);
  SmallVector<Value> sizes(metadata.getSizes());
  Value count = arith::ConstantIndexOp::create(host, 1);
  for (Value size : sizes)
    count = host.createOrFold<arith::MulIOp>(count, size);
  Value address = emitAddress(host, op.getLoc(), buffer);
  SmallVector<Value> arguments{LLVM::IntToPtrOp::create(host, pointer, address),
                               value};
  auto pass = [&](Value index) {
    arguments.push_back(
        arith::IndexCastOp::create(host, host.getI64Type(), index));
  };
  pass(count);
  llvm::for_each(sizes, pass);
  llvm::for_each(metadata.getStrides(), pass);
  Value blocks = arith::CeilDivUIOp::create(
      host, count, arith::ConstantIndexOp::create(host, kThreads));
  factory.launch(host, kernel, blocks, arith::ConstantIndexOp::create(host, 1),
                 arguments);
  op.erase();
}
