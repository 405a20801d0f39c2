//===- TileCopy.h - rows of global memory into shared memory ----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All threads of a block copy a tile in pieces of as many bytes as the layout
// of the tensor allows: 16, 8 or 4 bytes with `cp.async`, single elements
// through registers. Rows that do not exist become zeros and are not read.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_TILECOPY_H
#define MQA_LIB_CODEGEN_NVVM_TILECOPY_H

#include "SharedTile.h"

namespace mlir::mqa {

/// What is copied into one kind of tile, and how.
struct TileCopy {
  SharedTile tile;
  int64_t width;      ///< Elements of a row that exist.
  int64_t pieceBytes; ///< 16, 8, 4, or 2.
  int64_t threads;    ///< Of the block; all of them take part.
  /// Distance of two elements of a row, where pieces are single elements.
  Value elementStride;

  /// A row of the source: where it begins, and whether it exists (null: it
  /// does).
  struct Row {
    Value pointer, exists;
  };

  /// Begins to copy into the tile at `base` (shared memory). `getRow` gives row
  /// `first + offset` of the source, `first` the same for all calls.
  void start(DeviceBuilder &b, Value thread, Value base,
             function_ref<Row(Value first, int64_t offset)> getRow) const;

  /// Fills the columns from `width` on with zeros.
  void clearPadding(DeviceBuilder &b, Value thread, Value base) const;

private:
  int64_t getPiecesPerRow() const { return width * kElementBytes / pieceBytes; }
  void copyPiece(DeviceBuilder &b, Value from, Value exists, Value to) const;
  Value getPieceOffset(DeviceBuilder &b, Value row, Value piece) const;
  Value getSource(DeviceBuilder &b, Value row, Value piece) const;
};

/// Ends a group of copies.
void commitCopies(DeviceBuilder &b);
/// Waits until at most `pending` groups of this thread are not complete.
void awaitCopies(DeviceBuilder &b, int64_t pending);

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_TILECOPY_H
