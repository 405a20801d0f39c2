//===- Lower.cpp - from an input module to the LLVM dialect -----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DiagnosticCollector.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mqa/Compiler/Compiler.h"
#include "mqa/InitAllDialects.h"
#include "mqa/InitAllPasses.h"
#include "llvm/Support/SourceMgr.h"
#include <mutex>

using namespace mlir;
using namespace mlir::mqa;

void mqa::registerCompiler(DialectRegistry &registry) {
  // An input may hold any upstream op around the attention; what a pipeline
  // cannot take is its error to report, with the op's place.
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mqa::registerAllDialects(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  static std::once_flag once;
  std::call_once(once, [] { mqa::registerAllPasses(); });
}

llvm::Expected<OwningOpRef<ModuleOp>> mqa::loadModule(llvm::StringRef path,
                                                      MLIRContext &context) {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(path, /*IsText=*/true);
  if (std::error_code error = buffer.getError())
    return llvm::createStringError("expected a readable input file, got '" +
                                   path + "': " + error.message());
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
  DiagnosticCollector collector(&context);
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, &context);
  if (!module)
    return collector.takeError("expected an MLIR module, got '" + path.str() +
                               "'");
  return module;
}

/// The message itself, out of the parser's "<where>: error: message" and the
/// text of the pipeline below it.
static llvm::StringRef getParserMessage(llvm::StringRef printed) {
  llvm::StringRef line = printed.split('\n').first;
  auto [where, message] = line.split("error: ");
  return message.empty() ? line : message;
}

llvm::Error mqa::lowerToLLVM(ModuleOp module, const CompileOptions &options) {
  if (llvm::Error error = checkOptions(options))
    return error;
  DiagnosticCollector collector(module.getContext());
  std::string message;
  llvm::raw_string_ostream os(message);
  FailureOr<OpPassManager> passes =
      parsePassPipeline(getPipelineText(options), os);
  if (failed(passes))
    return collector.takeError(getParserMessage(message));
  PassManager manager(module.getContext(), passes->getOpAnchorName());
  static_cast<OpPassManager &>(manager) = std::move(*passes);
  if (failed(manager.run(module)))
    return collector.takeError("the module could not be lowered");
  return llvm::Error::success();
}
