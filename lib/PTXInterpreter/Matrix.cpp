//===- Matrix.cpp - ldmatrix and mma.sync -----------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The layouts of PTX ISA, "Matrix Fragments for mma.m16n8k16 with floating
// point type" and "ldmatrix": with g = lane / 4 and t = 2 (lane mod 4), an 8 x
// 8 matrix of 16-bit elements has row g, columns t and t + 1 in one register.
//
//===----------------------------------------------------------------------===//

#include "FloatFormats.h"
#include "Handlers.h"
#include <cstring>

using namespace mlir::mqa::ptx;
using llvm::StringRef;

namespace {
/// 8 x 8 elements of 16 bits.
using Tile = std::array<std::array<uint16_t, 8>, 8>;
} // namespace

/// ldmatrix: `amount` matrices; lane 8 i + r has the address of row r of matrix
/// i. `mode` 1: transposed.
static bool executeLoadMatrix(Block &block, Warp &warp, const Instruction &at,
                              LaneMask) {
  std::array<Tile, 4> tiles;
  for (int matrix = 0; matrix < at.amount; ++matrix)
    for (unsigned row = 0; row < 8; ++row) {
      unsigned lane = 8 * matrix + row;
      uint64_t address = block.getAddress(warp, at.operands[1], lane);
      if (!block.load(warp, at, lane, Space::Shared, address & kWindowMask, 16,
                      tiles[matrix][row].data()))
        return false;
    }
  const Operand &to = at.operands[0];
  for (unsigned lane = 0; lane < kWarpSize; ++lane)
    for (int matrix = 0; matrix < at.amount; ++matrix) {
      const Tile &tile = tiles[matrix];
      unsigned g = lane / 4, t = 2 * (lane % 4);
      uint64_t low = at.mode ? tile[t][g] : tile[g][t];
      uint64_t high = at.mode ? tile[t + 1][g] : tile[g][t + 1];
      warp.set(to.kind == Operand::Vector ? to.parts[matrix] : to, lane,
               low | high << 16);
    }
  return true;
}

static Decoded decodeLoadMatrix(Modifiers modifiers, Instruction &at) {
  if (!modifiers.consume("sync") || !modifiers.consume("aligned") ||
      !modifiers.consume("m8n8"))
    return "expected ldmatrix.sync.aligned.m8n8";
  at.amount = modifiers.consume("x4") ? 4 : modifiers.consume("x2") ? 2 : 1;
  if (at.amount == 1)
    modifiers.consume("x1");
  at.mode = modifiers.consume("trans");
  modifiers.consume("shared");
  at.isCollective = true;
  at.execute = executeLoadMatrix;
  return modifiers.consume("b16") && modifiers.isEmpty()
             ? Decoded("")
             : Decoded("expected a matrix of b16");
}

/// mma.m16n8k16 with f32 accumulators; `source` is the type of A and B.
static bool executeMultiply(Block &block, Warp &warp, const Instruction &at,
                            LaneMask) {
  float a[16][16], b[16][8], c[16][8];
  Type half = at.source;
  auto element = [&](uint64_t bits, unsigned number) {
    return static_cast<float>(readNumber(half, bits >> (16 * number) & 0xffff));
  };
  for (unsigned lane = 0; lane < kWarpSize; ++lane) {
    unsigned g = lane / 4, t = 2 * (lane % 4);
    for (unsigned i = 0; i < 4; ++i) {
      uint64_t bits = block.read(warp, at.operands[1].parts[i], lane);
      for (unsigned h = 0; h < 2; ++h)
        a[g + 8 * (i % 2)][t + 8 * (i / 2) + h] = element(bits, h);
      c[g + 8 * (i / 2)][t + i % 2] =
          toFloat(block.read(warp, at.operands[3].parts[i], lane));
    }
    for (unsigned i = 0; i < 2; ++i) {
      uint64_t bits = block.read(warp, at.operands[2].parts[i], lane);
      for (unsigned h = 0; h < 2; ++h)
        b[t + 8 * i + h][g] = element(bits, h);
    }
  }
  for (unsigned row = 0; row < 16; ++row)
    for (unsigned k = 0; k < 16; ++k)
      for (unsigned column = 0; column < 8; ++column)
        c[row][column] += a[row][k] * b[k][column];
  for (unsigned lane = 0; lane < kWarpSize; ++lane)
    for (unsigned i = 0; i < 4; ++i)
      warp.set(at.operands[0].parts[i], lane,
               fromFloat(c[lane / 4 + 8 * (i / 2)][2 * (lane % 4) + i % 2]));
  ++block.launch.statistics.matrixInstructions;
  return true;
}

static Decoded decodeMultiply(Modifiers modifiers, Instruction &at) {
  if (!modifiers.consume("sync") || !modifiers.consume("aligned") ||
      !modifiers.consume("m16n8k16") || !modifiers.consume("row") ||
      !modifiers.consume("col") || !modifiers.consume("f32"))
    return "expected mma.sync.aligned.m16n8k16.row.col with f32 accumulators";
  at.source = modifiers.takeType();
  Type other = modifiers.takeType();
  bool isKnown = at.source.isFloating() && at.source.bits == 16 &&
                 !at.source.isPair && other == at.source &&
                 modifiers.consume("f32") && modifiers.isEmpty();
  at.isCollective = true;
  at.execute = executeMultiply;
  static const size_t sizes[] = {4, 4, 2, 4};
  for (auto [i, size] : llvm::enumerate(sizes))
    if (i >= at.operands.size() || at.operands[i].parts.size() != size)
      return "expected vectors of 4, 4, 2 and 4 registers";
  return isKnown ? Decoded("") : Decoded("expected operands of f16 or bf16");
}

Decoded mlir::mqa::ptx::decodeMatrix(StringRef opcode, Modifiers modifiers,
                                     Instruction &at) {
  if (opcode == "ldmatrix")
    return decodeLoadMatrix(modifiers, at);
  if (opcode == "mma")
    return decodeMultiply(modifiers, at);
  return std::nullopt;
}
