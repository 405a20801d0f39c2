//===- Lower.cpp - from an input module to the LLVM dialect -----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DiagnosticCollector.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
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
  registerAllGPUToLLVMIRTranslations(registry);
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

/// Runs the pipeline that `text` describes.
static llvm::Error runPipeline(ModuleOp module, StringRef text) {
  DiagnosticCollector collector(module.getContext());
  std::string message;
  llvm::raw_string_ostream os(message);
  FailureOr<OpPassManager> passes = parsePassPipeline(text, os);
  if (failed(passes))
    return collector.takeError(getParserMessage(message));
  PassManager manager(module.getContext(), passes->getOpAnchorName());
  static_cast<OpPassManager &>(manager) = std::move(*passes);
  if (failed(manager.run(module)))
    return collector.takeError("the module could not be lowered");
  return llvm::Error::success();
}

llvm::Error mqa::lowerToLLVM(ModuleOp module, const CompileOptions &options) {
  if (llvm::Error error = checkOptions(options))
    return error;
  return runPipeline(module, getPipelineText(options));
}

llvm::Expected<std::string> mqa::generateImage(ModuleOp module,
                                               const CompileOptions &options,
                                               bool isCubin) {
  if (llvm::Error error = checkOptions(options))
    return error;
  if (!options.isGpu())
    return llvm::createStringError(
        "expected a chip ('sm_80', 'sm_90a', ...) as target of a .ptx or "
        ".cubin file, got '" +
        options.target + "'");
  if (llvm::Error error =
          runPipeline(module, getKernelPipelineText(options, isCubin)))
    return error;
  auto binaries = module.getOps<gpu::BinaryOp>();
  if (binaries.empty())
    return llvm::createStringError(
        "expected an attention in a public function, got none");
  gpu::BinaryOp binary = *binaries.begin();
  return cast<gpu::ObjectAttr>(binary.getObjects()[0]).getObject().str();
}
