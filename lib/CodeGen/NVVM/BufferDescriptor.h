//===- BufferDescriptor.h - memrefs made of their parts ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_BUFFERDESCRIPTOR_H
#define MQA_LIB_CODEGEN_NVVM_BUFFERDESCRIPTOR_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::mqa {

/// A memref of `type`, whose offset is 0, at `pointer`. `sizes` and `strides`:
/// one i64 for each dimension.
Value emitBufferDescriptor(ImplicitLocOpBuilder &b, MemRefType type,
                           Value pointer, ValueRange sizes, ValueRange strides);

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_BUFFERDESCRIPTOR_H
