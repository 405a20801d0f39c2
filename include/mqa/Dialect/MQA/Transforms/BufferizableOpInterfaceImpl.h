//===- BufferizableOpInterfaceImpl.h - attention on buffers -----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_DIALECT_MQA_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
#define MQA_DIALECT_MQA_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H

#include "mlir/IR/DialectRegistry.h"

namespace mlir::mqa {

/// Lets one-shot bufferization turn `mqa.attention` on tensors into the same op
/// on memrefs. Its destinations are written and never read.
void registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry);

} // namespace mlir::mqa

#endif // MQA_DIALECT_MQA_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
