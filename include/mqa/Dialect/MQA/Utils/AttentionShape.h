//===- AttentionShape.h - roles of the dimensions ---------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one place that knows what the dimensions of an attention mean. It is
// parsed from indexing maps alone, so that the verifier can use it.
//
// The letters: b batch, m row (query position, and every head that shares its
// keys and values), n key, d depth, e value.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_DIALECT_MQA_UTILS_ATTENTIONSHAPE_H
#define MQA_DIALECT_MQA_UTILS_ATTENTIONSHAPE_H

#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Support/LLVM.h"

namespace mlir::mqa {

/// What a dimension of the iteration space stands for.
enum class DimRole { Batch, Row, Key, Depth, Value };

/// The field's name of a role, in lower case.
StringRef stringifyDimRole(DimRole role);

/// The roles of all dimensions of an attention.
class AttentionShape {
public:
  /// Parses the roles from the maps of query, key, value and output (or
  /// accumulator), which must be projected permutations over one space.
  /// Reports what is wrong through `emitError`.
  static FailureOr<AttentionShape>
  get(AffineMap query, AffineMap key, AffineMap value, AffineMap output,
      function_ref<InFlightDiagnostic()> emitError);

  /// Number of dimensions of the iteration space.
  unsigned getNumDims() const { return roles.size(); }
  DimRole getRole(unsigned dim) const { return roles[dim]; }

  /// The dimensions of a role, in the order of the iteration space.
  SmallVector<unsigned> getDims(DimRole role) const;
  /// The dimensions of any of `wanted`, in the order of the iteration space.
  SmallVector<unsigned> getDims(ArrayRef<DimRole> wanted) const;
  /// Batch, row and key dimensions: the index arguments of the regions.
  SmallVector<unsigned> getRegionDims() const {
    return getDims({DimRole::Batch, DimRole::Row, DimRole::Key});
  }
  /// Batch and row dimensions: where a state lives.
  SmallVector<unsigned> getStateDims() const {
    return getDims({DimRole::Batch, DimRole::Row});
  }

  /// Parallel, but for key and depth, which are reductions.
  SmallVector<utils::IteratorType> getIteratorTypes() const;

private:
  SmallVector<DimRole> roles;
};

} // namespace mlir::mqa

#endif // MQA_DIALECT_MQA_UTILS_ATTENTIONSHAPE_H
