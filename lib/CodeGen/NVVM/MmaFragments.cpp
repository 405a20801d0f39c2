//===- MmaFragments.cpp - operands of mma.sync in registers -----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MmaFragments.h"

using namespace mlir;
using namespace mlir::mqa;

static LLVM::LLVMStructType getStruct(DeviceBuilder &b, Type element) {
  return LLVM::LLVMStructType::getLiteral(b.getContext(),
                                          SmallVector<Type>(4, element));
}

Matrix mlir::mqa::loadMatrices(DeviceBuilder &b, Value pointer,
                               bool transposed) {
  Value loaded = NVVM::LdMatrixOp::create(
      b, getStruct(b, b.getI32Type()), pointer, /*num=*/4,
      transposed ? NVVM::MMALayout::col : NVVM::MMALayout::row,
      NVVM::LdStMatrixShapeAttr::get(b.getContext(), 8, 8),
      NVVM::LdStMatrixEltType::B16);
  Matrix result;
  for (int64_t i = 0; i < 4; ++i)
    result[i] = LLVM::ExtractValueOp::create(b, loaded, i);
  return result;
}

Accumulator mlir::mqa::multiplyAdd(DeviceBuilder &b, Type element,
                                   const Matrix &a, Value b0, Value b1,
                                   const Accumulator &acc) {
  SmallVector<Value> lhs(a.begin(), a.end()), rhs{b0, b1};
  NVVM::MMATypes type = NVVM::MMATypes::bf16;
  if (element.isF16()) {
    type = NVVM::MMATypes::f16;
    Type pair = VectorType::get({2}, element);
    for (auto *operand : {&lhs, &rhs})
      for (Value &value : *operand)
        value = LLVM::BitcastOp::create(b, pair, value);
  }
  Value product = NVVM::MmaOp::create(
      b, getStruct(b, b.getF32Type()), lhs, rhs, ValueRange(acc),
      ArrayRef<int64_t>{kMmaRows, kAccumulatorColumns, kMmaDepth},
      /*b1Op=*/std::nullopt, /*intOverflow=*/std::nullopt,
      std::array<NVVM::MMATypes, 2>{type, type},
      std::array<NVVM::MMALayout, 2>{NVVM::MMALayout::row,
                                     NVVM::MMALayout::col});
  Accumulator result;
  for (int64_t i = 0; i < kAccumulatorSize; ++i)
    result[i] = LLVM::ExtractValueOp::create(b, product, i);
  return result;
}

Value mlir::mqa::packPair(DeviceBuilder &b, Type element, Value low,
                          Value high) {
  Type wide = VectorType::get({2}, b.getF32Type());
  Value pair = LLVM::UndefOp::create(b, wide);
  pair = LLVM::InsertElementOp::create(b, pair, low, b.i32(0));
  pair = LLVM::InsertElementOp::create(b, pair, high, b.i32(1));
  Value narrow =
      LLVM::FPTruncOp::create(b, VectorType::get({2}, element), pair);
  return LLVM::BitcastOp::create(b, b.getI32Type(), narrow);
}

Matrix mlir::mqa::packOperand(DeviceBuilder &b, Type element,
                              ArrayRef<Value> scores, int64_t block) {
  ArrayRef<Value> left =
      scores.slice(2 * block * kAccumulatorSize, 2 * kAccumulatorSize);
  ArrayRef<Value> right = left.drop_front(kAccumulatorSize);
  return {packPair(b, element, left[0], left[1]),
          packPair(b, element, left[2], left[3]),
          packPair(b, element, right[0], right[1]),
          packPair(b, element, right[2], right[3])};
}
