//===- RoleBuilder.h - linalg ops with roles --------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the decompositions of all ops are written with: tensors whose axes are
// named by dimensions of the op's iteration space, and linalg ops over some of
// these dimensions. Every op that is built carries its role in the computation
// as `mqa.role`, so that later passes need not guess it from its shape.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_DIALECT_MQA_IR_ROLEBUILDER_H
#define MQA_LIB_DIALECT_MQA_IR_ROLEBUILDER_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mqa/Dialect/MQA/IR/MQA.h"

namespace mlir::mqa {

/// A tensor and, for each of its axes, the dimension it runs over.
struct NamedTensor {
  Value value;
  SmallVector<unsigned> dims;
};

/// `value` converted to float type `type`, by `arith.extf` or `arith.truncf`.
Value convertFloat(OpBuilder &b, Location loc, Value value, Type type);

/// A constant of float type `type`.
Value createFloat(OpBuilder &b, Location loc, Type type, double value);

/// Builds the linalg ops that one op with indexing maps decomposes to.
class RoleBuilder {
public:
  /// What a generic computes from the elements of inputs and output.
  using Body = function_ref<Value(OpBuilder &, Location, ValueRange)>;

  /// `maps` has one map for each operand of `op`, all on tensors; `schedule`
  /// is put on every op that is built, unless it is null.
  RoleBuilder(OpBuilder &b, Operation *op, ArrayRef<AffineMap> maps,
              Attribute schedule = {})
      : b(b), op(op), maps(maps), schedule(schedule) {}

  OpBuilder &getBuilder() { return b; }
  Location getLoc() { return op->getLoc(); }

  /// An operand of the op, with the dimensions from its map.
  NamedTensor getOperand(unsigned number);
  /// A fresh tensor over `dims`.
  NamedTensor createEmpty(ArrayRef<unsigned> dims, Type elementType);
  /// `out` with every element `value`.
  NamedTensor createFill(StringRef role, Value value, const NamedTensor &out);
  /// A generic over the dimensions `parallel`, then `reduction`.
  NamedTensor createGeneric(StringRef role, ArrayRef<NamedTensor> ins,
                            const NamedTensor &out, ArrayRef<unsigned> parallel,
                            ArrayRef<unsigned> reduction, Body body);
  /// A generic over `loops`, those in `reduction` being reductions.
  NamedTensor createInterleaved(StringRef role, ArrayRef<NamedTensor> ins,
                                const NamedTensor &out,
                                ArrayRef<unsigned> loops,
                                ArrayRef<unsigned> reduction, Body body);

private:
  OpFoldResult getSize(unsigned dim);
  void annotate(Operation *built, StringRef role);

  OpBuilder &b;
  Operation *op;
  SmallVector<AffineMap> maps;
  Attribute schedule;
};

} // namespace mlir::mqa

#endif // MQA_LIB_DIALECT_MQA_IR_ROLEBUILDER_H
