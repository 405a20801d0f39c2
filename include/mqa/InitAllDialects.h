//===- InitAllDialects.h - registers the project's dialects -----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_INITALLDIALECTS_H
#define MQA_INITALLDIALECTS_H

#include "mlir/IR/DialectRegistry.h"
#include "mqa/Dialect/MQA/IR/MQA.h"
#include "mqa/Dialect/MQA/Transforms/BufferizableOpInterfaceImpl.h"

namespace mlir::mqa {

/// Adds every dialect of the project to `registry`. Upstream dialects are the
/// caller's choice.
inline void registerAllDialects(DialectRegistry &registry) {
  registry.insert<MQADialect>();
  registerBufferizableOpInterfaceExternalModels(registry);
}

} // namespace mlir::mqa

#endif // MQA_INITALLDIALECTS_H
