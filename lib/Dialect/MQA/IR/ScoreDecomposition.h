//===- ScoreDecomposition.h - scores as linalg ------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part that `mqa.attention` and `mqa.online_attention` have in common: from
// queries and keys to scaled, modified and masked scores.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_DIALECT_MQA_IR_SCOREDECOMPOSITION_H
#define MQA_LIB_DIALECT_MQA_IR_SCOREDECOMPOSITION_H

#include "RoleBuilder.h"

namespace mlir::mqa {

/// How the scores of an op are computed.
struct ScoreSpec {
  AttentionShape shape;
  /// Extra inputs: operands 3, 4, ...
  unsigned numInputs;
  double scale;
  /// Empty when the op has none.
  Region &mask;
  Region &score;

  /// From either attention op.
  template <typename OpTy> static ScoreSpec get(OpTy op) {
    return {op.getShape(), static_cast<unsigned>(op.getInputs().size()),
            op.getScaleValue(), op.getMask(), op.getScore()};
  }
};

/// Scores in float type `type` over batch, row and key dimensions in the order
/// of the iteration space, minus infinity where the mask is false.
NamedTensor createScores(RoleBuilder &builder, const ScoreSpec &spec,
                         Type type);

} // namespace mlir::mqa

#endif // MQA_LIB_DIALECT_MQA_IR_SCOREDECOMPOSITION_H
