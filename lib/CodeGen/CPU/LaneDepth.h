//===- LaneDepth.h - depth elements in vector lanes -------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to the tiling and vectorization of tiles whose lanes hold `r` depth
// (value) elements of each of `g` rows, because there are not enough rows to
// fill a vector: queries [panel, depth, g, r], keys [key, depth, r],
// accumulators [panel, value, g, r].
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_CPU_LANEDEPTH_H
#define MQA_LIB_CODEGEN_CPU_LANEDEPTH_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::mqa {

/// Whether `op` is a score or output product with depth in the lanes.
bool isLaneDepthProduct(linalg::LinalgOp op);

/// Whether `op` is elementwise over [.., .., g, r] and reads something that is
/// the same for all `r` elements of a row.
bool isLaneDepthElementwise(linalg::LinalgOp op);

/// Gives the output product its probabilities once for every element that a
/// row has in the lanes: broadcasting within lanes happens once per key block.
linalg::GenericOp spreadProbabilities(RewriterBase &rewriter,
                                      linalg::GenericOp output);

/// Replaces a tile of one of the above by vector operations.
LogicalResult vectorizeLaneDepth(RewriterBase &rewriter, linalg::GenericOp op,
                                 int64_t step);

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_CPU_LANEDEPTH_H
