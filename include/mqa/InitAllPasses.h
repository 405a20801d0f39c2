//===- InitAllPasses.h - registers the project's passes ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_INITALLPASSES_H
#define MQA_INITALLPASSES_H

#if __has_include("mqa/CodeGen/CPU/Passes.h")
#include "mqa/CodeGen/CPU/Passes.h"
#define MQA_HAS_CPU_CODEGEN
#endif
#if __has_include("mqa/Conversion/MQAToLinalg/Passes.h")
#include "mqa/Conversion/MQAToLinalg/Passes.h"
#define MQA_HAS_CONVERSION
#endif
#if __has_include("mqa/Dialect/MQA/Transforms/Passes.h")
#include "mqa/Dialect/MQA/Transforms/Passes.h"
#define MQA_HAS_TRANSFORMS
#endif
#include "mqa/Schedule/Passes.h"
#if __has_include("mqa/Pipelines/Pipelines.h")
#include "mqa/Pipelines/Pipelines.h"
#define MQA_HAS_PIPELINES
#endif

namespace mlir::mqa {

/// Registers every pass and pipeline of the project.
inline void registerAllPasses() {
#ifdef MQA_HAS_TRANSFORMS
  registerMQAPasses();
#endif
#ifdef MQA_HAS_CONVERSION
  registerMQAConversionPasses();
#endif
#ifdef MQA_HAS_CPU_CODEGEN
  registerMQACPUPasses();
#endif
  registerMQASchedulePasses();
#ifdef MQA_HAS_PIPELINES
  registerPipelines();
#endif
}

} // namespace mlir::mqa

#endif // MQA_INITALLPASSES_H
