//===- Reference.h - the references, for large shapes -----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_RUNNER_REFERENCE_H
#define MQA_LIB_RUNNER_REFERENCE_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

namespace mlir::mqa {

/// Lowers `module` to linalg, in loops over contiguous elements with scalar
/// accumulators; what comes out goes through the reference pipeline. With
/// `promote` in f64, with sums that LLVM may reassociate. Without it every
/// element is computed by the operations of the plain reference in their order:
/// the values are the same.
llvm::Error prepareReference(ModuleOp module, bool promote);

} // namespace mlir::mqa

#endif // MQA_LIB_RUNNER_REFERENCE_H
