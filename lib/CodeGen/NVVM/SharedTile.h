//===- SharedTile.h - 16-bit matrices in shared memory ----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `ldmatrix` reads 16 bytes (a chunk) of each of eight consecutive rows; these
// must lie in different banks. Rows of a multiple of eight chunks are swizzled:
// chunk c of row r lies at c ^ (r mod 8). Other rows are padded to an odd
// number of chunks.
//
// `wgmma` reads panels of 64 columns, whose rows are lines of 128 bytes with
// the same swizzle.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_SHAREDTILE_H
#define MQA_LIB_CODEGEN_NVVM_SHAREDTILE_H

#include "DeviceBuilder.h"

namespace mlir::mqa {

/// Bytes that one thread copies at most, and that a bank conflict counts in.
constexpr int64_t kChunkBytes = 16;
constexpr int64_t kElementBytes = 2;
constexpr int64_t kChunkElements = kChunkBytes / kElementBytes;
/// Of a row of a panel.
constexpr int64_t kLineBytes = 8 * kChunkBytes;
constexpr int64_t kLineElements = 8 * kChunkElements;

/// A matrix of `rows` rows of `width` elements, a multiple of 16.
struct SharedTile {
  int64_t rows = 0, width = 0;
  /// Rows of a panel, of which this tile may be a part; 0: no panels.
  int64_t panelRows = 0;

  int64_t getChunks() const { return width / kChunkElements; }
  bool isSwizzled() const { return panelRows || getChunks() % 8 == 0; }
  int64_t getRowBytes() const {
    if (panelRows)
      return kLineBytes;
    return (isSwizzled() ? getChunks() : getChunks() + 1) * kChunkBytes;
  }
  int64_t getPanelBytes() const { return panelRows * kLineBytes; }
  int64_t getBytes() const {
    if (panelRows)
      return (getChunks() + 7) / 8 * getPanelBytes();
    return rows * getRowBytes();
  }
  /// Where chunk `chunk` of row `row` lies, in bytes.
  Value getOffset(DeviceBuilder &b, Value row, Value chunk) const;
};

/// The addresses from which the lanes of a warp load 16 x 16 matrices of a
/// tile: lane l gives a chunk of one row.
class LaneAddresses {
public:
  /// `row` and `chunk`: of this lane, within the first matrix; `chunk` is 0 or
  /// 1, and `row` counts from a multiple of eight rows.
  LaneAddresses(DeviceBuilder &b, const SharedTile &tile, Value row,
                Value chunk);

  /// The address in the matrix that begins at row `row`, a multiple of 8, and
  /// column `16 * pair`, of the tile at `base`.
  Value get(DeviceBuilder &b, Value base, int64_t row, int64_t pair) const;

private:
  SharedTile tile;
  SmallVector<Value, 4> offsets;
};

/// How lanes are laid over a 16 x 16 matrix.
enum class LaneOrder {
  /// Rows 0-15 of columns 0-7, then of columns 8-15: operand A, and a
  /// transposed operand B.
  RowsFirst,
  /// Columns 0-7, then 8-15, of rows 0-7, then of rows 8-15: operand B.
  ColumnsFirst
};

/// The addresses of `lane`, whose rows begin at `firstRow` (multiple of 8).
LaneAddresses getLaneAddresses(DeviceBuilder &b, const SharedTile &tile,
                               Value lane, LaneOrder order, Value firstRow);

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_SHAREDTILE_H
