//===- ProblemSize.cpp - what a schedule depends on -------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Schedule/ProblemSize.h"
#include "mqa/Analysis/Mask/MaskAnalysis.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::mqa;

StringRef mlir::mqa::stringifyMaskKind(MaskKind kind) {
  switch (kind) {
  case MaskKind::None:
    return "none";
  case MaskKind::Bounded:
    return "bounded";
  case MaskKind::Classified:
    return "classified";
  }
  return "";
}

std::optional<MaskKind> mlir::mqa::symbolizeMaskKind(StringRef text) {
  return llvm::StringSwitch<std::optional<MaskKind>>(text)
      .Case("none", MaskKind::None)
      .Case("bounded", MaskKind::Bounded)
      .Case("classified", MaskKind::Classified)
      .Default(std::nullopt);
}

bool ProblemSize::operator==(const ProblemSize &other) const {
  return std::tie(rows, keys, depth, value, queryType, keyType, valueType,
                  mask) == std::tie(other.rows, other.keys, other.depth,
                                    other.value, other.queryType, other.keyType,
                                    other.valueType, other.mask);
}

static std::string printSize(int64_t size) {
  return ShapedType::isDynamic(size) ? "?" : std::to_string(size);
}

std::string ProblemSize::print() const {
  return queryType + "/" + keyType + "/" + valueType +
         " rows=" + printSize(rows) + " keys=" + printSize(keys) +
         " depth=" + printSize(depth) + " value=" + printSize(value) +
         " mask=" + stringifyMaskKind(mask).str();
}

/// The static sizes of the iteration space of `op`.
static SmallVector<int64_t> getSizes(Operation *op, unsigned numDims,
                                     ArrayRef<AffineMap> maps) {
  SmallVector<int64_t> sizes(numDims, ShapedType::kDynamic);
  for (auto [operand, map] : llvm::zip(op->getOperands(), maps))
    for (auto [position, expr] : llvm::enumerate(map.getResults())) {
      int64_t size = cast<ShapedType>(operand.getType()).getDimSize(position);
      if (!ShapedType::isDynamic(size))
        sizes[cast<AffineDimExpr>(expr).getPosition()] = size;
    }
  return sizes;
}

static MaskKind getMaskKind(Operation *op, Region &mask) {
  if (mask.empty())
    return MaskKind::None;
  FailureOr<MaskAnalysis> analysis = MaskAnalysis::compute(op);
  return succeeded(analysis) && analysis->getSummary().exact
             ? MaskKind::Bounded
             : MaskKind::Classified;
}

template <typename OpTy> static ProblemSize getProblem(OpTy op) {
  AttentionShape shape = op.getShape();
  SmallVector<int64_t> sizes =
      getSizes(op, shape.getNumDims(), op.getIndexingMapsArray());
  auto product = [&](DimRole role) {
    int64_t result = 1;
    for (unsigned dim : shape.getDims(role)) {
      if (ShapedType::isDynamic(sizes[dim]))
        return ShapedType::kDynamic;
      result = llvm::SaturatingMultiply<uint64_t>(result, sizes[dim]);
    }
    return result;
  };
  auto print = [](Value operand) {
    std::string text;
    llvm::raw_string_ostream(text) << getElementTypeOrSelf(operand.getType());
    return text;
  };
  ProblemSize problem;
  problem.rows = product(DimRole::Row);
  problem.keys = sizes[shape.getDims(DimRole::Key).back()];
  problem.depth = product(DimRole::Depth);
  problem.value = product(DimRole::Value);
  problem.queryType = print(op.getQuery());
  problem.keyType = print(op.getKey());
  problem.valueType = print(op.getValue());
  problem.mask = getMaskKind(op, op.getMask());
  return problem;
}

std::optional<ProblemSize> ProblemSize::of(Operation *op) {
  if (auto attention = dyn_cast<AttentionOp>(op))
    return getProblem(attention);
  if (auto online = dyn_cast<OnlineAttentionOp>(op))
    return getProblem(online);
  return std::nullopt;
}
