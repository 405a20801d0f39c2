//===- KernelFactory.cpp - kernel functions and their launches --*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelFactory.h"

using namespace mlir;
using namespace mlir::mqa;

/// The attributes that make a function a kernel of that shape.
static void setKernelAttributes(LLVM::LLVMFuncOp kernel,
                                const KernelShape &shape) {
  Builder b(kernel.getContext());
  kernel->setAttr(NVVM::NVVMDialect::getKernelFuncAttrName(), b.getUnitAttr());
  kernel->setAttr(gpu::GPUDialect::getKernelFuncAttrName(), b.getUnitAttr());
  kernel->setAttr(NVVM::NVVMDialect::getMaxntidAttrName(),
                  b.getDenseI32ArrayAttr({int32_t(shape.threads), 1, 1}));
  if (shape.needsRegisters)
    kernel->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(),
                    b.getI32IntegerAttr(1));
  // Subnormal products are not worth their price.
  kernel.setPassthroughAttr(b.getArrayAttr(b.getStrArrayAttr(
      {"denormal-fp-math-f32", "preserve-sign,preserve-sign"})));
  for (auto [number, type] : llvm::enumerate(kernel.getArgumentTypes()))
    if (isa<LLVM::LLVMPointerType>(type))
      kernel.setArgAttr(number, LLVM::LLVMDialect::getNoAliasAttrName(),
                        b.getUnitAttr());
}

Kernel
KernelFactory::create(Location loc, StringRef name, ArrayRef<Type> types,
                      KernelShape shape,
                      function_ref<void(DeviceBuilder &, ValueRange)> emit) {
  OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
  std::string stem = (prefix + "_" + name).str(), unique = stem;
  for (unsigned i = 1; module.lookupSymbol(unique); ++i)
    unique = stem + "_" + std::to_string(i);
  auto kernel = LLVM::LLVMFuncOp::create(
      b, loc, unique,
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()),
                                  types));
  setKernelAttributes(kernel, shape);
  Block *entry = kernel.addEntryBlock(b);
  DeviceBuilder device(loc, entry, entry->begin());
  LLVM::ReturnOp::create(device, ValueRange());
  device.setInsertionPointToStart(entry);
  emit(device, entry->getArguments());
  return {kernel, shape};
}

/// External, so that no other variable is placed in it.
Value KernelFactory::getShared(DeviceBuilder &b) {
  constexpr StringLiteral name = "mqa_shared";
  auto global = module.lookupSymbol<LLVM::GlobalOp>(name);
  if (!global) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    Type bytes = LLVM::LLVMArrayType::get(b.getI8Type(), 0);
    global = LLVM::GlobalOp::create(
        b, bytes, /*isConstant=*/false, LLVM::Linkage::External, name,
        /*value=*/Attribute(), /*alignment=*/1024, SharedSpace);
  }
  return LLVM::AddressOfOp::create(b, global);
}

void KernelFactory::launch(ImplicitLocOpBuilder &host, const Kernel &kernel,
                           Value x, Value y, ValueRange arguments) {
  Value one = arith::ConstantIndexOp::create(host, 1);
  Value threads = arith::ConstantIndexOp::create(host, kernel.shape.threads);
  Value bytes;
  if (kernel.shape.sharedBytes)
    bytes = arith::ConstantOp::create(
        host, host.getI32IntegerAttr(kernel.shape.sharedBytes));
  auto name = SymbolRefAttr::get(module.getSymNameAttr(),
                                 {SymbolRefAttr::get(kernel.function)});
  gpu::LaunchFuncOp::create(host, name, gpu::KernelDim3{x, y, one},
                            gpu::KernelDim3{threads, one, one}, bytes,
                            arguments, Type());
}
