//===- Warpgroup.cpp - asynchronous matrix products (wgmma) ---- -*- C++
//-*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each warp of a warpgroup computes its 16 of the 64 rows. Operands in shared
// memory are what descriptors say (PTX ISA, "Asynchronous warpgroup level
// matrix shared memory layout"), with a swizzle of 128 bytes: lines of 128
// bytes in groups of eight, whose distance is the stride offset; of a
// transposed operand, 64 columns are a line, and the leading offset is the
// distance of such columns. A product happens when it is waited for.
//
//===----------------------------------------------------------------------===//

#include "FloatFormats.h"
#include "Handlers.h"
#include "llvm/Support/FormatVariadic.h"
#include <cstring>

using namespace mlir::mqa::ptx;
using llvm::StringRef;

constexpr unsigned kDepth = 16, kWarpRows = 16, kChunkBytes = 16;
constexpr unsigned kChunkElements = 8, kLineBytes = 128, kLineElements = 64;

namespace {
/// A matrix descriptor.
struct Descriptor {
  explicit Descriptor(uint64_t bits)
      : start((bits & 0x3fff) << 4), leading((bits >> 16 & 0x3fff) << 4),
        stride((bits >> 32 & 0x3fff) << 4), isKnown(bits >> 49 == 1u << 13) {}
  uint32_t start, leading, stride;
  bool isKnown; ///< A swizzle of 128 bytes, and no base offset.
};

/// Rows of 16 elements each: of A, or of B by columns.
using Rows = std::vector<std::array<float, kDepth>>;
} // namespace

/// Reads `count` rows from `first` on of an operand in shared memory.
static bool readOperand(Block &block, Warp &warp, const Instruction &at,
                        uint64_t bits, bool isTransposed, unsigned first,
                        unsigned count, Rows &rows) {
  Descriptor from(bits);
  if (!from.isKnown)
    return block.fail(warp, at, 0,
                      "expected a descriptor with a swizzle of 128 bytes");
  rows.resize(count);
  unsigned lines = isTransposed ? kDepth : count;
  unsigned chunks = (isTransposed ? count : kDepth) / kChunkElements;
  for (unsigned i = 0; i < lines; ++i)
    for (unsigned chunk = 0; chunk < chunks; ++chunk) {
      unsigned line = isTransposed ? i : first + i;
      unsigned column = (isTransposed ? first : 0) + chunk * kChunkElements;
      uint32_t address =
          from.start + line / 8 * from.stride + line % 8 * kLineBytes +
          column / kLineElements * from.leading + column % kLineElements * 2;
      address ^= (address >> 7 & 7) << 4;
      std::string wrong = block.shared.access(address, kChunkBytes,
                                              SharedMemory::Access::AsyncLoad,
                                              warp.index, warp.clock);
      if (!wrong.empty())
        return block.fail(warp, at, 0, wrong);
      uint16_t elements[kChunkElements];
      std::memcpy(elements, block.shared.getData(address), kChunkBytes);
      for (unsigned e = 0; e < kChunkElements; ++e) {
        unsigned other = chunk * kChunkElements + e;
        float value = readNumber(at.source, elements[e]);
        (isTransposed ? rows[other][i] : rows[i][other]) = value;
      }
    }
  return true;
}

/// Operand A from registers: as of mma.m16n8k16.
static Rows readRegisters(Block &block, Warp &warp, const Instruction &at) {
  Rows rows(kWarpRows);
  for (unsigned lane = 0; lane < kWarpSize; ++lane)
    for (unsigned i = 0; i < 4; ++i) {
      uint64_t bits = block.read(warp, at.operands[1].parts[i], lane);
      for (unsigned half = 0; half < 2; ++half)
        rows[lane / 4 + 8 * (i % 2)][2 * (lane % 4) + 8 * (i / 2) + half] =
            readNumber(at.source, bits >> (16 * half) & 0xffff);
    }
  return rows;
}

/// Whether operand A is in registers; and the operands that follow it.
static bool isInRegisters(const Instruction &at) {
  return at.operands[1].kind == Operand::Vector;
}

/// Computes one product; `amount` columns.
static bool multiply(Block &block, Warp &warp, const WarpgroupOp &op) {
  const Instruction &at = *op.at;
  unsigned lastOperand = at.operands.size() - 1;
  bool transposesB = block.read(warp, at.operands[lastOperand], 0);
  Rows a, b;
  if (isInRegisters(at))
    a = readRegisters(block, warp, at);
  else if (bool transposesA = block.read(warp, at.operands[lastOperand - 1], 0);
           !readOperand(block, warp, at, op.a, transposesA,
                        warp.index % 4 * kWarpRows, kWarpRows, a))
    return false;
  if (!readOperand(block, warp, at, op.b, transposesB, 0, at.amount, b))
    return false;
  const auto &result = at.operands[0].parts;
  for (unsigned lane = 0; lane < kWarpSize; ++lane)
    for (unsigned i = 0; i < result.size(); ++i) {
      unsigned row = lane / 4 + 8 * (i / 2 % 2);
      unsigned column = i / 4 * 8 + 2 * (lane % 4) + i % 2;
      float sum =
          op.accumulates ? toFloat(block.read(warp, result[i], lane)) : 0;
      for (unsigned k = 0; k < kDepth; ++k)
        sum += a[row][k] * b[column][k];
      warp.set(result[i], lane, fromFloat(sum));
    }
  ++block.launch.statistics.matrixInstructions;
  return true;
}

bool Block::completeMatrices(Warp &warp, uint64_t keep) {
  WarpgroupState &state = warp.warpgroup;
  auto release = [](const Operand &operand, std::vector<uint16_t> &uses) {
    if (operand.kind == Operand::Register)
      --uses[operand.reg];
    for (const Operand &part : operand.parts)
      --uses[part.reg];
  };
  std::deque<WarpgroupOp> left;
  for (const WarpgroupOp &op : state.pending) {
    if (op.group + keep >= state.groups) {
      left.push_back(op);
      continue;
    }
    if (!op.at->isWarpgroup)
      op.at->execute(*this, warp, *op.at, ~LaneMask(0));
    else if (!multiply(*this, warp, op))
      return false;
    release(op.at->operands[0], state.inFlight);
    if (op.at->isWarpgroup && isInRegisters(*op.at))
      release(op.at->operands[1], state.pinned);
  }
  state.pending = std::move(left);
  return true;
}

/// wgmma.mma_async: takes its registers, and is done later.
static bool executeProduct(Block &block, Warp &warp, const Instruction &at,
                           LaneMask) {
  WarpgroupState &state = warp.warpgroup;
  bool fromRegisters = isInRegisters(at);
  for (const Operand &part : at.operands[0].parts) {
    if (state.written[part.reg] == int64_t(state.fences))
      return block.fail(warp, at, 0,
                        "expected wgmma.fence between a write to the "
                        "accumulator and this, got none");
    if (state.pinned[part.reg])
      return block.fail(warp, at, 0,
                        "expected wgmma.wait_group before a use of registers "
                        "of a wgmma in flight");
  }
  if (fromRegisters)
    for (const Operand &part : at.operands[1].parts) {
      if (state.written[part.reg] == int64_t(state.fences))
        return block.fail(warp, at, 0,
                          "expected wgmma.fence between a write to operand A "
                          "and this, got none");
      if (state.inFlight[part.reg])
        return block.fail(warp, at, 0,
                          "expected wgmma.wait_group before a use of "
                          "registers of a wgmma in flight");
    }
  WarpgroupOp op{&at, state.groups};
  op.a = fromRegisters ? 0 : block.read(warp, at.operands[1], 0);
  op.b = block.read(warp, at.operands[2], 0);
  op.accumulates = block.read(warp, at.operands[3], 0) & 1;
  if (!block.launch.options.adversarial)
    return multiply(block, warp, op);
  for (const Operand &part : at.operands[0].parts)
    ++state.inFlight[part.reg];
  if (fromRegisters)
    for (const Operand &part : at.operands[1].parts)
      ++state.pinned[part.reg];
  state.pending.push_back(op);
  return true;
}

static bool executeFence(Block &, Warp &warp, const Instruction &, LaneMask) {
  ++warp.warpgroup.fences;
  return true;
}

static bool executeCommit(Block &, Warp &warp, const Instruction &, LaneMask) {
  ++warp.warpgroup.groups;
  return true;
}

static bool executeAwait(Block &block, Warp &warp, const Instruction &at,
                         LaneMask) {
  return block.completeMatrices(warp, block.read(warp, at.operands[0], 0));
}

/// The shape, the types and the operands of a product.
static Decoded decodeProduct(Modifiers modifiers, Instruction &at) {
  StringRef shape = modifiers.take();
  bool isKnown = shape.consume_front("m64n") && shape.consume_back("k16") &&
                 !shape.getAsInteger(10, at.amount) && at.amount % 8 == 0 &&
                 at.amount >= 8 && at.amount <= 256 && modifiers.consume("f32");
  at.source = modifiers.takeType();
  isKnown &= at.source.isFloating() && at.source.bits == 16 &&
             modifiers.takeType() == at.source && modifiers.isEmpty();
  if (!isKnown)
    return "expected a product m64nNk16 of f16 or bf16 in f32";
  const auto &operands = at.operands;
  bool fromRegisters = operands.size() > 1 && isInRegisters(at);
  if (operands.size() != (fromRegisters ? 7u : 8u) ||
      int64_t(operands[0].parts.size()) != at.amount / 2 ||
      (fromRegisters && operands[1].parts.size() != 4))
    return "expected other operands";
  // Operands may be negated; nobody does.
  if (operands[4].value != 1 || operands[5].value != 1)
    return "expected factors of 1";
  at.execute = executeProduct;
  return "";
}

Decoded mlir::mqa::ptx::decodeWarpgroup(StringRef opcode, Modifiers modifiers,
                                        Instruction &at) {
  if (opcode == "setmaxnreg") {
    // Registers are not counted.
    at.isCollective = true;
    at.execute = [](Block &, Warp &, const Instruction &, LaneMask) {
      return true;
    };
    return "";
  }
  if (opcode != "wgmma")
    return std::nullopt;
  at.isCollective = at.isWarpgroup = true;
  StringRef what = modifiers.take();
  if (!modifiers.consume("sync") || !modifiers.consume("aligned"))
    return "expected wgmma....sync.aligned";
  if (what == "mma_async")
    return decodeProduct(modifiers, at);
  if (what == "fence")
    at.execute = executeFence;
  else if (what == "commit_group")
    at.execute = executeCommit;
  else if (what == "wait_group" && at.operands.size() == 1)
    at.execute = executeAwait;
  else
    return "expected a wgmma operation that is known";
  return modifiers.isEmpty() ? Decoded("")
                             : Decoded("expected no modifier '" +
                                       modifiers.front().str() + "'");
}
