//===- mqa-opt.cpp - runs passes over IR with the mqa dialect ---*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mqa/InitAllDialects.h"
#include "mqa/InitAllPasses.h"

#ifdef MQA_ENABLE_TESTING
namespace mlir::mqa::test {
void registerTestMaskAnalysisPass();
} // namespace mlir::mqa::test
#endif

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllGPUToLLVMIRTranslations(registry);
  mlir::mqa::registerAllDialects(registry);
  mlir::registerAllPasses();
  mlir::mqa::registerAllPasses();
#ifdef MQA_ENABLE_TESTING
  mlir::mqa::test::registerTestMaskAnalysisPass();
#endif
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "mqa-opt: runs passes over IR with the mqa dialect\n",
      registry));
}
