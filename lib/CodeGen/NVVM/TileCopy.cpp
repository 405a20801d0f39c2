//===- TileCopy.cpp - rows of global memory into shared memory --*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileCopy.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::mqa;

Value TileCopy::getPieceOffset(DeviceBuilder &b, Value row, Value piece) const {
  int64_t perChunk = kChunkBytes / pieceBytes;
  if (perChunk == 1)
    return tile.getOffset(b, row, piece);
  Value inChunk = b.mul(b.bitAnd(piece, perChunk - 1), pieceBytes);
  return b.add(tile.getOffset(b, row, b.div(piece, perChunk)), inChunk);
}

Value TileCopy::getSource(DeviceBuilder &b, Value row, Value piece) const {
  if (pieceBytes > kElementBytes)
    return b.advance(row, b.mul(piece, pieceBytes));
  Value offset = b.mul(b.toI64(piece), elementStride);
  return b.advance(row, b.mul(offset, kElementBytes));
}

void TileCopy::copyPiece(DeviceBuilder &b, Value from, Value exists,
                         Value to) const {
  if (pieceBytes > kElementBytes) {
    Value size;
    if (exists)
      size = b.select(exists, b.i32(pieceBytes), b.i32(0));
    NVVM::CpAsyncOp::create(b, to, from, static_cast<uint32_t>(pieceBytes),
                            pieceBytes == kChunkBytes
                                ? NVVM::LoadCacheModifierKind::CG
                                : NVVM::LoadCacheModifierKind::CA,
                            size);
    return;
  }
  Type bits = b.getI16Type();
  Value zero = arith::ConstantOp::create(b, b.getI16IntegerAttr(0));
  Value element = zero;
  if (!exists)
    element = b.load(bits, from, kElementBytes);
  else
    element = b.ifChanges(exists, zero, [&] {
      return SmallVector<Value>{b.load(bits, from, kElementBytes)};
    })[0];
  b.store(element, to, kElementBytes);
}

void TileCopy::start(DeviceBuilder &b, Value thread, Value base,
                     function_ref<Row(Value, int64_t)> getRow) const {
  int64_t perRow = getPiecesPerRow(), total = tile.rows * perRow;
  int64_t passes = llvm::divideCeil(total, threads);
  if (threads % perRow == 0 && total % threads == 0) {
    // A thread has the same piece of rows at a fixed distance.
    int64_t distance = threads / perRow;
    Value row = b.div(thread, perRow), piece = b.rem(thread, perRow);
    Value to = b.advance(base, getPieceOffset(b, row, piece));
    for (int64_t pass = 0; pass < passes; ++pass) {
      int64_t offset = pass * distance;
      Value target = to;
      if (!tile.isSwizzled() || distance % 8 == 0)
        target = b.advance(to, offset * tile.getRowBytes());
      else if (pass != 0)
        target = b.advance(base, getPieceOffset(b, b.add(row, offset), piece));
      Row source = getRow(row, offset);
      copyPiece(b, getSource(b, source.pointer, piece), source.exists, target);
    }
    return;
  }
  for (int64_t pass = 0; pass < passes; ++pass) {
    Value number = b.add(thread, pass * threads);
    Value inTile = (pass + 1) * threads <= total ? b.flag(true)
                                                 : b.less(number, b.i32(total));
    b.ifThen(inTile, [&] {
      Value row = b.div(number, perRow), piece = b.rem(number, perRow);
      Row source = getRow(row, 0);
      copyPiece(b, getSource(b, source.pointer, piece), source.exists,
                b.advance(base, getPieceOffset(b, row, piece)));
    });
  }
}

void TileCopy::clearPadding(DeviceBuilder &b, Value thread, Value base) const {
  int64_t perRow = tile.width - width, total = tile.rows * perRow;
  Value zero = arith::ConstantOp::create(b, b.getI16IntegerAttr(0));
  for (int64_t first = 0; first < total; first += threads) {
    Value number = b.add(thread, first);
    b.ifThen(b.less(number, b.i32(total)), [&] {
      Value row = b.div(number, perRow);
      Value column = b.add(b.rem(number, perRow), width);
      Value chunk = b.div(column, kChunkElements);
      Value inChunk =
          b.mul(b.bitAnd(column, kChunkElements - 1), kElementBytes);
      b.store(zero,
              b.advance(base, b.add(tile.getOffset(b, row, chunk), inChunk)),
              kElementBytes);
    });
  }
}

void mlir::mqa::commitCopies(DeviceBuilder &b) {
  NVVM::CpAsyncCommitGroupOp::create(b);
}

void mlir::mqa::awaitCopies(DeviceBuilder &b, int64_t pending) {
  NVVM::CpAsyncWaitGroupOp::create(b, static_cast<uint32_t>(pending));
}
