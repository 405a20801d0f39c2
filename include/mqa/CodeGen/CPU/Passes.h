//===- Passes.h - passes of the CPU code generator --------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_CODEGEN_CPU_PASSES_H
#define MQA_CODEGEN_CPU_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::mqa {

/// The unit attribute of a loop whose iterations are tasks.
constexpr llvm::StringLiteral kTasksAttr = "mqa.tasks";
/// The attribute that names the part a linalg op plays in a tile.
constexpr llvm::StringLiteral kRoleAttr = "mqa.role";
/// The attribute with the tile sizes of a linalg op.
constexpr llvm::StringLiteral kScheduleAttr = "mqa.schedule";

#define GEN_PASS_DECL
#include "mqa/CodeGen/CPU/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "mqa/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::mqa

#endif // MQA_CODEGEN_CPU_PASSES_H
