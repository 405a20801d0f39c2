//===- KernelFill.h - a value into a buffer ---------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_KERNELFILL_H
#define MQA_LIB_CODEGEN_NVVM_KERNELFILL_H

#include "KernelFactory.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::mqa {

/// Whether a kernel can do `op`: one float into a strided buffer.
bool isFillOfBuffer(linalg::FillOp op);

/// Replaces such an op, which folding leaves of an attention without live keys,
/// by the launch of a kernel.
void lowerFill(linalg::FillOp op, KernelFactory &factory);

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_KERNELFILL_H
