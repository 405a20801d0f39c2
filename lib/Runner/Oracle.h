//===- Oracle.h - the f64 reference, bearable for large shapes --*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_RUNNER_ORACLE_H
#define MQA_LIB_RUNNER_ORACLE_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

namespace mlir::mqa {

/// Lowers `module` to linalg in f64, in loops that LLVM vectorises: sums may be
/// reassociated, and the innermost loop is over contiguous elements. What comes
/// out goes through the reference pipeline.
llvm::Error prepareOracle(ModuleOp module);

} // namespace mlir::mqa

#endif // MQA_LIB_RUNNER_ORACLE_H
