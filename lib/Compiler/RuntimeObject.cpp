//===- RuntimeObject.cpp - the thread pool, as an object file ---*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RuntimeObject.h"

static const unsigned char bytes[] = {
#include "RuntimeObject.inc"
};

llvm::StringRef mlir::mqa::getRuntimeObject() {
  return {reinterpret_cast<const char *>(bytes), sizeof bytes};
}
