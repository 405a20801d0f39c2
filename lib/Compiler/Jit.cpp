//===- Jit.cpp - compiled functions in this process -------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Compiler/Jit.h"
#include "mqa/Compiler/Compiler.h"
#include "mqa/Runtime/ParallelFor.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace mlir::mqa;
namespace orc = llvm::orc;

CompiledModule::CompiledModule(std::unique_ptr<orc::LLJIT> jit)
    : jit(std::move(jit)) {}

CompiledModule::~CompiledModule() = default;

/// A linker into this process, whose libc, libm and thread pool it offers.
static llvm::Expected<std::unique_ptr<orc::LLJIT>>
createLinker(const llvm::TargetMachine &machine,
             llvm::ArrayRef<CompiledModule::Symbol> symbols) {
  auto jit = orc::LLJITBuilder()
                 .setJITTargetMachineBuilder(
                     orc::JITTargetMachineBuilder(machine.getTargetTriple()))
                 .setDataLayout(machine.createDataLayout())
                 .setPlatformSetUp(orc::setUpInactivePlatform)
                 .create();
  if (!jit)
    return jit.takeError();
  orc::JITDylib &library = (*jit)->getMainJITDylib();
  // By address: the symbol of a statically linked pool is not exported.
  orc::SymbolMap pool{{(*jit)->mangleAndIntern("mqa_parallel_for"),
                       {orc::ExecutorAddr::fromPtr(&mqa_parallel_for),
                        llvm::JITSymbolFlags::Exported}}};
  for (auto [name, address] : symbols)
    pool[(*jit)->mangleAndIntern(name)] = {orc::ExecutorAddr::fromPtr(address),
                                           llvm::JITSymbolFlags::Exported};
  if (llvm::Error error = library.define(orc::absoluteSymbols(pool)))
    return error;
  auto process = orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      machine.createDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  library.addGenerator(std::move(*process));
  return jit;
}

llvm::Expected<std::unique_ptr<CompiledModule>>
CompiledModule::create(ModuleOp module, const CompileOptions &options,
                       llvm::ArrayRef<Symbol> symbols) {
  auto code = generateCode(module, options);
  if (!code)
    return code.takeError();
  const llvm::Triple &triple = code->machine->getTargetTriple();
  if (triple.getArch() != llvm::Triple(llvm::sys::getProcessTriple()).getArch())
    return llvm::createStringError(
        "expected a cpu of this machine's architecture to run code on, got '" +
        options.cpu + "' (" + triple.getArchName() + ")");
  // Any one symbol: looking it up links the whole object.
  std::string symbol;
  for (llvm::Function &function : *code->module)
    if (!function.isDeclaration() && function.hasExternalLinkage())
      symbol = function.getName().str();
  auto object = emitObject(*code);
  if (!object)
    return object.takeError();
  auto jit = createLinker(*code->machine, symbols);
  if (!jit)
    return jit.takeError();
  if (llvm::Error error = (*jit)->addObjectFile(std::move(*object)))
    return error;
  if (auto address = (*jit)->lookup(symbol); !address)
    return address.takeError();
  return std::unique_ptr<CompiledModule>(new CompiledModule(std::move(*jit)));
}

void *CompiledModule::lookup(llvm::StringRef symbol) const {
  auto address = jit->lookup(symbol);
  if (address)
    return address->toPtr<void *>();
  llvm::consumeError(address.takeError());
  return nullptr;
}
