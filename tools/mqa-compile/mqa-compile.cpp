//===- mqa-compile.cpp - an MLIR module into machine code -------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Arguments.h"
#include "mlir/IR/MLIRContext.h"
#include "mqa/Compiler/CHeader.h"
#include "mqa/Compiler/Compiler.h"
#include "llvm/Support/InitLLVM.h"

using namespace mlir;
using namespace mlir::mqa;

/// Compiles and writes what `args` ask for.
static llvm::Error compile(const Arguments &args) {
  if (llvm::Error error = checkOptions(args.options))
    return error;
  OutputKind kind = OutputKind::Object;
  if (!args.output.empty())
    if (llvm::Error error = getOutputKind(args.output).moveInto(kind))
      return error;
  DialectRegistry registry;
  registerCompiler(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  OwningOpRef<ModuleOp> module;
  if (llvm::Error error = loadModule(args.input, context).moveInto(module))
    return error;
  if (!args.header.empty()) {
    auto header = getCHeader(*module, args.header, args.options.isGpu());
    if (!header)
      return header.takeError();
    if (llvm::Error error = writeOutput(args.header, *header))
      return error;
  }
  if (args.output.empty())
    return llvm::Error::success();
  return compileFile(*module, args.options, kind, args.output,
                     args.withRuntime);
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  Arguments args;
  llvm::Error error =
      parseArguments(llvm::ArrayRef(argv + 1, argc - 1)).moveInto(args);
  if (!error && (args.help || args.version))
    llvm::outs() << (args.help ? getHelpText()
                               : "mqa-compile " MQA_VERSION "\n");
  else if (!error)
    error = compile(args);
  if (!error)
    return 0;
  llvm::errs() << "mqa-compile: error: " << llvm::toString(std::move(error))
               << "\n";
  return 2;
}
