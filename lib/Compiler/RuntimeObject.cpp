//===- RuntimeObject.cpp - the runtime, as object files ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RuntimeObject.h"

static const unsigned char pool[] = {
#include "mqa_runtime_object.inc"
};
static const unsigned char cuda[] = {
#include "mqa_cuda_runtime_object.inc"
};

llvm::StringRef mlir::mqa::getRuntimeObject() {
  return {reinterpret_cast<const char *>(pool), sizeof pool};
}

llvm::StringRef mlir::mqa::getCudaRuntimeObject() {
  return {reinterpret_cast<const char *>(cuda), sizeof cuda};
}
