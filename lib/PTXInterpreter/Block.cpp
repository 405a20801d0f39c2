//===- Block.cpp - a thread block being executed ----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Warps run in turns of some instructions. Where the lanes of a warp are at
// different instructions, those at the earliest one go first: they meet again
// behind loops and branches.
//
//===----------------------------------------------------------------------===//

#include "Block.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>
#include <numeric>

using namespace mlir::mqa::ptx;

Block::Block(Launch &launch, Dim3 index, uint64_t seed)
    : launch(launch), index(index),
      shared(launch.program.sharedBytes + launch.sharedBytes,
             (launch.block.count() + kWarpSize - 1) / kWarpSize),
      random(seed) {
  uint64_t threads = launch.block.count();
  warps.resize((threads + kWarpSize - 1) / kWarpSize);
  for (auto [number, warp] : llvm::enumerate(warps)) {
    warp.index = number;
    warp.registers.assign(launch.kernel.numRegisters, {});
    uint64_t left = std::min<uint64_t>(threads - number * kWarpSize, kWarpSize);
    warp.alive = left == kWarpSize ? ~LaneMask(0) : (LaneMask(1) << left) - 1;
    // A time of 0 is before everything.
    warp.clock.assign(warps.size(), 0);
    warp.clock[number] = 1;
    for (auto &groups : warp.copies)
      groups.assign(1, {});
    warp.local.assign(launch.kernel.localBytes * kWarpSize, 0xff);
    if (launch.kernel.usesWarpgroups) {
      WarpgroupState &state = warp.warpgroup;
      state.inFlight.assign(launch.kernel.numRegisters, 0);
      state.pinned = state.inFlight;
      state.written.assign(launch.kernel.numRegisters, -1);
    }
  }
  for (NamedBarrier &barrier : barriers)
    barrier.clock.assign(warps.size(), 0);
}

bool Block::fail(const Warp &warp, const Instruction &at, unsigned lane,
                 const std::string &message) {
  if (error.empty())
    error = llvm::formatv(
        "{0}, line {1}: '{2}': block ({3}, {4}, {5}), thread {6}: {7}",
        launch.kernel.signature.name, at.line, at.text.str(), index.x, index.y,
        index.z, warp.index * kWarpSize + lane, message);
  return false;
}

uint64_t Block::getSpecial(const Warp &warp, Special which,
                           unsigned lane) const {
  uint64_t thread = uint64_t(warp.index) * kWarpSize + lane;
  const Dim3 &size = launch.block;
  switch (which) {
  case Special::TidX:
    return thread % size.x;
  case Special::TidY:
    return thread / size.x % size.y;
  case Special::TidZ:
    return thread / size.x / size.y;
  case Special::NTidX:
    return size.x;
  case Special::NTidY:
    return size.y;
  case Special::NTidZ:
    return size.z;
  case Special::CtaIdX:
    return index.x;
  case Special::CtaIdY:
    return index.y;
  case Special::CtaIdZ:
    return index.z;
  case Special::NCtaIdX:
    return launch.grid.x;
  case Special::NCtaIdY:
    return launch.grid.y;
  case Special::NCtaIdZ:
    return launch.grid.z;
  case Special::LaneId:
    return lane;
  case Special::WarpId:
    return warp.index;
  case Special::NWarpId:
    return warps.size();
  case Special::LaneMaskEq:
    return LaneMask(1) << lane;
  case Special::LaneMaskLt:
    return (LaneMask(1) << lane) - 1;
  case Special::LaneMaskLe:
    return (LaneMask(2) << lane) - 1;
  case Special::LaneMaskGt:
    return ~((LaneMask(2) << lane) - 1);
  case Special::LaneMaskGe:
    return ~((LaneMask(1) << lane) - 1);
  case Special::NSmId:
    return 1;
  case Special::SmId:
  case Special::GridId:
  case Special::Clock:
    return 0;
  }
  return 0;
}

//===----------------------------------------------------------------------===//
// Barriers
//===----------------------------------------------------------------------===//

unsigned Block::countLiveThreads() const {
  unsigned count = 0;
  for (const Warp &warp : warps)
    count += llvm::popcount(warp.alive);
  return count;
}

bool Block::arrive(Warp &warp, const Instruction &at, unsigned id,
                   unsigned count, bool waits) {
  if (id >= barriers.size())
    return fail(warp, at, 0,
                llvm::formatv("expected a barrier from 0 to 15, "
                              "got {0}",
                              id));
  if (count % kWarpSize)
    return fail(
        warp, at, 0,
        llvm::formatv("expected a multiple of 32 threads, got {0}", count));
  NamedBarrier &barrier = barriers[id];
  if (warp.barrier >= 0) {
    // Here again: has the barrier opened since?
    if (barrier.generation == warp.generation)
      return false;
    warp.barrier = -1;
    join(warp.clock, barrier.clock);
    return true;
  }
  unsigned expected = count ? count : countLiveThreads();
  join(barrier.clock, warp.clock);
  ++warp.clock[warp.index];
  barrier.arrived += kWarpSize;
  if (barrier.arrived > expected)
    return fail(warp, at, 0,
                llvm::formatv("expected {0} threads at barrier {1}, got {2}",
                              expected, id, barrier.arrived));
  bool isLast = barrier.arrived == expected;
  if (isLast) {
    barrier.arrived = 0;
    ++barrier.generation;
    if (waits)
      join(warp.clock, barrier.clock);
  }
  if (isLast || !waits)
    return true;
  warp.barrier = id;
  warp.generation = barrier.generation;
  return false;
}

void Block::landCopies(Warp &warp, unsigned lane, unsigned keep) {
  auto &groups = warp.copies[lane];
  while (groups.size() > keep + 1) {
    for (const AsyncCopy &copy : groups.front()) {
      std::copy_n(copy.data.begin(), copy.bytes, shared.getData(copy.target));
      shared.land(copy.target, copy.bytes, warp.index, warp.clock);
    }
    groups.pop_front();
  }
}

//===----------------------------------------------------------------------===//
// Execution
//===----------------------------------------------------------------------===//

/// The lanes that go next, and where they are; none if all wait.
LaneMask Block::pickLanes(Warp &warp, uint32_t &pc) {
  LaneMask ready = warp.alive & ~warp.waiting;
  if (!ready)
    return 0;
  pc = warp.pc[llvm::countr_zero(ready)];
  if (warp.isUniform && !warp.waiting)
    return ready;
  for (unsigned lane = 0; lane < kWarpSize; ++lane)
    if (ready >> lane & 1)
      pc = std::min(pc, warp.pc[lane]);
  LaneMask lanes = 0;
  for (unsigned lane = 0; lane < kWarpSize; ++lane)
    if ((ready >> lane & 1) && warp.pc[lane] == pc)
      lanes |= LaneMask(1) << lane;
  return lanes;
}

bool Block::execute(Warp &warp, const Instruction &at, LaneMask active) {
  bool isDeferred = false;
  if (launch.kernel.usesWarpgroups && !at.isWarpgroup &&
      !checkRegisters(warp, at, active, isDeferred))
    return false;
  return isDeferred || at.execute(*this, warp, at, active);
}

/// Executes one instruction; false if the warp cannot go on now.
bool Block::step(Warp &warp) {
  uint32_t pc = 0;
  LaneMask lanes = pickLanes(warp, pc);
  if (!lanes)
    return false;
  const Instruction &instruction = launch.kernel.instructions[pc];
  LaneMask active = lanes;
  if (instruction.predicate >= 0) {
    const auto &predicate = warp.registers[instruction.predicate];
    for (unsigned lane = 0; lane < kWarpSize; ++lane)
      if (bool(predicate[lane] & 1) == instruction.predicateNegated)
        active &= ~(LaneMask(1) << lane);
  }
  if (instruction.isCollective && active && active != ~LaneMask(0)) {
    unsigned missing = llvm::countr_one(active);
    return fail(warp, instruction, missing,
                "expected all lanes of the warp to execute this together, got "
                "a part of them");
  }
  for (unsigned lane = 0; lane < kWarpSize; ++lane)
    if (lanes >> lane & 1)
      warp.pc[lane] = pc + 1;
  bool done = true;
  if (active)
    done = execute(warp, instruction, active);
  if (!done) {
    // It waits, or failed: the same instruction again.
    for (unsigned lane = 0; lane < kWarpSize; ++lane)
      if (lanes >> lane & 1)
        warp.pc[lane] = pc;
    return false;
  }
  ++launch.statistics.warpInstructions;
  if (!warp.isUniform || lanes != warp.alive || active != lanes) {
    LaneMask left = warp.alive;
    unsigned first = left ? llvm::countr_zero(left) : 0;
    warp.isUniform = true;
    for (unsigned lane = 0; lane < kWarpSize; ++lane)
      if ((left >> lane & 1) && warp.pc[lane] != warp.pc[first])
        warp.isUniform = false;
  }
  return true;
}

std::string Block::describeWait() const {
  std::string text = "expected some warp to go on, got a deadlock";
  for (const Warp &warp : warps) {
    if (!warp.alive)
      continue;
    uint32_t pc = warp.pc[llvm::countr_zero(warp.alive)];
    const Instruction &at = launch.kernel.instructions[pc];
    text += llvm::formatv("; warp {0} waits at line {1} ('{2}')", warp.index,
                          at.line, at.text.str());
  }
  return text;
}

std::string Block::checkEnd() const {
  for (const Warp &warp : warps)
    if (!warp.warpgroup.pending.empty())
      return llvm::formatv("expected all wgmma to be waited for at the end, "
                           "got one of warp {0} in flight",
                           warp.index);
  for (const Warp &warp : warps)
    for (unsigned lane = 0; lane < kWarpSize; ++lane)
      for (const auto &group : warp.copies[lane])
        if (!group.empty())
          return llvm::formatv("expected all copies to be waited for at the "
                               "end, got one of thread {0} in flight",
                               warp.index * kWarpSize + lane);
  if (!bulkCopies.empty())
    return llvm::formatv("expected all bulk copies to be waited for at the "
                         "end, got {0} in flight",
                         bulkCopies.size());
  return {};
}

/// A turn of every warp; false when the block is at its end.
bool Block::runRound(bool &progressed) {
  std::vector<unsigned> order(warps.size());
  std::iota(order.begin(), order.end(), 0);
  if (launch.options.adversarial)
    std::shuffle(order.begin(), order.end(), random);
  bool isAlive = false;
  for (unsigned number : order) {
    Warp &warp = warps[number];
    unsigned turn = launch.options.adversarial ? 1 + random() % 500 : 2000;
    for (unsigned i = 0; i < turn && warp.alive; ++i) {
      isAlive = true;
      if (!step(warp))
        break;
      progressed = true;
    }
    if (!error.empty())
      return false;
  }
  return isAlive;
}

/// Late, and in any order: one arrives when nothing else can happen, or by
/// chance.
bool Block::landSomeCopy(bool progressed) {
  if (bulkCopies.empty() || (progressed && random() % 64 != 0))
    return progressed;
  auto copy = bulkCopies.begin() + random() % bulkCopies.size();
  land(*copy);
  bulkCopies.erase(copy);
  return true;
}

std::string Block::run() {
  const std::string where = llvm::formatv(
      "{0}: block ({1}, {2}, {3}): ", launch.kernel.signature.name, index.x,
      index.y, index.z);
  for (;;) {
    bool progressed = false;
    if (!runRound(progressed))
      break;
    if (!landSomeCopy(progressed))
      return where + describeWait();
    uint64_t limit = launch.options.maxInstructions;
    if (limit && launch.statistics.warpInstructions > limit)
      return where +
             llvm::formatv("expected an end within {0} instructions", limit)
                 .str();
  }
  if (!error.empty())
    return error;
  std::string left = checkEnd();
  return left.empty() ? left : where + left;
}
