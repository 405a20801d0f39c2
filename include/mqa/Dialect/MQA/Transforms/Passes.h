//===- Passes.h - passes on the mqa dialect ---------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_DIALECT_MQA_TRANSFORMS_PASSES_H
#define MQA_DIALECT_MQA_TRANSFORMS_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::mqa {
#define GEN_PASS_DECL
#include "mqa/Dialect/MQA/Transforms/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "mqa/Dialect/MQA/Transforms/Passes.h.inc"
} // namespace mlir::mqa

#endif // MQA_DIALECT_MQA_TRANSFORMS_PASSES_H
