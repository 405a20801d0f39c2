//===- TargetDescription.cpp - what a lowering must know --------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Schedule/TargetDescription.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/Targets.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/Threading.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include "llvm/TargetParser/Triple.h"
#include <mutex>

using namespace mlir;
using namespace mlir::mqa;

/// Registers the code generators that this LLVM has and we know.
static void initializeTargets() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
#if LLVM_HAS_X86_TARGET
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
#endif
#if LLVM_HAS_AARCH64_TARGET
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64Target();
    LLVMInitializeAArch64TargetMC();
    LLVMInitializeAArch64AsmPrinter();
#endif
  });
}

static llvm::Error unknown(StringRef cpu) {
  return llvm::createStringError(
      "expected cpu 'host' or one that LLVM knows for x86_64 or aarch64 "
      "(x86-64-v3, x86-64-v4, neoverse-v1, ...), got '" +
      cpu + "'");
}

/// The code generator of `triple`, null without one.
static const llvm::Target *findBackend(const llvm::Triple &triple) {
  std::string error;
  return llvm::TargetRegistry::lookupTarget(triple, error);
}

/// Does LLVM know `cpu` for `triple`? It prints a warning for an unknown CPU:
/// ask for the plain one first.
static bool knowsCPU(const llvm::Triple &triple, StringRef cpu) {
  const llvm::Target *backend = findBackend(triple);
  if (!backend || cpu.empty())
    return false;
  std::unique_ptr<llvm::MCSubtargetInfo> plain(
      backend->createMCSubtargetInfo(triple, "", ""));
  return plain && plain->isCPUStringValid(cpu);
}

/// The first of the host, x86-64 and AArch64 on the host's system that knows
/// `cpu`; an empty triple if none does.
static llvm::Triple findTriple(const llvm::Triple &host, StringRef cpu) {
  if (knowsCPU(host, cpu))
    return host;
  for (llvm::Triple::ArchType arch :
       {llvm::Triple::x86_64, llvm::Triple::aarch64}) {
    llvm::Triple other = host;
    other.setArch(arch);
    if (knowsCPU(other, cpu))
      return other;
  }
  return {};
}

/// Fills in what follows from the instruction set.
static void describeVectors(TargetDescription &target,
                            const llvm::Triple &triple) {
  std::unique_ptr<llvm::MCSubtargetInfo> info(
      findBackend(triple)->createMCSubtargetInfo(triple, target.cpu,
                                                 target.features));
  if (triple.isX86()) {
    target.hasAVX512 =
        info->checkFeatures("+avx512f") && info->checkFeatures("+avx512dq");
    bool hasAVX2 = info->checkFeatures("+avx2") && info->checkFeatures("+fma");
    target.lanes = target.hasAVX512 ? 16 : hasAVX2 ? 8 : 4;
    target.registers = target.hasAVX512 ? 32 : 16;
    target.hasFma = target.hasAVX512 || info->checkFeatures("+fma");
  } else if (triple.isAArch64()) {
    target.lanes = 4;
    target.registers = 32;
    target.hasLaneFma = true;
  }
}

llvm::Expected<TargetDescription> TargetDescription::get(StringRef cpu) {
  initializeTargets();
  TargetDescription target;
  llvm::Triple host(llvm::sys::getDefaultTargetTriple()), triple = host;
  target.cpu = cpu.str();
  if (cpu == "host") {
    target.cpu = llvm::sys::getHostCPUName().str();
    llvm::SubtargetFeatures features;
    for (const auto &feature : llvm::sys::getHostCPUFeatures())
      features.AddFeature(feature.first(), feature.second);
    target.features = features.getString();
    target.threads = llvm::hardware_concurrency().compute_thread_count();
  } else if (cpu == "aarch64") {
    target.cpu = "generic";
    if (!triple.isAArch64())
      triple.setArch(llvm::Triple::aarch64);
    if (!findBackend(triple))
      return llvm::createStringError("expected an LLVM with a code generator "
                                     "for aarch64, got one without");
  } else {
    triple = findTriple(host, cpu);
  }
  if (!knowsCPU(triple, target.cpu))
    return unknown(cpu);
  target.triple = triple.str();
  describeVectors(target, triple);
  target.caches = CacheSizes::ofCPU(target.cpu, triple.isAArch64());
  if (cpu == "host")
    target.caches.detect();
  return target;
}
