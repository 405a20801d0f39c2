//===- MQAPlugin.cpp - the project as a plugin of mlir-opt ------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `mlir-opt --load-dialect-plugin --load-pass-plugin` looks for: the two
// entry points below, of which each registers our half.
//
//===----------------------------------------------------------------------===//

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "mqa/InitAllDialects.h"
#include "mqa/InitAllPasses.h"

extern "C" LLVM_ATTRIBUTE_WEAK mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "mqa", MQA_VERSION,
          [](mlir::DialectRegistry *registry) {
            mlir::mqa::registerAllDialects(*registry);
          }};
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "mqa", MQA_VERSION,
          [] { mlir::mqa::registerAllPasses(); }};
}
