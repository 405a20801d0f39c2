//===- Passes.h - passes of the GPU code generator --------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_CODEGEN_NVVM_PASSES_H
#define MQA_CODEGEN_NVVM_PASSES_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::mqa {

#define GEN_PASS_DECL
#include "mqa/CodeGen/NVVM/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "mqa/CodeGen/NVVM/Passes.h.inc"
} // namespace mlir::mqa

#endif // MQA_CODEGEN_NVVM_PASSES_H
