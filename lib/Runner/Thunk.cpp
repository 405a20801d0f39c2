//===- Thunk.cpp - a call with arguments from memory ------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Thunk.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/Support/TargetSelect.h"

using namespace mlir;
using namespace mlir::mqa;

static llvm::Type *getType(const EntryValue &value,
                           llvm::LLVMContext &context) {
  if (value.isShaped)
    return llvm::PointerType::getUnqual(context);
  switch (value.kind) {
  case ElementKind::I1:
    return llvm::Type::getInt1Ty(context);
  case ElementKind::F16:
    return llvm::Type::getHalfTy(context);
  case ElementKind::BF16:
    return llvm::Type::getBFloatTy(context);
  case ElementKind::F32:
    return llvm::Type::getFloatTy(context);
  case ElementKind::F64:
    return llvm::Type::getDoubleTy(context);
  default:
    return llvm::Type::getIntNTy(context, 8 * getElementSize(value.kind));
  }
}

/// The results that are not written into arguments.
static SmallVector<const EntryValue *> getReturned(const Entry &entry) {
  SmallVector<const EntryValue *> returned;
  for (const EntryValue &result : entry.results)
    if (result.destination < 0)
      returned.push_back(&result);
  return returned;
}

bool mqa::returnsThroughPointer(const Entry &entry) {
  SmallVector<const EntryValue *> returned = getReturned(entry);
  return returned.size() > 1 ||
         (returned.size() == 1 && returned.front()->isShaped);
}

static void buildThunk(llvm::Module &module, const Entry &entry) {
  llvm::LLVMContext &context = module.getContext();
  auto *pointer = llvm::PointerType::getUnqual(context);
  auto *type = llvm::FunctionType::get(llvm::Type::getVoidTy(context),
                                       {pointer, pointer}, false);
  auto *thunk = llvm::Function::Create(type, llvm::Function::ExternalLinkage,
                                       "thunk", module);
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(context, "", thunk));
  unsigned slot = 0;
  auto getSlot = [&] {
    llvm::Value *address =
        builder.CreateConstGEP1_32(pointer, thunk->getArg(1), slot++);
    return builder.CreateLoad(pointer, address);
  };
  SmallVector<llvm::Type *> types;
  SmallVector<llvm::Value *> operands;
  if (returnsThroughPointer(entry)) {
    types.push_back(pointer);
    operands.push_back(getSlot());
  }
  for (const EntryValue &argument : entry.arguments) {
    types.push_back(getType(argument, context));
    llvm::Value *address = getSlot();
    operands.push_back(argument.isShaped
                           ? address
                           : builder.CreateLoad(types.back(), address));
  }
  SmallVector<const EntryValue *> returned = getReturned(entry);
  bool isScalar = returned.size() == 1 && !returned.front()->isShaped;
  auto *callee =
      llvm::FunctionType::get(isScalar ? getType(*returned.front(), context)
                                       : llvm::Type::getVoidTy(context),
                              types, false);
  llvm::Value *value = builder.CreateCall(callee, thunk->getArg(0), operands);
  if (isScalar)
    builder.CreateStore(value, getSlot());
  builder.CreateRetVoid();
}

llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>>
mqa::compileThunk(const Entry &entry) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> jit =
      llvm::orc::LLJITBuilder().create();
  if (!jit)
    return jit;
  auto context = std::make_unique<llvm::LLVMContext>();
  auto module = std::make_unique<llvm::Module>("thunk", *context);
  module->setDataLayout((*jit)->getDataLayout());
  buildThunk(*module, entry);
  if (llvm::Error error = (*jit)->addIRModule(
          llvm::orc::ThreadSafeModule(std::move(module), std::move(context))))
    return error;
  return jit;
}
