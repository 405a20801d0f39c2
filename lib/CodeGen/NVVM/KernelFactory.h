//===- KernelFactory.h - kernel functions and their launches ----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_KERNELFACTORY_H
#define MQA_LIB_CODEGEN_NVVM_KERNELFACTORY_H

#include "DeviceBuilder.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace mlir::mqa {

/// What a kernel needs of a multiprocessor.
struct KernelShape {
  int64_t threads;         ///< Of a block.
  int64_t sharedBytes = 0; ///< Of dynamic shared memory.
  /// Registers come before blocks of a multiprocessor: ptxas may take as many
  /// as a thread can have, where it would spill to fit more blocks.
  bool needsRegisters = false;
};

/// A kernel: a function of a gpu.module, and what a launch must know.
struct Kernel {
  LLVM::LLVMFuncOp function;
  KernelShape shape;
};

/// Creates kernels in one gpu.module.
class KernelFactory {
public:
  /// `prefix`: of the names of the kernels.
  KernelFactory(gpu::GPUModuleOp module, StringRef prefix)
      : module(module), prefix(prefix) {}

  /// A kernel with parameters of `types`; its body is emitted by `emit`, which
  /// has them as arguments. No two pointers give access to the same memory.
  Kernel create(Location loc, StringRef name, ArrayRef<Type> types,
                KernelShape shape,
                function_ref<void(DeviceBuilder &, ValueRange)> emit);

  /// All dynamic shared memory of the kernel that `b` is in.
  Value getShared(DeviceBuilder &b);

  /// Launches `x` times `y` blocks (index values).
  void launch(ImplicitLocOpBuilder &host, const Kernel &kernel, Value x,
              Value y, ValueRange arguments);

private:
  gpu::GPUModuleOp module;
  StringRef prefix;
};

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_KERNELFACTORY_H
