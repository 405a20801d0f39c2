//===- Control.cpp - branches, barriers and warp exchanges ------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Handlers.h"
#include "llvm/ADT/bit.h"

using namespace mlir::mqa::ptx;
using llvm::StringRef;

static bool executeBranch(Block &, Warp &warp, const Instruction &at,
                          LaneMask lanes) {
  return forEachLane(lanes, [&](unsigned lane) {
    warp.pc[lane] = at.target;
    return true;
  });
}

static bool executeExit(Block &, Warp &warp, const Instruction &,
                        LaneMask lanes) {
  warp.alive &= ~lanes;
  return true;
}

static bool executeTrap(Block &block, Warp &warp, const Instruction &at,
                        LaneMask lanes) {
  return block.fail(warp, at, llvm::countr_zero(lanes),
                    "expected no trap, got one");
}

static bool executeNothing(Block &, Warp &, const Instruction &, LaneMask) {
  return true;
}

static bool executeProxyFence(Block &block, Warp &warp, const Instruction &,
                              LaneMask) {
  block.shared.fenceProxy(warp.index);
  return true;
}

/// bar.sync and bar.arrive. `mode` 1: does not wait.
static bool executeBarrier(Block &block, Warp &warp, const Instruction &at,
                           LaneMask lanes) {
  unsigned lane = llvm::countr_zero(lanes);
  unsigned id =
      at.operands.empty() ? 0 : block.read(warp, at.operands[0], lane);
  unsigned count =
      at.operands.size() > 1 ? block.read(warp, at.operands[1], lane) : 0;
  return block.arrive(warp, at, id, count, at.mode == 0);
}

/// Collects the live lanes of `members` at this instruction; true when all of
/// them are here, in `together`.
static bool gather(Warp &warp, LaneMask lanes, LaneMask members,
                   LaneMask &together) {
  uint32_t pc = warp.pc[llvm::countr_zero(lanes)] - 1;
  together = members & warp.alive;
  LaneMask here = lanes;
  for (unsigned lane = 0; lane < kWarpSize; ++lane)
    if ((warp.waiting >> lane & 1) && warp.pc[lane] == pc)
      here |= LaneMask(1) << lane;
  if ((here & together) != together) {
    warp.waiting |= lanes;
    for (unsigned lane = 0; lane < kWarpSize; ++lane)
      if (lanes >> lane & 1)
        warp.pc[lane] = pc;
    return false;
  }
  warp.waiting &= ~together;
  for (unsigned lane = 0; lane < kWarpSize; ++lane)
    if (together >> lane & 1)
      warp.pc[lane] = pc + 1;
  return true;
}

static bool executeWarpBarrier(Block &block, Warp &warp, const Instruction &at,
                               LaneMask lanes) {
  LaneMask together;
  gather(warp, lanes,
         block.read(warp, at.operands[0], llvm::countr_zero(lanes)), together);
  return true;
}

/// shfl.sync: d or d|p, a, b, c, mask. `mode`: 0 bfly, 1 idx, 2 up, 3 down.
static bool executeShuffle(Block &block, Warp &warp, const Instruction &at,
                           LaneMask lanes) {
  unsigned first = llvm::countr_zero(lanes);
  LaneMask members = block.read(warp, at.operands[4], first), together;
  if (members & lanes & ~warp.alive || (members & lanes) != lanes)
    return block.fail(warp, at, first,
                      "expected every lane to be in the mask of the exchange");
  if (!gather(warp, lanes, members, together))
    return true;
  std::array<uint64_t, kWarpSize> values{};
  forEachLane(together, [&](unsigned lane) {
    values[lane] = block.read(warp, at.operands[1], lane);
    return true;
  });
  return forEachLane(together, [&](unsigned lane) {
    unsigned b = block.read(warp, at.operands[2], lane) & 31;
    unsigned c = block.read(warp, at.operands[3], lane);
    unsigned segment = c >> 8 & 31, clamp = c & 31;
    unsigned most = (lane & segment) | (clamp & ~segment);
    unsigned least = lane & segment;
    int from = at.mode == 0   ? int(lane ^ b)
               : at.mode == 1 ? int(least | (b & ~segment))
               : at.mode == 2 ? int(lane) - int(b)
                              : int(lane + b);
    bool isValid = at.mode == 2 ? from >= int(most) : from <= int(most);
    if (!isValid)
      from = lane;
    if (!(together >> from & 1))
      return block.fail(warp, at, lane,
                        "expected a source lane that takes part");
    const Operand &to = at.operands[0];
    if (to.kind == Operand::Vector) {
      warp.set(to.parts[0], lane, values[from]);
      warp.set(to.parts[1], lane, isValid);
    } else {
      warp.set(to, lane, values[from]);
    }
    return true;
  });
}

/// vote.sync: `mode` 0 any, 1 all, 2 uni, 3 ballot.
static bool executeVote(Block &block, Warp &warp, const Instruction &at,
                        LaneMask lanes) {
  unsigned first = llvm::countr_zero(lanes);
  LaneMask together;
  if (!gather(warp, lanes, block.read(warp, at.operands[2], first), together))
    return true;
  LaneMask votes = 0;
  forEachLane(together, [&](unsigned lane) {
    bool vote = block.read(warp, at.operands[1], lane) & 1;
    if (vote != at.operands[1].isNegated)
      votes |= LaneMask(1) << lane;
    return true;
  });
  uint64_t result = at.mode == 0   ? votes != 0
                    : at.mode == 1 ? votes == together
                    : at.mode == 2 ? votes == together || votes == 0
                                   : votes;
  return forEachLane(together, [&](unsigned lane) {
    warp.set(at.operands[0], lane, result);
    return true;
  });
}

//===----------------------------------------------------------------------===//
// Decoding
//===----------------------------------------------------------------------===//

static Decoded decodeBarrier(Modifiers modifiers, Instruction &at) {
  if (modifiers.consume("warp")) {
    at.execute = executeWarpBarrier;
    return modifiers.consume("sync") && modifiers.isEmpty() &&
                   at.operands.size() == 1
               ? Decoded("")
               : Decoded("expected bar.warp.sync with a mask");
  }
  modifiers.consume("cta");
  if (modifiers.consume("arrive"))
    at.mode = 1;
  else if (!modifiers.consume("sync"))
    return "expected a barrier that is known";
  modifiers.consume("aligned");
  at.isCollective = true;
  at.execute = executeBarrier;
  return modifiers.isEmpty() ? Decoded("")
                             : Decoded("expected no modifier '" +
                                       modifiers.front().str() + "'");
}

static Decoded decodeShuffle(Modifiers modifiers, Instruction &at) {
  if (!modifiers.consume("sync"))
    return "expected shfl.sync";
  if (modifiers.consume("bfly"))
    at.mode = 0;
  else if (modifiers.consume("idx"))
    at.mode = 1;
  else if (modifiers.consume("up"))
    at.mode = 2;
  else if (modifiers.consume("down"))
    at.mode = 3;
  else
    return "expected an exchange that is known";
  at.execute = executeShuffle;
  return modifiers.consume("b32") && at.operands.size() == 5
             ? Decoded("")
             : Decoded("expected an exchange of b32 with five operands");
}

static Decoded decodeVote(Modifiers modifiers, Instruction &at) {
  if (!modifiers.consume("sync"))
    return "expected vote.sync";
  if (modifiers.consume("any"))
    at.mode = 0;
  else if (modifiers.consume("all"))
    at.mode = 1;
  else if (modifiers.consume("uni"))
    at.mode = 2;
  else if (modifiers.consume("ballot"))
    at.mode = 3;
  else
    return "expected a vote that is known";
  at.execute = executeVote;
  return modifiers.consumeAny({"pred", "b32"}) && at.operands.size() == 3
             ? Decoded("")
             : Decoded("expected a vote with three operands");
}

Decoded mlir::mqa::ptx::decodeControl(StringRef opcode, Modifiers modifiers,
                                      Instruction &at) {
  if (opcode == "bra") {
    modifiers.consume("uni");
    at.execute = executeBranch;
    return "";
  }
  if (opcode == "ret" || opcode == "exit") {
    modifiers.consume("uni");
    at.execute = executeExit;
    return "";
  }
  if (opcode == "trap") {
    at.execute = executeTrap;
    return "";
  }
  // No notion of time, and one order of memory for all.
  if (opcode == "nanosleep" || opcode == "membar" || opcode == "prefetch" ||
      (opcode == "fence" && !modifiers.consume("proxy"))) {
    at.execute = executeNothing;
    return "";
  }
  if (opcode == "fence") {
    // fence.proxy.async, of shared memory at least.
    bool isKnown = modifiers.consume("async");
    bool isGlobal = modifiers.consume("global");
    modifiers.consumeAny({"shared::cta", "shared::cluster"});
    at.execute = isGlobal ? executeNothing : executeProxyFence;
    return isKnown && modifiers.isEmpty()
               ? Decoded("")
               : Decoded("expected fence.proxy.async");
  }
  if (opcode == "bar" || opcode == "barrier")
    return decodeBarrier(modifiers, at);
  if (opcode == "shfl")
    return decodeShuffle(modifiers, at);
  if (opcode == "vote")
    return decodeVote(modifiers, at);
  return std::nullopt;
}
