//===- TransactionBarrier.cpp - mbarrier ----------------------- -*- C++
//-*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A barrier in shared memory that also counts bytes of bulk copies. A phase
// ends when no arrival and no byte is to come.
//
//===----------------------------------------------------------------------===//

#include "Handlers.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir::mqa::ptx;
using llvm::StringRef;

constexpr unsigned kBarrierBytes = 8;

TransactionBarrier *Block::getBarrier(Warp &warp, const Instruction &at,
                                      unsigned lane, uint32_t address) {
  auto found = transactionBarriers.find(address);
  if (found == transactionBarriers.end()) {
    fail(warp, at, lane,
         llvm::formatv("expected the address of an mbarrier that was "
                       "initialised, got {0:x}",
                       address));
    return nullptr;
  }
  // Whoever uses it must know that it was initialised.
  std::string wrong =
      shared.access(address, kBarrierBytes, SharedMemory::Access::Load,
                    warp.index, warp.clock);
  if (wrong.empty())
    return &found->second;
  fail(warp, at, lane, wrong);
  return nullptr;
}

void Block::advancePhase(TransactionBarrier &barrier) {
  if (barrier.pending != 0 || barrier.bytes != 0)
    return;
  ++barrier.phase;
  barrier.pending = barrier.expected;
}

static uint32_t getPlace(Block &block, Warp &warp, const Operand &operand,
                         unsigned lane) {
  return static_cast<uint32_t>(block.getAddress(warp, operand, lane) &
                               kWindowMask);
}

static bool executeInit(Block &block, Warp &warp, const Instruction &at,
                        LaneMask lanes) {
  return forEachLane(lanes, [&](unsigned lane) {
    uint32_t address = getPlace(block, warp, at.operands[0], lane);
    uint64_t count = block.read(warp, at.operands[1], lane);
    if (count == 0 || count >= 1u << 20)
      return block.fail(warp, at, lane,
                        llvm::formatv("expected 1 to 2^20 - 1 arrivals, got "
                                      "{0}",
                                      count));
    uint64_t state = count;
    if (!block.store(warp, at, lane, Space::Shared, address, kBarrierBytes,
                     &state))
      return false;
    TransactionBarrier barrier;
    barrier.expected = barrier.pending = count;
    barrier.clock.assign(block.warps.size(), 0);
    block.transactionBarriers[address] = barrier;
    return true;
  });
}

/// mbarrier.arrive and mbarrier.expect_tx. `mode`: 1 to arrive, 2 to expect
/// bytes, 3 for both.
static bool executeArrive(Block &block, Warp &warp, const Instruction &at,
                          LaneMask lanes) {
  bool arrives = at.mode & 1, expects = at.mode & 2;
  // Whether there is a result is seen from the first operand.
  unsigned first = at.operands[0].kind == Operand::Address ? 0 : 1;
  bool isWell = forEachLane(lanes, [&](unsigned lane) {
    TransactionBarrier *barrier = block.getBarrier(
        warp, at, lane, getPlace(block, warp, at.operands[first], lane));
    if (!barrier)
      return false;
    uint64_t number = at.operands.size() > first + 1
                          ? block.read(warp, at.operands[first + 1], lane)
                          : 1;
    join(barrier->clock, warp.clock);
    if (first)
      warp.set(at.operands[0], lane, barrier->phase);
    if (expects)
      barrier->bytes += static_cast<uint32_t>(number);
    uint32_t count = expects ? 1 : number;
    if (arrives && count > barrier->pending)
      return block.fail(warp, at, lane,
                        llvm::formatv("expected {0} arrivals in a phase, got "
                                      "one more",
                                      barrier->expected));
    if (arrives)
      barrier->pending -= count;
    block.advancePhase(*barrier);
    return true;
  });
  ++warp.clock[warp.index];
  return isWell;
}

/// Waits until the phase of the given parity is over. The instruction may also
/// give up and say so; here it never does, so that a deadlock is found.
static bool executeWait(Block &block, Warp &warp, const Instruction &at,
                        LaneMask lanes) {
  bool isOver = forEachLane(lanes, [&](unsigned lane) {
    TransactionBarrier *barrier = block.getBarrier(
        warp, at, lane, getPlace(block, warp, at.operands[1], lane));
    return barrier &&
           (barrier->phase & 1) != (block.read(warp, at.operands[2], lane) & 1);
  });
  if (!isOver)
    return false;
  return forEachLane(lanes, [&](unsigned lane) {
    uint32_t address = getPlace(block, warp, at.operands[1], lane);
    join(warp.clock, block.transactionBarriers[address].clock);
    warp.set(at.operands[0], lane, 1);
    return true;
  });
}

static bool executeInvalidate(Block &block, Warp &warp, const Instruction &at,
                              LaneMask lanes) {
  return forEachLane(lanes, [&](unsigned lane) {
    uint32_t address = getPlace(block, warp, at.operands[0], lane);
    if (!block.getBarrier(warp, at, lane, address))
      return false;
    block.transactionBarriers.erase(address);
    return true;
  });
}

Decoded mlir::mqa::ptx::decodeTransactionBarrier(StringRef opcode,
                                                 Modifiers modifiers,
                                                 Instruction &at) {
  if (opcode != "mbarrier")
    return std::nullopt;
  size_t least = 2, most = 2;
  if (modifiers.consume("init")) {
    at.execute = executeInit;
  } else if (modifiers.consume("inval")) {
    at.execute = executeInvalidate;
    least = most = 1;
  } else if (modifiers.consume("arrive")) {
    at.execute = executeArrive;
    at.mode = modifiers.consume("expect_tx") ? 3 : 1;
    least = at.mode == 3 ? 3 : 2;
    most = 3;
  } else if (modifiers.consume("expect_tx")) {
    at.execute = executeArrive;
    at.mode = 2;
  } else if (modifiers.consumeAny({"try_wait", "test_wait"})) {
    at.execute = executeWait;
    if (!modifiers.consume("parity"))
      return "expected a wait for a parity";
    least = 3;
    most = 4;
  } else {
    return "expected an mbarrier operation that is known, got '" +
           modifiers.front().str() + "'";
  }
  modifiers.consumeAny({"release", "acquire", "relaxed"});
  modifiers.consumeAny({"cta", "cluster"});
  modifiers.consumeAny({"shared", "shared::cta"});
  if (!modifiers.consume("b64") || !modifiers.isEmpty())
    return "expected an mbarrier of b64 in shared memory";
  size_t count = at.operands.size();
  return count >= least && count <= most ? Decoded("")
                                         : Decoded("expected other operands");
}
