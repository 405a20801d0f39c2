//===- Compiler.h - a module in, machine code out ---------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The steps from an input module to a file, each usable alone:
//
//   loadModule -> lowerToLLVM -> translateToLLVMIR -> optimize -> emit...
//
// and `generateCode`, which is all of them but the last. An error is one
// message, "expected X, got Y", that begins with the place in the input where
// there is one. Nothing is printed.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_COMPILER_COMPILER_H
#define MQA_COMPILER_COMPILER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mqa/Compiler/CompileOptions.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>

namespace mlir::mqa {

/// Registers the dialects, the translations and the passes that a compilation
/// needs. A context that compiles must be made from such a registry.
void registerCompiler(DialectRegistry &registry);

/// Parses and verifies the module in `path` ("-": standard input).
llvm::Expected<OwningOpRef<ModuleOp>> loadModule(llvm::StringRef path,
                                                 MLIRContext &context);

/// Runs the pipeline of `options` on `module`, which becomes a module of the
/// LLVM dialect. On failure the module is in no useful state.
llvm::Error lowerToLLVM(ModuleOp module, const CompileOptions &options);

/// The machine that `options` name. Position independent code.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const CompileOptions &options);

/// Translates a module of the LLVM dialect, for `machine`.
llvm::Expected<std::unique_ptr<llvm::Module>>
translateToLLVMIR(ModuleOp module, llvm::LLVMContext &context,
                  llvm::TargetMachine &machine);

/// Runs LLVM's default pipeline of that level.
void optimize(llvm::Module &module, llvm::TargetMachine &machine,
              unsigned level);

/// Optimised LLVM IR with all that it needs to live.
struct GeneratedCode {
  std::unique_ptr<llvm::TargetMachine> machine;
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
  bool isGpu = false; ///< Host code that launches kernels.
};

/// All steps up to optimised LLVM IR. `module` is changed: pass a clone where
/// it is still needed.
llvm::Expected<GeneratedCode> generateCode(ModuleOp module,
                                           const CompileOptions &options);

/// The object file of `code`, in memory; `mqa_parallel_for`, or the functions
/// of `mqa/Runtime/CudaLaunch.h`, are undefined in it. `code` is used up.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
emitObject(GeneratedCode &code);

/// The kernels of `module`, for the chip that `options` name, as PTX or cubin,
/// which needs ptxas. `module` is changed.
llvm::Expected<std::string>
generateImage(ModuleOp module, const CompileOptions &options, bool isCubin);

/// What `emitFile` can write, and, of GPU targets, `generateImage`.
enum class OutputKind { Object, SharedLibrary, Assembly, LLVMIR, PTX, Cubin };

/// The kind that goes with the ending of `path`: .o, .so, .s, .ll, .ptx,
/// .cubin.
llvm::Expected<OutputKind> getOutputKind(llvm::StringRef path);

/// Writes `code` to `path`, which is complete or untouched afterwards. An
/// object or a shared library holds the runtime (the thread pool, or what
/// launches kernels) unless `withRuntime` is false. `code` is used up.
llvm::Error emitFile(GeneratedCode &code, OutputKind kind, llvm::StringRef path,
                     bool withRuntime = true);

/// All steps: compiles `module`, which is changed, and writes `path`.
llvm::Error compileFile(ModuleOp module, const CompileOptions &options,
                        OutputKind kind, llvm::StringRef path,
                        bool withRuntime = true);

/// Writes `text` to `path`, which is complete or untouched afterwards.
llvm::Error writeOutput(llvm::StringRef path, llvm::StringRef text);

} // namespace mlir::mqa

#endif // MQA_COMPILER_COMPILER_H
