//===- RuntimeObject.h - the runtime, as object files ----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_COMPILER_RUNTIMEOBJECT_H
#define MQA_LIB_COMPILER_RUNTIMEOBJECT_H

#include "llvm/ADT/StringRef.h"

namespace mlir::mqa {

/// The object file of lib/Runtime/ParallelFor.c, embedded at build time.
llvm::StringRef getRuntimeObject();
/// The same of lib/Runtime/CudaLaunch.c.
llvm::StringRef getCudaRuntimeObject();

} // namespace mlir::mqa

#endif // MQA_LIB_COMPILER_RUNTIMEOBJECT_H
