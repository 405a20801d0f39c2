//===- InitAllPasses.h - registers the project's passes ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_INITALLPASSES_H
#define MQA_INITALLPASSES_H

#include "mqa/CodeGen/CPU/Passes.h"
#include "mqa/CodeGen/NVVM/Passes.h"
#include "mqa/Conversion/MQAToLinalg/Passes.h"
#include "mqa/Dialect/MQA/Transforms/Passes.h"
#include "mqa/Pipelines/Pipelines.h"
#include "mqa/Schedule/Passes.h"

namespace mlir::mqa {

/// Registers every pass and pipeline of the project.
inline void registerAllPasses() {
  registerMQAPasses();
  registerMQAConversionPasses();
  registerMQACPUPasses();
  registerMQANVVMPasses();
  registerMQASchedulePasses();
  registerPipelines();
  registerNVVMPipelines();
}

} // namespace mlir::mqa

#endif // MQA_INITALLPASSES_H
