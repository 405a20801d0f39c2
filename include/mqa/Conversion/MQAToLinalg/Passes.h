//===- Passes.h - reference lowering to linalg ------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_CONVERSION_MQATOLINALG_PASSES_H
#define MQA_CONVERSION_MQATOLINALG_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir {
class RewritePatternSet;
} // namespace mlir

namespace mlir::mqa {

/// Patterns that lower every mqa op, on tensors or on memrefs, to linalg.
void populateMQAToLinalgPatterns(RewritePatternSet &patterns);

#define GEN_PASS_DECL
#include "mqa/Conversion/MQAToLinalg/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "mqa/Conversion/MQAToLinalg/Passes.h.inc"

} // namespace mlir::mqa

#endif // MQA_CONVERSION_MQATOLINALG_PASSES_H
