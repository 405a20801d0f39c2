//===- Tiling.h - what the tiling interfaces share --------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_DIALECT_MQA_IR_TILING_H
#define MQA_LIB_DIALECT_MQA_IR_TILING_H

#include "mqa/Dialect/MQA/IR/MQA.h"

namespace mlir::mqa {

/// A tile of an iteration space: one offset and one size per dimension.
struct Tile {
  ArrayRef<OpFoldResult> offsets;
  ArrayRef<OpFoldResult> sizes;

  /// The part of an operand with this map that belongs to the tile.
  SmallVector<OpFoldResult> getOffsets(AffineMap map) const;
  SmallVector<OpFoldResult> getSizes(AffineMap map) const;
};

/// An operand's part of the tile; the operand itself where the tile takes all
/// of it. Appends what it makes to `slices`.
Value sliceOperand(OpBuilder &b, DestinationStyleOpInterface op,
                   unsigned operand, ArrayRef<AffineMap> maps, const Tile &tile,
                   SmallVectorImpl<Operation *> &slices);

/// Fails, with an error, unless the tile takes all of each of `dims`.
LogicalResult verifyWholeDims(DestinationStyleOpInterface op,
                              ArrayRef<AffineMap> maps, const Tile &tile,
                              ArrayRef<unsigned> dims);

/// Clones `op` onto `operands`, and lets the index arguments of its regions
/// count from the tile's offsets. `shape` is null for ops without regions.
DestinationStyleOpInterface cloneTiled(OpBuilder &b,
                                       DestinationStyleOpInterface op,
                                       ValueRange operands, const Tile &tile,
                                       const AttentionShape *shape);

} // namespace mlir::mqa

#endif // MQA_LIB_DIALECT_MQA_IR_TILING_H
