//===- BufferDescriptor.cpp - memrefs made of their parts -------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BufferDescriptor.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace mlir::mqa;

Value mlir::mqa::emitBufferDescriptor(ImplicitLocOpBuilder &b, MemRefType type,
                                      Value pointer, ValueRange sizes,
                                      ValueRange strides) {
  int64_t rank = type.getRank();
  Type i64 = b.getI64Type();
  SmallVector<Type> fields{pointer.getType(), pointer.getType(), i64};
  if (rank != 0)
    fields.append(2, LLVM::LLVMArrayType::get(i64, rank));
  Type record = LLVM::LLVMStructType::getLiteral(b.getContext(), fields);
  Value value = LLVM::PoisonOp::create(b, record);
  auto insert = [&](Value field, ArrayRef<int64_t> position) {
    value = LLVM::InsertValueOp::create(b, value, field, position);
  };
  insert(pointer, {0});
  insert(pointer, {1});
  insert(LLVM::ConstantOp::create(b, i64, b.getI64IntegerAttr(0)), {2});
  for (int64_t i = 0; i < rank; ++i) {
    insert(sizes[i], {3, i});
    insert(strides[i], {4, i});
  }
  return UnrealizedConversionCastOp::create(b, TypeRange(type),
                                            ValueRange(value))
      .getResult(0);
}
