//===- DecomposeInterfaceImpl.cpp - mqa ops as linalg -----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// AggregatedOpInterface: every op in linalg ops on tensors. That of
// `mqa.online_attention` is what the CPU path vectorises: exponentials are
// powers of two and the scores are overwritten in place. That of
// `mqa.attention` is the reference: it follows the definition and materialises
// all scores.
//
//===----------------------------------------------------------------------===//

#include "ScoreDecomposition.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <limits>

using namespace mlir;
using namespace mlir::mqa;

static constexpr double kLog2E = 1.4426950408889634;
static constexpr double kInfinity = std::numeric_limits<double>::infinity();

static Type getElementType(Value value) {
  return getElementTypeOrSelf(value.getType());
}

/// Whether `value`, a running maximum, is that of a row without a live key.
static Value isMinusInfinity(OpBuilder &b, Location loc, Value value) {
  Value minusInfinity = createFloat(b, loc, value.getType(), -kInfinity);
  return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, value,
                               minusInfinity);
}

/// The maximum of finite numbers and minus infinities.
static Value createMaximum(OpBuilder &b, Location loc, ValueRange args) {
  return arith::MaximumFOp::create(b, loc, args[0], args[1],
                                   arith::FastMathFlags::nnan |
                                       arith::FastMathFlags::nsz);
}

static Value createSum(OpBuilder &b, Location loc, ValueRange args) {
  return arith::AddFOp::create(b, loc, args[1], args[0]);
}

static Value createProduct(OpBuilder &b, Location loc, ValueRange args) {
  return arith::MulFOp::create(b, loc, args[1], args[0]);
}

/// The element of the first input, as it is.
static Value createCopy(OpBuilder &b, Location loc, ValueRange args) {
  return convertFloat(b, loc, args[0], args[1].getType());
}

//===----------------------------------------------------------------------===//
// Rows: shift, maximum, rescaling
//===----------------------------------------------------------------------===//

/// What a row's scores are measured from: their maximum, and 0 where no key is
/// live, so that no difference of infinities arises.
static Value createShift(OpBuilder &b, Location loc, ValueRange args) {
  Value zero = createFloat(b, loc, args[0].getType(), 0.0);
  return arith::SelectOp::create(b, loc, isMinusInfinity(b, loc, args[0]), zero,
                                 args[0]);
}

/// `exp(value - shift)` as a power of two. The difference comes first: it is
/// exactly 0 at the maximum however large that is, and does not overflow where
/// `value * log2(e)` would.
static Value createShiftedExp(OpBuilder &b, Location loc, Value value,
                              Value shift) {
  Value factor = createFloat(b, loc, value.getType(), kLog2E);
  Value difference = arith::SubFOp::create(b, loc, value, shift);
  Value power = arith::MulFOp::create(b, loc, difference, factor);
  auto exp = math::Exp2Op::create(b, loc, power);
  // A maximum bounds what it was taken over: no power is above 0.
  exp->setAttr("mqa.nonpositive", b.getUnitAttr());
  return exp;
}

/// `exp(max - max')` from `max` and the shift of `max'`; exactly 1 when the
/// maximum did not change.
static Value createRescale(OpBuilder &b, Location loc, ValueRange args) {
  return createShiftedExp(b, loc, args[0], args[1]);
}

/// `exp(s - max)` from the shift of `max` and, in place, the score.
static Value createProbability(OpBuilder &b, Location loc, ValueRange args) {
  return createShiftedExp(b, loc, args[1], args[0]);
}

//===----------------------------------------------------------------------===//
// mqa.online_attention
//===----------------------------------------------------------------------===//

/// `p · v` added to `out`: over the dimensions of `out` in their order, then
/// over the keys.
static NamedTensor createOutputs(RoleBuilder &builder, NamedTensor value,
                                 NamedTensor probabilities, NamedTensor out,
                                 ArrayRef<unsigned> keys) {
  return builder.createGeneric(
      "output", {value, probabilities}, out, out.dims, keys,
      [](OpBuilder &b, Location loc, ValueRange args) -> Value {
        Type type = args[2].getType();
        Value wide = convertFloat(b, loc, args[0], type);
        Value weight = convertFloat(b, loc, args[1], type);
        Value product = arith::MulFOp::create(b, loc, wide, weight);
        return arith::AddFOp::create(b, loc, args[2], product);
      });
}

FailureOr<SmallVector<Value>>
OnlineAttentionOp::decomposeOperation(OpBuilder &b) {
  if (!hasPureTensorSemantics())
    return failure();
  RoleBuilder builder(b, *this, getIndexingMapsArray(), getScheduleAttr());
  Type type = getElementType(getAcc());
  AttentionShape shape = getShape();
  SmallVector<unsigned> rows = shape.getStateDims();
  SmallVector<unsigned> keys = shape.getDims(DimRole::Key);
  unsigned first = getNumOperands() - 3;
  NamedTensor value = builder.getOperand(2);
  NamedTensor acc = builder.getOperand(first);
  NamedTensor max = builder.getOperand(first + 1);
  NamedTensor sum = builder.getOperand(first + 2);

  NamedTensor scores = createScores(builder, ScoreSpec::get(*this), type);
  NamedTensor oldMax = builder.createGeneric(
      "copy_max", {max}, builder.createEmpty(rows, type), rows, {}, createCopy);
  NamedTensor newMax = builder.createInterleaved(
      "row_max", {scores}, oldMax, scores.dims, keys, createMaximum);
  NamedTensor shift = builder.createGeneric("row_shift", {newMax},
                                            builder.createEmpty(rows, type),
                                            rows, {}, createShift);
  NamedTensor alpha = builder.createGeneric("row_alpha", {max, shift},
                                            builder.createEmpty(rows, type),
                                            rows, {}, createRescale);
  // The new maximum is not less than the old one. A plain copy would fold, and
  // the state would no longer be updated in place.
  NamedTensor maxResult = builder.createGeneric("row_new_max", {newMax}, max,
                                                rows, {}, createMaximum);
  NamedTensor probabilities = builder.createGeneric(
      "exp", {shift}, scores, scores.dims, {}, createProbability);
  NamedTensor scaledSum =
      builder.createGeneric("scale_sum", {alpha}, sum, rows, {}, createProduct);
  NamedTensor sumResult = builder.createInterleaved(
      "row_sum", {probabilities}, scaledSum, scores.dims, keys, createSum);
  NamedTensor scaledAcc = builder.createGeneric("scale_acc", {alpha}, acc,
                                                acc.dims, {}, createProduct);
  NamedTensor accResult =
      createOutputs(builder, value, probabilities, scaledAcc, keys);
  return SmallVector<Value>{accResult.value, maxResult.value, sumResult.value};
}

//===----------------------------------------------------------------------===//
// mqa.merge
//===----------------------------------------------------------------------===//

/// `out = weight * in + outWeight * out` from the elements of in, weight and
/// outWeight.
static Value createWeightedSum(OpBuilder &b, Location loc, ValueRange args) {
  Value lhs = arith::MulFOp::create(b, loc, args[0], args[1]);
  Value rhs = arith::MulFOp::create(b, loc, args[3], args[2]);
  return arith::AddFOp::create(b, loc, lhs, rhs);
}

FailureOr<SmallVector<Value>> MergeOp::decomposeOperation(OpBuilder &b) {
  if (!hasPureTensorSemantics())
    return failure();
  RoleBuilder builder(b, *this, getIndexingMapsArray());
  NamedTensor lhsAcc = builder.getOperand(0), acc = builder.getOperand(3);
  NamedTensor lhsMax = builder.getOperand(1), max = builder.getOperand(4);
  NamedTensor lhsSum = builder.getOperand(2), sum = builder.getOperand(5);
  Type type = getElementType(getMax());
  ArrayRef<unsigned> rows = max.dims;
  auto createRow = [&](StringRef role, ArrayRef<NamedTensor> ins,
                       RoleBuilder::Body body) {
    return builder.createGeneric(role, ins, builder.createEmpty(rows, type),
                                 rows, {}, body);
  };
  NamedTensor newMax =
      createRow("row_max", {lhsMax, max},
                [](OpBuilder &b, Location loc, ValueRange args) {
                  return createMaximum(b, loc, args.take_front(2));
                });
  NamedTensor shift = createRow("row_shift", {newMax}, createShift);
  NamedTensor lhsAlpha = createRow("row_alpha", {lhsMax, shift}, createRescale);
  NamedTensor alpha = createRow("row_alpha", {max, shift}, createRescale);
  // Not a copy of the new maximum, which would fold into it: the state is to be
  // updated in place.
  NamedTensor maxResult = builder.createGeneric("merge_max", {lhsMax}, max,
                                                rows, {}, createMaximum);
  NamedTensor sumResult =
      builder.createGeneric("merge_sum", {lhsSum, lhsAlpha, alpha}, sum,
                            sum.dims, {}, createWeightedSum);
  NamedTensor accResult =
      builder.createGeneric("merge_acc", {lhsAcc, lhsAlpha, alpha}, acc,
                            acc.dims, {}, createWeightedSum);
  return SmallVector<Value>{accResult.value, maxResult.value, sumResult.value};
}

//===----------------------------------------------------------------------===//
// mqa.finalize
//===----------------------------------------------------------------------===//

/// Whether `sum` is that of a row without a live key.
static Value isEmptyRow(OpBuilder &b, Location loc, Value sum) {
  Value zero = createFloat(b, loc, sum.getType(), 0.0);
  return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, sum, zero);
}

/// `acc / sum` in the type of the output, and 0 for an empty row.
static Value createQuotient(OpBuilder &b, Location loc, ValueRange args) {
  Value zero = createFloat(b, loc, args[0].getType(), 0.0);
  Value quotient = arith::DivFOp::create(b, loc, args[0], args[1]);
  Value result = arith::SelectOp::create(b, loc, isEmptyRow(b, loc, args[1]),
                                         zero, quotient);
  return convertFloat(b, loc, result, args[2].getType());
}

/// `max + log(sum)`, and minus infinity for an empty row.
static Value createLogSumExp(OpBuilder &b, Location loc, ValueRange args) {
  Value none = createFloat(b, loc, args[0].getType(), -kInfinity);
  Value log = math::LogOp::create(b, loc, args[1]);
  Value logSumExp = arith::AddFOp::create(b, loc, args[0], log);
  Value result = arith::SelectOp::create(b, loc, isEmptyRow(b, loc, args[1]),
                                         none, logSumExp);
  return convertFloat(b, loc, result, args[2].getType());
}

/// Output and, if operand `output + 1` exists, log-sum-exp of a state.
static SmallVector<Value> finalize(RoleBuilder &builder, NamedTensor acc,
                                   NamedTensor max, NamedTensor sum,
                                   NamedTensor output,
                                   std::optional<NamedTensor> logSumExp) {
  SmallVector<Value> results;
  results.push_back(builder
                        .createGeneric("quotient", {acc, sum}, output,
                                       output.dims, {}, createQuotient)
                        .value);
  if (logSumExp)
    results.push_back(builder
                          .createGeneric("log_sum_exp", {max, sum}, *logSumExp,
                                         logSumExp->dims, {}, createLogSumExp)
                          .value);
  return results;
}

FailureOr<SmallVector<Value>> FinalizeOp::decomposeOperation(OpBuilder &b) {
  if (!hasPureTensorSemantics())
    return failure();
  RoleBuilder builder(b, *this, getIndexingMapsArray());
  std::optional<NamedTensor> logSumExp;
  if (getLogsumexp())
    logSumExp = builder.getOperand(4);
  return finalize(builder, builder.getOperand(0), builder.getOperand(1),
                  builder.getOperand(2), builder.getOperand(3), logSumExp);
}

//===----------------------------------------------------------------------===//
// mqa.attention
//===----------------------------------------------------------------------===//

/// f64 when any of the data is, f32 otherwise.
static Type getComputeType(AttentionOp op) {
  for (Value data : {op.getQuery(), op.getKey(), op.getValue(), op.getOutput()})
    if (getElementType(data).isF64())
      return getElementType(data);
  return Float32Type::get(op.getContext());
}

/// `exp(in - shift)`.
static Value createExp(OpBuilder &b, Location loc, Value in, Value shift) {
  Value difference = arith::SubFOp::create(b, loc, in, shift);
  return math::ExpOp::create(b, loc, difference);
}

namespace {
/// Scores, then their row maxima, exponentials and row sums.
struct ReferenceSoftmax {
  NamedTensor max, probabilities, sum;
};
} // namespace

/// The two passes over the scores; `sink` is one more key.
static ReferenceSoftmax createSoftmax(RoleBuilder &builder, NamedTensor scores,
                                      std::optional<NamedTensor> sink,
                                      ArrayRef<unsigned> rows,
                                      ArrayRef<unsigned> keys, Type type) {
  OpBuilder &b = builder.getBuilder();
  auto createRow = [&](StringRef role, double none,
                       ArrayRef<NamedTensor> sinkInputs,
                       RoleBuilder::Body fromSink) {
    NamedTensor empty = builder.createEmpty(rows, type);
    if (sink)
      return builder.createGeneric(role, sinkInputs, empty, rows, {}, fromSink);
    Value init = createFloat(b, builder.getLoc(), type, none);
    return builder.createFill(role, init, empty);
  };
  SmallVector<NamedTensor> sinkInputs;
  if (sink)
    sinkInputs.push_back(*sink);
  NamedTensor max = builder.createInterleaved(
      "row_max", {scores},
      createRow("initial_max", -kInfinity, sinkInputs, createCopy), scores.dims,
      keys, createMaximum);
  NamedTensor shift =
      builder.createGeneric("row_shift", {max}, builder.createEmpty(rows, type),
                            rows, {}, createShift);
  NamedTensor probabilities =
      builder.createGeneric("exp", {shift}, scores, scores.dims, {},
                            [](OpBuilder &b, Location loc, ValueRange args) {
                              return createExp(b, loc, args[1], args[0]);
                            });
  sinkInputs.push_back(shift);
  NamedTensor initialSum =
      createRow("initial_sum", 0.0, sinkInputs,
                [](OpBuilder &b, Location loc, ValueRange args) {
                  Value logit =
                      convertFloat(b, loc, args[0], args[2].getType());
                  return createExp(b, loc, logit, args[1]);
                });
  NamedTensor sum = builder.createInterleaved(
      "row_sum", {probabilities}, initialSum, scores.dims, keys, createSum);
  return {max, probabilities, sum};
}

FailureOr<SmallVector<Value>> AttentionOp::decomposeOperation(OpBuilder &b) {
  if (!hasPureTensorSemantics())
    return failure();
  RoleBuilder builder(b, *this, getIndexingMapsArray(), getScheduleAttr());
  Type type = getComputeType(*this);
  AttentionShape shape = getShape();
  SmallVector<unsigned> keys = shape.getDims(DimRole::Key);
  unsigned outputNumber = getOutputMutable().getOperandNumber();
  NamedTensor output = builder.getOperand(outputNumber);
  std::optional<NamedTensor> sink, logSumExp;
  if (getSink())
    sink = builder.getOperand(outputNumber - 1);
  if (getLogsumexp())
    logSumExp = builder.getOperand(outputNumber + 1);

  NamedTensor scores = createScores(builder, ScoreSpec::get(*this), type);
  ReferenceSoftmax softmax =
      createSoftmax(builder, scores, sink, shape.getStateDims(), keys, type);
  Value zero = createFloat(b, getLoc(), type, 0.0);
  NamedTensor zeros = builder.createFill(
      "zero_acc", zero, builder.createEmpty(output.dims, type));
  NamedTensor acc = createOutputs(builder, builder.getOperand(2),
                                  softmax.probabilities, zeros, keys);
  return finalize(builder, acc, softmax.max, softmax.sum, output, logSumExp);
}
