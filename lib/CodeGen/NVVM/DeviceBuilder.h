//===- DeviceBuilder.h - scalar code of one GPU thread ----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Short names for what a kernel computes in one thread. Positions, sizes and
// shared-memory offsets are i32, offsets into global memory i64, everything
// that the regions of the op see is index or f32. What is constant folds.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_DEVICEBUILDER_H
#define MQA_LIB_CODEGEN_NVVM_DEVICEBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::mqa {

/// Address spaces of NVPTX.
enum AddressSpace : unsigned { GlobalSpace = 1, SharedSpace = 3 };

class DeviceBuilder : public ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  Value i32(int64_t value);
  Value i64(int64_t value);
  Value f32(double value);
  Value flag(bool value);

  /// A size or position as i32, and back.
  Value toI32(OpFoldResult index);
  Value toIndex(Value i32);
  /// Zero extension: positions and sizes are not negative.
  Value toI64(Value i32);
  Value materialize(OpFoldResult index);

  //===--------------------------------------------------------------------===//
  // Integers, of i32 unless the operands say otherwise
  //===--------------------------------------------------------------------===//
  Value add(Value a, Value b);
  Value add(Value a, int64_t b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value mul(Value a, int64_t b);
  Value div(Value a, Value b);
  Value div(Value a, int64_t b);
  Value rem(Value a, int64_t b);
  Value bitAnd(Value a, int64_t b);
  Value bitXor(Value a, Value b);
  Value min(Value a, Value b);
  Value max(Value a, Value b);
  Value less(Value a, Value b);
  Value lessEqual(Value a, Value b);
  Value equal(Value a, int64_t b);
  Value both(Value a, Value b);
  Value either(Value a, Value b);
  Value negate(Value a);
  Value select(Value condition, Value a, Value b);
  /// The integer constant that `value` is, if it is one.
  static std::optional<int64_t> getConstant(Value value);

  //===--------------------------------------------------------------------===//
  // f32; products and sums may be contracted
  //===--------------------------------------------------------------------===//
  Value fadd(Value a, Value b);
  Value fsub(Value a, Value b);
  Value fmul(Value a, Value b);
  /// The larger one; the other one if one is NaN.
  Value fmax(Value a, Value b);
  Value isEqual(Value a, double b);
  /// 2^a, log2(a), 1/a: of the special function unit, subnormals are 0.
  Value exp2(Value a);
  Value log2(Value a);
  Value reciprocal(Value a);
  /// The value of the lane whose number differs in the bits of `mask`.
  Value shuffleXor(Value a, int64_t mask);
  /// Reduces pairwise: short chains of dependent operations.
  Value tree(ArrayRef<Value> values,
             function_ref<Value(Value a, Value b)> combine);

  //===--------------------------------------------------------------------===//
  // Memory
  //===--------------------------------------------------------------------===//
  /// `pointer` + `bytes`.
  Value advance(Value pointer, Value bytes);
  Value advance(Value pointer, int64_t bytes);
  Value load(Type type, Value pointer, unsigned alignment = 0);
  void store(Value value, Value pointer, unsigned alignment = 0);
  /// Waits for all threads of the block.
  void barrier();

  //===--------------------------------------------------------------------===//
  // Control
  //===--------------------------------------------------------------------===//
  /// Runs `body` where `condition` holds, without code if that is known.
  void ifThen(Value condition, function_ref<void()> body);
  /// `values`, changed by `body` where `condition` holds.
  SmallVector<Value> ifChanges(Value condition, ValueRange values,
                               function_ref<SmallVector<Value>()> body);
  /// Carries values through `while (condition(values)) values = body(values)`.
  SmallVector<Value>
  loopWhile(ValueRange inits, function_ref<Value(ValueRange)> condition,
            function_ref<SmallVector<Value>(ValueRange)> body);
  /// `for (i = from; i < to; i += step)`, of i32.
  SmallVector<Value>
  loopFor(Value from, Value to, Value step, ValueRange inits,
          function_ref<SmallVector<Value>(Value, ValueRange)> body);

private:
  template <typename Op> Value binary(Value a, Value b);
  Value callFloat(StringRef intrinsic, Value a);
};

/// The number of this thread in the block; of the warp; of the lane.
Value getThread(DeviceBuilder &b);

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_DEVICEBUILDER_H
