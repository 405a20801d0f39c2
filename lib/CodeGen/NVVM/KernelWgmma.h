//===- KernelWgmma.h - attention by wgmma ---------------------- -*- C++
//-*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_KERNELWGMMA_H
#define MQA_LIB_CODEGEN_NVVM_KERNELWGMMA_H

#include "AttentionKernel.h"
#include "KernelFactory.h"
#include "KernelSplits.h"

namespace mlir::mqa {

/// Of `op`, with the sizes that `schedule` gives.
KernelShape getWgmmaKernelShape(AttentionOp op, GpuScheduleAttr schedule);

/// Emits the body of the kernel. `shared`: its dynamic shared memory.
LogicalResult emitWgmmaKernel(AttentionKernel &kernel, Value shared,
                              const SplitBuffers &splits);

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_KERNELWGMMA_H
