//===- BoundBuilder.h - index arithmetic that cannot wrap -------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits `arith` on index values of which the static range is known. Whatever
// the ranges decide is folded; an operation that could leave the type is not
// emitted: the builder then has failed, until it is rolled back.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_ANALYSIS_MASK_BOUNDBUILDER_H
#define MQA_LIB_ANALYSIS_MASK_BOUNDBUILDER_H

#include "LinearForm.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/MapVector.h"
#include <tuple>

namespace mlir::mqa::mask {

/// An emitted index, or an attribute if `lo` is `hi`.
struct Bound {
  OpFoldResult value;
  Int lo, hi;
  bool isConstant() const { return lo == hi; }
  bool operator==(const Bound &other) const { return value == other.value; }
};

class BoundBuilder {
public:
  BoundBuilder(OpBuilder &builder, Location loc) : b(builder), loc(loc) {}

  OpBuilder &getBuilder() { return b; }
  Location getLoc() const { return loc; }

  Bound constant(const Int &value);
  Bound constant(int64_t value) { return constant(Int(value)); }
  /// `value`, which is an index and known to be in the range.
  Bound known(OpFoldResult value, const IntRange &range);

  Bound add(const Bound &a, const Bound &b);
  Bound subtract(const Bound &a, const Bound &b);
  Bound multiply(const Bound &a, const Bound &b);
  /// The quotient, rounded down; the divisor must be positive.
  Bound floorDivide(const Bound &a, const Bound &b);
  /// 2 to the power of `exponent`, which is in [0, 62].
  Bound powerOfTwo(const Bound &exponent);
  Bound minimum(const Bound &a, const Bound &b);
  Bound maximum(const Bound &a, const Bound &b);
  Bound select(OpFoldResult condition, const Bound &a, const Bound &b);

  /// Truth values are attributes if they are known.
  OpFoldResult truth(bool value) { return b.getBoolAttr(value); }
  OpFoldResult lessEqual(const Bound &a, const Bound &b);
  OpFoldResult lessThan(const Bound &a, const Bound &b);
  OpFoldResult all(ArrayRef<OpFoldResult> conditions);
  OpFoldResult any(ArrayRef<OpFoldResult> conditions);
  OpFoldResult negate(OpFoldResult condition);

  /// Whether something could not be emitted since the last rollback.
  bool hasFailed() const { return failed; }
  /// Emits what `emit` does, or nothing if that fails; returns which.
  bool attempt(function_ref<void()> emit);

private:
  enum class Code {
    Constant,
    Add,
    Sub,
    Mul,
    Div,
    Shift,
    ShiftLeft,
    Xor,
    Min,
    Max,
    Select,
    LessEqual,
    LessThan,
    And,
    Or
  };
  using Key = std::tuple<Code, const void *, const void *, const void *>;

  Value toValue(OpFoldResult value);
  Value create(Code code, ArrayRef<Value> operands);
  Value emit(Code code, ArrayRef<OpFoldResult> operands);
  Value emitFloorDivide(const Bound &a, const Bound &b);
  Bound number(Code code, ArrayRef<OpFoldResult> operands,
               const IntRange &range);
  OpFoldResult gather(ArrayRef<OpFoldResult> conditions, bool isAnd);

  OpBuilder &b;
  Location loc;
  bool failed = false;
  llvm::SmallVector<std::pair<Key, Operation *>> created;
  llvm::DenseMap<Key, Value> emitted;
};

/// The value of an i1, if it is an attribute.
std::optional<bool> getKnownTruth(OpFoldResult condition);

} // namespace mlir::mqa::mask

#endif // MQA_LIB_ANALYSIS_MASK_BOUNDBUILDER_H
