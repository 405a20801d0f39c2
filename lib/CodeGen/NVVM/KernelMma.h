//===- KernelMma.h - attention by mma.sync ----------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_KERNELMMA_H
#define MQA_LIB_CODEGEN_NVVM_KERNELMMA_H

#include "AttentionKernel.h"
#include "KernelFactory.h"
#include "KernelSplits.h"

namespace mlir::mqa {

/// Of `op`, with the sizes that `schedule` gives.
KernelShape getMmaKernelShape(AttentionOp op, GpuScheduleAttr schedule);

/// Emits the body of the kernel. `shared`: its dynamic shared memory.
LogicalResult emitMmaKernel(AttentionKernel &kernel, Value shared,
                            const SplitBuffers &splits);

/// The static size of the one dimension of `role`, depth or value.
int64_t getInnerSize(AttentionOp op, DimRole role);

/// Bytes that a thread may copy at once from the buffer `type`, which `map`
/// describes: 16, 8, 4, or 2 where nothing more is known.
int64_t getPieceBytes(MemRefType type, AffineMap map, unsigned innerDim);

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_KERNELMMA_H
