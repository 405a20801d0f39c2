//===- BulkCopy.cpp - copies of the copy engine (TMA) ---------- -*- C++
//-*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rows and boxes of tensors from global to shared memory. A copy is complete
// when it says so at its mbarrier; where it goes must not be touched before.
// With a swizzle of 128 bytes, bits 4 to 6 of an address in shared memory are
// combined with bits 7 to 9 (PTX ISA, "Swizzling modes").
//
//===----------------------------------------------------------------------===//

#include "Handlers.h"
#include "mqa/PTXInterpreter/TensorMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <cstring>

using namespace mlir::mqa::ptx;
using llvm::StringRef;

/// What one piece of a copy has at most: what a swizzle moves as a whole.
constexpr uint32_t kPieceBytes = 16;

void Block::land(const BulkCopy &copy) {
  for (const BulkCopy::Piece &piece : copy.pieces) {
    uint8_t *target = shared.getData(piece.target);
    if (piece.source)
      std::memcpy(target, reinterpret_cast<const void *>(piece.source),
                  piece.bytes);
    else
      std::memset(target, 0, piece.bytes);
    shared.landBulk(piece.target, piece.bytes, copy.warp, copy.clock);
  }
  TransactionBarrier &barrier = transactionBarriers[copy.barrier];
  join(barrier.clock, copy.clock);
  barrier.bytes -= static_cast<int64_t>(copy.bytes);
  advancePhase(barrier);
}

/// Begins the copy whose pieces are known.
static bool start(Block &block, Warp &warp, const Instruction &at,
                  unsigned lane, BulkCopy copy, const Operand &barrier) {
  copy.barrier = static_cast<uint32_t>(block.getAddress(warp, barrier, lane) &
                                       kWindowMask);
  if (!block.getBarrier(warp, at, lane, copy.barrier))
    return false;
  for (const BulkCopy::Piece &piece : copy.pieces) {
    std::string wrong;
    if (piece.source)
      wrong = block.launch.memory.access(piece.source, piece.bytes,
                                         /*isStore=*/false);
    if (wrong.empty())
      wrong = block.shared.access(piece.target, piece.bytes,
                                  SharedMemory::Access::AsyncTarget, warp.index,
                                  warp.clock);
    if (!wrong.empty())
      return block.fail(warp, at, lane, wrong);
    copy.bytes += piece.bytes;
    if (piece.source)
      block.launch.statistics.asyncCopyBytes += piece.bytes;
  }
  copy.warp = warp.index;
  copy.clock = warp.clock;
  if (block.launch.options.adversarial)
    block.bulkCopies.push_back(std::move(copy));
  else
    block.land(copy);
  return true;
}

/// cp.async.bulk: bytes that lie together.
static bool executeBulkCopy(Block &block, Warp &warp, const Instruction &at,
                            LaneMask lanes) {
  bool isWell = forEachLane(lanes, [&](unsigned lane) {
    uint64_t target =
        block.getAddress(warp, at.operands[0], lane) & kWindowMask;
    uint64_t source = block.getAddress(warp, at.operands[1], lane);
    uint64_t bytes = block.read(warp, at.operands[2], lane);
    if (bytes == 0 || (target | source | bytes) % kPieceBytes)
      return block.fail(warp, at, lane,
                        "expected addresses and a number of bytes that are "
                        "multiples of 16");
    BulkCopy copy{};
    copy.pieces.push_back({uint32_t(target), uint32_t(bytes), source});
    return start(block, warp, at, lane, std::move(copy), at.operands[3]);
  });
  ++warp.clock[warp.index];
  return isWell;
}

/// The pieces of the box at `corner`.
static std::vector<BulkCopy::Piece> getPieces(const TensorMap &map,
                                              llvm::ArrayRef<int64_t> corner,
                                              uint64_t target) {
  std::vector<BulkCopy::Piece> pieces;
  std::array<unsigned, TensorMap::kMaxRank> index{};
  int64_t perPiece = kPieceBytes / map.elementBytes;
  uint64_t rows = 1;
  for (unsigned i = 1; i < map.rank; ++i)
    rows *= map.box[i];
  for (uint64_t row = 0; row < rows; ++row) {
    uint64_t source = map.address;
    bool exists = true;
    for (unsigned i = 1; i < map.rank; ++i) {
      int64_t at = corner[i] + index[i];
      exists &= at >= 0 && at < int64_t(map.sizes[i]);
      source += at * int64_t(map.strides[i - 1]);
    }
    for (int64_t column = 0; column < map.box[0]; column += perPiece) {
      // Elements beyond the tensor are zero, also within a piece.
      int64_t first = corner[0] + column;
      int64_t valid =
          exists && first >= 0
              ? std::clamp<int64_t>(int64_t(map.sizes[0]) - first, 0, perPiece)
              : 0;
      uint64_t place = target;
      if (map.swizzleBytes)
        place ^= (target >> 7 & 7) << 4;
      uint32_t bytes = valid * map.elementBytes;
      if (bytes)
        pieces.push_back({uint32_t(place), bytes,
                          source + uint64_t(first) * map.elementBytes});
      if (bytes < kPieceBytes)
        pieces.push_back({uint32_t(place) + bytes, kPieceBytes - bytes, 0});
      target += kPieceBytes;
    }
    for (unsigned i = 1; i < map.rank && ++index[i] == map.box[i]; ++i)
      index[i] = 0;
  }
  return pieces;
}

/// cp.async.bulk.tensor: a box of `amount` dimensions.
static bool executeTensorCopy(Block &block, Warp &warp, const Instruction &at,
                              LaneMask lanes) {
  bool isWell = forEachLane(lanes, [&](unsigned lane) {
    TensorMap map;
    uint64_t address = block.getAddress(warp, at.operands[1], lane);
    for (unsigned i = 0; i < sizeof map; i += kPieceBytes)
      if (!block.load(warp, at, lane, Space::Generic, address + i, kPieceBytes,
                      reinterpret_cast<uint8_t *>(&map) + i))
        return false;
    if (map.magic != TensorMap::kMagic || map.rank != at.amount)
      return block.fail(warp, at, lane,
                        llvm::formatv("expected a tensor map of {0} "
                                      "dimensions",
                                      at.amount));
    uint64_t target =
        block.getAddress(warp, at.operands[0], lane) & kWindowMask;
    unsigned alignment = map.swizzleBytes ? 1024 : 128;
    if (target % alignment)
      return block.fail(warp, at, lane,
                        llvm::formatv("expected a target that is a multiple "
                                      "of {0}, got {1:x}",
                                      alignment, target));
    llvm::SmallVector<int64_t, 5> corner;
    for (const Operand &part : at.operands[1].parts[1].parts)
      corner.push_back(static_cast<int32_t>(block.read(warp, part, lane)));
    BulkCopy copy{};
    copy.pieces = getPieces(map, corner, target);
    return start(block, warp, at, lane, std::move(copy), at.operands[2]);
  });
  ++warp.clock[warp.index];
  return isWell;
}

Decoded mlir::mqa::ptx::decodeBulkCopy(StringRef opcode, Modifiers modifiers,
                                       Instruction &at) {
  if (opcode != "cp" || !modifiers.consume("async") ||
      !modifiers.consume("bulk"))
    return std::nullopt;
  bool isTensor = modifiers.consume("tensor");
  if (isTensor) {
    StringRef rank = modifiers.take();
    if (!rank.consume_back("d") || rank.getAsInteger(10, at.amount))
      return "expected a number of dimensions";
  }
  at.execute = isTensor ? executeTensorCopy : executeBulkCopy;
  bool isKnown = modifiers.consumeAny({"shared::cluster", "shared::cta"}) &&
                 modifiers.consume("global");
  modifiers.consume("tile");
  isKnown &= modifiers.consume("mbarrier::complete_tx::bytes");
  bool hasHint = modifiers.consume("L2::cache_hint");
  if (!isKnown || !modifiers.isEmpty())
    return "expected a copy from global to shared memory that completes at an "
           "mbarrier";
  size_t count = (isTensor ? 3 : 4) + hasHint;
  bool hasCorner =
      !isTensor ||
      (at.operands.size() > 1 && at.operands[1].parts.size() == 2 &&
       int64_t(at.operands[1].parts[1].parts.size()) == at.amount);
  return at.operands.size() == count && hasCorner
             ? Decoded("")
             : Decoded("expected other operands");
}
