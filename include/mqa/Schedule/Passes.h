//===- Passes.h - choosing tile sizes ---------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_SCHEDULE_PASSES_H
#define MQA_SCHEDULE_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir::mqa {
#define GEN_PASS_DECL
#include "mqa/Schedule/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "mqa/Schedule/Passes.h.inc"
} // namespace mlir::mqa

#endif // MQA_SCHEDULE_PASSES_H
