//===- DiagnosticCollector.h - diagnostics as llvm::Error -------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_COMPILER_DIAGNOSTICCOLLECTOR_H
#define MQA_LIB_COMPILER_DIAGNOSTICCOLLECTOR_H

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir::mqa {

/// While it lives, errors of a context are kept instead of printed: the first
/// one, with its place and its notes. Warnings and remarks go on to the
/// handler that was there before.
class DiagnosticCollector {
public:
  explicit DiagnosticCollector(MLIRContext *context);

  /// What was kept, else `fallback`.
  llvm::Error takeError(llvm::StringRef fallback);

private:
  LogicalResult handle(Diagnostic &diagnostic);

  std::string message;
  ScopedDiagnosticHandler handler;
};

} // namespace mlir::mqa

#endif // MQA_LIB_COMPILER_DIAGNOSTICCOLLECTOR_H
