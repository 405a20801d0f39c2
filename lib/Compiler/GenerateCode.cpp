//===- GenerateCode.cpp - to optimised LLVM IR ------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DiagnosticCollector.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mqa/Compiler/Compiler.h"
#include "mqa/Schedule/TargetDescription.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"

using namespace mlir;
using namespace mlir::mqa;

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
mqa::createTargetMachine(const CompileOptions &options) {
  llvm::Expected<TargetDescription> description =
      TargetDescription::get(options.cpu);
  if (!description)
    return description.takeError();
  llvm::Triple triple(description->triple);
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return llvm::createStringError("no code generator for " + triple.str() +
                                   ": " + error);
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, description->cpu, description->features, llvm::TargetOptions(),
      llvm::Reloc::PIC_, /*CM=*/std::nullopt,
      static_cast<llvm::CodeGenOptLevel>(options.optLevel)));
  // LLVM knows CPUs that cannot run what we generate, and aborts on them.
  if (triple.getArch() == llvm::Triple::x86_64 &&
      !machine->getMCSubtargetInfo()->checkFeatures("+64bit"))
    return llvm::createStringError(
        "expected a 64-bit cpu ('host', 'x86-64-v3', 'x86-64-v4', ...), got '" +
        options.cpu + "'");
  return machine;
}

/// Leaves only the C entries visible: `_mlir_ciface_f` calls `f`, and tasks
/// are nobody else's business. Two objects may then use the same names.
static void hideInternals(ModuleOp module) {
  for (auto func : module.getOps<LLVM::LLVMFuncOp>()) {
    if (func.isExternal())
      continue;
    std::string entry = ("_mlir_ciface_" + func.getSymName()).str();
    if (func.isPrivate() || module.lookupSymbol(entry))
      func.setLinkage(LLVM::Linkage::Internal);
  }
}

llvm::Expected<std::unique_ptr<llvm::Module>>
mqa::translateToLLVMIR(ModuleOp module, llvm::LLVMContext &context,
                       llvm::TargetMachine &machine) {
  hideInternals(module);
  DiagnosticCollector collector(module.getContext());
  std::unique_ptr<llvm::Module> result =
      translateModuleToLLVMIR(module, context, "mqa");
  if (!result)
    return collector.takeError("the module could not be translated to LLVM IR");
  result->setDataLayout(machine.createDataLayout());
  result->setTargetTriple(machine.getTargetTriple());
  for (llvm::Function &function : *result) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", machine.getTargetCPU());
    if (!machine.getTargetFeatureString().empty())
      function.addFnAttr("target-features", machine.getTargetFeatureString());
  }
  return result;
}

void mqa::optimize(llvm::Module &module, llvm::TargetMachine &machine,
                   unsigned level) {
  static const llvm::OptimizationLevel levels[] = {
      llvm::OptimizationLevel::O0, llvm::OptimizationLevel::O1,
      llvm::OptimizationLevel::O2, llvm::OptimizationLevel::O3};
  llvm::PipelineTuningOptions tuning; // As clang sets them.
  // Register tiles are unrolled already. What else LLVM would unroll triples
  // the code of a task and makes nothing faster.
  tuning.LoopUnrolling = false;
  tuning.LoopVectorization = tuning.SLPVectorization = level > 1;
  llvm::PassBuilder builder(&machine, tuning);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  llvm::ModulePassManager passes =
      level == 0 ? builder.buildO0DefaultPipeline(levels[0])
                 : builder.buildPerModuleDefaultPipeline(levels[level]);
  passes.run(module, modules);
}

llvm::Expected<GeneratedCode> mqa::generateCode(ModuleOp module,
                                                const CompileOptions &options) {
  if (llvm::none_of(module.getOps<func::FuncOp>(), [](func::FuncOp func) {
        return func.isPublic() && !func.isExternal();
      }))
    return llvm::createStringError(
        "expected a public func.func with a body, got none");
  if (llvm::Error error = lowerToLLVM(module, options))
    return error;
  GeneratedCode code;
  code.isGpu = options.isGpu();
  auto machine = createTargetMachine(options);
  if (!machine)
    return machine.takeError();
  code.machine = std::move(*machine);
  code.context = std::make_unique<llvm::LLVMContext>();
  auto translated = translateToLLVMIR(module, *code.context, *code.machine);
  if (!translated)
    return translated.takeError();
  code.module = std::move(*translated);
  optimize(*code.module, *code.machine, options.optLevel);
  return code;
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
mqa::emitObject(GeneratedCode &code) {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream os(bytes);
  llvm::legacy::PassManager passes;
  if (code.machine->addPassesToEmitFile(passes, os, nullptr,
                                        llvm::CodeGenFileType::ObjectFile))
    return llvm::createStringError(
        "this target's code generator writes no object files");
  passes.run(*code.module);
  return std::make_unique<llvm::SmallVectorMemoryBuffer>(
      std::move(bytes), "mqa.o", /*RequiresNullTerminator=*/false);
}
