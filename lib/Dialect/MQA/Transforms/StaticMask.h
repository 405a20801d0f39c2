//===- StaticMask.h - a mask on given sizes ---------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A copy of an attention in a module of its own, with static sizes and numbers
// for the scalars that its mask captures, so that what the mask analysis emits
// folds to constants wherever it does not depend on elements.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_DIALECT_MQA_TRANSFORMS_STATICMASK_H
#define LIB_DIALECT_MQA_TRANSFORMS_STATICMASK_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"
#include "mqa/Analysis/Mask/MaskAnalysis.h"

namespace mlir::mqa {

class StaticMask {
public:
  /// Copies `op`, an attention. `sizes`: by dimension of the iteration space;
  /// `getNumber` gives the number of a captured scalar, if it has one.
  StaticMask(Operation *op, ArrayRef<int64_t> sizes,
             function_ref<std::optional<int64_t>(Value)> getNumber);

  Operation *getOp() const { return copy; }

  /// The sizes of the iteration space of `op` where they are static.
  static SmallVector<int64_t> getStaticSizes(Operation *op);
  static SmallVector<AffineMap> getMaps(Operation *op);
  static AttentionShape getShape(Operation *op);

private:
  /// The copy of a value that a region captures: constants, sizes and their
  /// arithmetic are copied, anything else is a scalar.
  Value materialize(Value value);
  std::optional<int64_t> getSizeOf(Operation *dimOp) const;

  Operation *op, *copy = nullptr;
  SmallVector<int64_t> sizes;
  function_ref<std::optional<int64_t>(Value)> getNumber;
  OwningOpRef<ModuleOp> module;
  Block *body = nullptr;
  OpBuilder builder;
  IRMapping mapping;
};

} // namespace mlir::mqa

#endif // LIB_DIALECT_MQA_TRANSFORMS_STATICMASK_H
