//===- EntryABI.h - how compiled functions are called -----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rule that compiler, C header and runner share. A tensor result that is
// tied to a tensor argument, through destination-passing ops, is written into
// the buffer of that argument and is no result of the compiled function.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_CODEGEN_CPU_ENTRYABI_H
#define MQA_CODEGEN_CPU_ENTRYABI_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::mqa {

/// For each result of `func`, the number of the argument that it is written
/// into, or -1 where it stays a result. No two results share an argument.
/// Fails, with a diagnostic, when `func` has no single returning block.
FailureOr<SmallVector<int64_t>> getResultDestinations(func::FuncOp func);

} // namespace mlir::mqa

#endif // MQA_CODEGEN_CPU_ENTRYABI_H
