//===- TargetDescription.cpp - what a lowering must know --------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Schedule/TargetDescription.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::mqa;

static llvm::Error unknown(StringRef cpu, const llvm::Triple &triple) {
  return llvm::createStringError(
      "expected cpu 'host' or one that LLVM knows for " + triple.getArchName() +
      " (x86-64-v3, x86-64-v4, ...), got '" + cpu + "'");
}

llvm::Expected<TargetDescription> TargetDescription::get(StringRef cpu) {
  llvm::InitializeNativeTarget();
  TargetDescription target;
  target.triple = llvm::sys::getDefaultTargetTriple();
  llvm::Triple triple(target.triple);
  target.cpu = cpu.str();
  if (cpu == "host") {
    target.cpu = llvm::sys::getHostCPUName().str();
    llvm::SubtargetFeatures features;
    for (const auto &feature : llvm::sys::getHostCPUFeatures())
      features.AddFeature(feature.first(), feature.second);
    target.features = features.getString();
  }
  std::string error;
  const llvm::Target *backend =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!backend)
    return llvm::createStringError("no code generator for " + target.triple +
                                   ": " + error);
  // LLVM prints a warning for an unknown CPU; ask for the plain one first.
  std::unique_ptr<llvm::MCSubtargetInfo> plain(
      backend->createMCSubtargetInfo(triple, "", ""));
  if (target.cpu.empty() || !plain->isCPUStringValid(target.cpu))
    return unknown(cpu, triple);
  std::unique_ptr<llvm::MCSubtargetInfo> info(
      backend->createMCSubtargetInfo(triple, target.cpu, target.features));
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
  }
  return target;
}
