//===- AttentionShape.cpp - roles of the dimensions -------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Dialect/MQA/Utils/AttentionShape.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::mqa;

/// The operands that roles are read from, in the order of the bits below.
static constexpr StringLiteral kOperandNames[] = {"query", "key", "value",
                                                  "output"};

StringRef mlir::mqa::stringifyDimRole(DimRole role) {
  switch (role) {
  case DimRole::Batch:
    return "batch";
  case DimRole::Row:
    return "row";
  case DimRole::Key:
    return "key";
  case DimRole::Depth:
    return "depth";
  case DimRole::Value:
    return "value";
  }
  return "unknown";
}

FailureOr<AttentionShape>
AttentionShape::get(AffineMap query, AffineMap key, AffineMap value,
                    AffineMap output,
                    function_ref<InFlightDiagnostic()> emitError) {
  AttentionShape shape;
  for (unsigned dim = 0, end = query.getNumDims(); dim < end; ++dim) {
    // One bit for each operand that mentions the dimension.
    unsigned who = query.isFunctionOfDim(dim) | key.isFunctionOfDim(dim) << 1 |
                   value.isFunctionOfDim(dim) << 2 |
                   output.isFunctionOfDim(dim) << 3;
    switch (who) {
    case 0b1111:
      shape.roles.push_back(DimRole::Batch);
      continue;
    case 0b1001:
      shape.roles.push_back(DimRole::Row);
      continue;
    case 0b0110:
      shape.roles.push_back(DimRole::Key);
      continue;
    case 0b0011:
      shape.roles.push_back(DimRole::Depth);
      continue;
    case 0b1100:
      shape.roles.push_back(DimRole::Value);
      continue;
    default:
      break;
    }
    SmallVector<StringRef> names;
    for (auto [bit, name] : llvm::enumerate(kOperandNames))
      if (who & (1u << bit))
        names.push_back(name);
    InFlightDiagnostic diag = emitError();
    diag << "expected dimension d" << dim
         << " in all of query, key, value and output (batch), in query and "
            "output (row), in key and value (key), in query and key (depth) or "
            "in value and output (value), got it in ";
    if (names.empty())
      diag << "none";
    llvm::interleave(
        names, [&](StringRef name) { diag << name; }, [&] { diag << " and "; });
    return failure();
  }
  for (DimRole role : {DimRole::Key, DimRole::Depth, DimRole::Value})
    if (!llvm::is_contained(shape.roles, role)) {
      emitError() << "expected at least one " << stringifyDimRole(role)
                  << " dimension, got none";
      return failure();
    }
  return shape;
}

SmallVector<unsigned> AttentionShape::getDims(DimRole role) const {
  return getDims(ArrayRef<DimRole>(role));
}

SmallVector<unsigned> AttentionShape::getDims(ArrayRef<DimRole> wanted) const {
  SmallVector<unsigned> dims;
  for (auto [dim, role] : llvm::enumerate(roles))
    if (llvm::is_contained(wanted, role))
      dims.push_back(dim);
  return dims;
}

SmallVector<utils::IteratorType> AttentionShape::getIteratorTypes() const {
  return llvm::map_to_vector(roles, [](DimRole role) {
    return role == DimRole::Key || role == DimRole::Depth
               ? utils::IteratorType::reduction
               : utils::IteratorType::parallel;
  });
}
