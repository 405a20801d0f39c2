//===- KernelInterface.h - arguments of attention kernels -------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel takes, of every buffer, its address and what of its sizes and
// strides is dynamic, and of the scalars that the regions capture those that
// are not computed from constants and sizes. In the kernel the op is cloned
// onto buffers made of these arguments, so that the mask analysis and the
// regions work there as they do anywhere.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_KERNELINTERFACE_H
#define MQA_LIB_CODEGEN_NVVM_KERNELINTERFACE_H

#include "DeviceBuilder.h"
#include "mqa/Dialect/MQA/IR/MQA.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::mqa {

/// A buffer as a kernel sees it.
struct KernelBuffer {
  Value memref;               ///< In global memory, with offset 0.
  Value pointer;              ///< Of its first element.
  SmallVector<Value> strides; ///< In elements, of type index.
  AffineMap map;              ///< From the iteration space.
  MemRefType hostType;        ///< That may tell more of dynamic strides.

  Type getElementType() const {
    return cast<MemRefType>(memref.getType()).getElementType();
  }
};

/// What is passed from the host to the kernels of one op.
class KernelInterface {
public:
  /// `op` is on strided memrefs.
  explicit KernelInterface(AttentionOp op);

  /// The types of the kernel's parameters.
  ArrayRef<Type> getTypes() const { return types; }
  /// The values of the parameters, computed on the host.
  SmallVector<Value> emitArguments(OpBuilder &b) const;
  /// Clones the op into a kernel whose parameters are `arguments`. `buffers`:
  /// one for each operand of the op, in order.
  AttentionOp emitClone(DeviceBuilder &b, ValueRange arguments,
                        SmallVectorImpl<KernelBuffer> &buffers) const;

private:
  void addLeaves(Value value);
  bool isComputable(Operation *producer) const;

  mutable AttentionOp op;
  /// Captured values that are computed in the kernel, in order.
  llvm::SetVector<Operation *> computed;
  /// Captured values that are passed.
  llvm::SetVector<Value> passed;
  SmallVector<Type> types;
};

/// The address of the first element of `buffer`, on the host, as an i64.
Value emitAddress(OpBuilder &b, Location loc, Value buffer);

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_KERNELINTERFACE_H
