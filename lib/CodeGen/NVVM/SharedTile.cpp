//===- SharedTile.cpp - 16-bit matrices in shared memory --------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SharedTile.h"

using namespace mlir;
using namespace mlir::mqa;

Value SharedTile::getOffset(DeviceBuilder &b, Value row, Value chunk) const {
  if (isSwizzled())
    chunk = b.bitXor(chunk, b.bitAnd(row, 7));
  if (panelRows) {
    Value panel = b.mul(b.div(chunk, 8), getPanelBytes());
    Value line = b.add(panel, b.mul(row, kLineBytes));
    return b.add(line, b.mul(b.bitAnd(chunk, 7), kChunkBytes));
  }
  return b.add(b.mul(row, getRowBytes()), b.mul(chunk, kChunkBytes));
}

/// Pairs of chunks that a swizzle exchanges.
static constexpr int64_t kSwizzledPairs = 4;

LaneAddresses::LaneAddresses(DeviceBuilder &b, const SharedTile &tile,
                             Value row, Value chunk)
    : tile(tile) {
  Value rowOffset = b.mul(row, tile.getRowBytes());
  if (!tile.isSwizzled()) {
    offsets.push_back(b.add(rowOffset, b.mul(chunk, kChunkBytes)));
    return;
  }
  // Chunk 2p + c of the row is at (2p ^ c ^ row) mod 8, in its group of eight:
  // four offsets, the rest are constants.
  Value swizzled = b.bitXor(chunk, b.bitAnd(row, 7));
  for (int64_t pair = 0; pair < kSwizzledPairs; ++pair)
    offsets.push_back(b.add(
        rowOffset, b.mul(b.bitXor(swizzled, b.i32(2 * pair)), kChunkBytes)));
}

Value LaneAddresses::get(DeviceBuilder &b, Value base, int64_t row,
                         int64_t pair) const {
  int64_t constant = row * tile.getRowBytes();
  if (!tile.isSwizzled())
    return b.advance(b.advance(base, offsets[0]),
                     constant + pair * 2 * kChunkBytes);
  constant += pair / kSwizzledPairs * kSwizzledPairs * 2 * kChunkBytes;
  return b.advance(b.advance(base, offsets[pair % kSwizzledPairs]), constant);
}

LaneAddresses mlir::mqa::getLaneAddresses(DeviceBuilder &b,
                                          const SharedTile &tile, Value lane,
                                          LaneOrder order, Value firstRow) {
  Value row, chunk;
  if (order == LaneOrder::RowsFirst) {
    row = b.bitAnd(lane, 15);
    chunk = b.div(lane, 16);
  } else {
    row = b.add(b.mul(b.div(lane, 16), 8), b.bitAnd(lane, 7));
    chunk = b.bitAnd(b.div(lane, 8), 1);
  }
  return LaneAddresses(b, tile, b.add(row, firstRow), chunk);
}
