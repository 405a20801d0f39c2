//===- Memory.cpp - loads, stores and asynchronous copies -------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Handlers.h"
#include "llvm/Support/FormatVariadic.h"
#include <cstring>

using namespace mlir::mqa::ptx;
using llvm::StringRef;

/// The space that an address is in, which loses its window.
static Space resolve(Space space, uint64_t &address) {
  if (space != Space::Generic)
    return space;
  uint64_t window = address & ~kWindowMask;
  Space found = window == kSharedWindow  ? Space::Shared
                : window == kLocalWindow ? Space::Local
                : window == kParamWindow ? Space::Param
                                         : Space::Global;
  if (found != Space::Global)
    address &= kWindowMask;
  return found;
}

bool Block::load(Warp &warp, const Instruction &at, unsigned lane, Space space,
                 uint64_t address, unsigned bytes, void *data) {
  space = resolve(space, address);
  if (address % bytes)
    return fail(warp, at, lane,
                llvm::formatv("expected an address that is a multiple of {0}, "
                              "got {1:x}",
                              bytes, address));
  std::string wrong;
  switch (space) {
  case Space::Shared:
    address &= 0xffffffff;
    wrong = shared.access(address, bytes, SharedMemory::Access::Load,
                          warp.index, warp.clock);
    if (wrong.empty())
      std::memcpy(data, shared.getData(address), bytes);
    break;
  case Space::Local: {
    uint64_t size = launch.kernel.localBytes;
    if (address + bytes > size)
      wrong = "expected an address in local memory";
    else
      std::memcpy(data, warp.local.data() + lane * size + address, bytes);
    break;
  }
  case Space::Param:
    if (address + bytes > launch.parameters.size())
      wrong = "expected an address in the parameters";
    else
      std::memcpy(data, launch.parameters.data() + address, bytes);
    break;
  default:
    wrong = launch.memory.access(address, bytes, /*isStore=*/false);
    if (wrong.empty())
      std::memcpy(data, reinterpret_cast<const void *>(address), bytes);
  }
  return wrong.empty() || fail(warp, at, lane, wrong);
}

bool Block::store(Warp &warp, const Instruction &at, unsigned lane, Space space,
                  uint64_t address, unsigned bytes, const void *data) {
  space = resolve(space, address);
  if (address % bytes)
    return fail(warp, at, lane,
                llvm::formatv("expected an address that is a multiple of {0}, "
                              "got {1:x}",
                              bytes, address));
  std::string wrong;
  switch (space) {
  case Space::Shared:
    address &= 0xffffffff;
    wrong = shared.access(address, bytes, SharedMemory::Access::Store,
                          warp.index, warp.clock);
    if (wrong.empty())
      std::memcpy(shared.getData(address), data, bytes);
    break;
  case Space::Local: {
    uint64_t size = launch.kernel.localBytes;
    if (address + bytes > size)
      wrong = "expected an address in local memory";
    else
      std::memcpy(warp.local.data() + lane * size + address, data, bytes);
    break;
  }
  case Space::Param:
  case Space::Const:
    wrong = "expected no store to parameters or constants";
    break;
  default:
    wrong = launch.memory.access(address, bytes, /*isStore=*/true);
    if (wrong.empty())
      std::memcpy(reinterpret_cast<void *>(address), data, bytes);
  }
  return wrong.empty() || fail(warp, at, lane, wrong);
}

//===----------------------------------------------------------------------===//
// ld and st
//===----------------------------------------------------------------------===//

/// Loads zero- or sign-extend to the register.
static uint64_t extendLoaded(Type type, uint64_t value) {
  if (type.kind == Type::Signed && type.bits < 64 &&
      value >> (type.bits - 1) & 1)
    value |= ~uint64_t(0) << type.bits;
  return value;
}

static bool executeLoad(Block &block, Warp &warp, const Instruction &at,
                        LaneMask lanes) {
  const Operand &to = at.operands[0];
  unsigned count = to.kind == Operand::Vector ? to.parts.size() : 1;
  unsigned bytes = at.type.getBytes();
  return forEachLane(lanes, [&](unsigned lane) {
    uint8_t data[64];
    uint64_t address = block.getAddress(warp, at.operands[1], lane);
    if (!block.load(warp, at, lane, at.space, address, bytes * count, data))
      return false;
    for (unsigned i = 0; i < count; ++i) {
      uint64_t value = 0;
      std::memcpy(&value, data + i * bytes, bytes);
      warp.set(to.kind == Operand::Vector ? to.parts[i] : to, lane,
               extendLoaded(at.type, value));
    }
    return true;
  });
}

static bool executeStore(Block &block, Warp &warp, const Instruction &at,
                         LaneMask lanes) {
  const Operand &from = at.operands[1];
  unsigned count = from.kind == Operand::Vector ? from.parts.size() : 1;
  unsigned bytes = at.type.getBytes();
  return forEachLane(lanes, [&](unsigned lane) {
    uint8_t data[64];
    for (unsigned i = 0; i < count; ++i) {
      uint64_t value = block.read(
          warp, from.kind == Operand::Vector ? from.parts[i] : from, lane);
      std::memcpy(data + i * bytes, &value, bytes);
    }
    uint64_t address = block.getAddress(warp, at.operands[0], lane);
    return block.store(warp, at, lane, at.space, address, bytes * count, data);
  });
}

static Decoded decodeAccess(StringRef opcode, Modifiers modifiers,
                            Instruction &at) {
  modifiers.consumeAny({"volatile", "relaxed", "weak", "acquire", "release"});
  modifiers.consumeAny({"cta", "gpu", "sys", "cluster"});
  if (modifiers.consume("global"))
    at.space = Space::Global;
  else if (modifiers.consume("shared"))
    at.space = Space::Shared;
  else if (modifiers.consume("local"))
    at.space = Space::Local;
  else if (modifiers.consume("param"))
    at.space = Space::Param;
  static const StringRef hints[] = {"nc", "ca", "cg", "cs",
                                    "lu", "cv", "wb", "wt"};
  while (modifiers.consumeAny(hints)) {
  }
  modifiers.consumeAny({"v2", "v4", "v8"});
  at.type = modifiers.takeType();
  if (at.type.kind == Type::None || at.type.bits < 8 || !modifiers.isEmpty())
    return "expected a modifier that is known, got '" +
           modifiers.front().str() + "'";
  bool isLoad = opcode == "ld";
  at.execute = isLoad ? executeLoad : executeStore;
  if (at.operands.size() != 2 || at.operands[isLoad].kind != Operand::Address)
    return "expected an address and a value";
  return "";
}

//===----------------------------------------------------------------------===//
// cp.async
//===----------------------------------------------------------------------===//

static bool executeAsyncCopy(Block &block, Warp &warp, const Instruction &at,
                             LaneMask lanes) {
  return forEachLane(lanes, [&](unsigned lane) {
    AsyncCopy copy;
    copy.bytes = block.read(warp, at.operands[2], lane);
    copy.sourceBytes = at.operands.size() > 3
                           ? block.read(warp, at.operands[3], lane)
                           : copy.bytes;
    copy.data.fill(0);
    uint64_t target = block.getAddress(warp, at.operands[0], lane);
    copy.target = static_cast<uint32_t>(target & kWindowMask);
    if ((copy.bytes != 4 && copy.bytes != 8 && copy.bytes != 16) ||
        copy.sourceBytes > copy.bytes || copy.target % copy.bytes)
      return block.fail(warp, at, lane,
                        "expected an aligned copy of 4, 8 or 16 bytes");
    uint64_t from = block.getAddress(warp, at.operands[1], lane);
    if (from % copy.bytes && copy.sourceBytes)
      return block.fail(warp, at, lane,
                        llvm::formatv("expected a source that is a multiple "
                                      "of {0}, got {1:x}",
                                      copy.bytes, from));
    if (copy.sourceBytes) {
      std::string wrong = block.launch.memory.access(from, copy.sourceBytes,
                                                     /*isStore=*/false);
      if (!wrong.empty())
        return block.fail(warp, at, lane, wrong);
      std::memcpy(copy.data.data(), reinterpret_cast<const void *>(from),
                  copy.sourceBytes);
    }
    std::string wrong = block.shared.access(copy.target, copy.bytes,
                                            SharedMemory::Access::AsyncTarget,
                                            warp.index, warp.clock);
    if (!wrong.empty())
      return block.fail(warp, at, lane, wrong);
    block.launch.statistics.asyncCopyBytes += copy.sourceBytes;
    warp.copies[lane].back().push_back(copy);
    if (!block.launch.options.adversarial) {
      std::memcpy(block.shared.getData(copy.target), copy.data.data(),
                  copy.bytes);
      block.shared.land(copy.target, copy.bytes, warp.index, warp.clock);
      warp.copies[lane].back().pop_back();
    }
    return true;
  });
}

static bool executeCommit(Block &, Warp &warp, const Instruction &,
                          LaneMask lanes) {
  return forEachLane(lanes, [&](unsigned lane) {
    warp.copies[lane].emplace_back();
    return true;
  });
}

/// wait_group N, or wait_all, for which `amount` is -1.
static bool executeAwait(Block &block, Warp &warp, const Instruction &at,
                         LaneMask lanes) {
  return forEachLane(lanes, [&](unsigned lane) {
    if (at.amount < 0)
      warp.copies[lane].emplace_back();
    uint64_t keep = at.amount < 0 ? 0 : block.read(warp, at.operands[0], lane);
    block.landCopies(warp, lane, keep);
    return true;
  });
}

static Decoded decodeAsync(Modifiers modifiers, Instruction &at) {
  if (!modifiers.consume("async"))
    return "expected cp.async";
  if (modifiers.consume("commit_group")) {
    at.execute = executeCommit;
  } else if (modifiers.consume("wait_group")) {
    at.execute = executeAwait;
  } else if (modifiers.consume("wait_all")) {
    at.execute = executeAwait;
    at.amount = -1;
  } else if (modifiers.consumeAny({"ca", "cg"}) &&
             modifiers.consume("shared") && modifiers.consume("global") &&
             at.operands.size() >= 3) {
    modifiers.consumeAny({"L2::64B", "L2::128B", "L2::256B"});
    at.execute = executeAsyncCopy;
  } else {
    return "expected a copy that is known, got '" + modifiers.front().str() +
           "'";
  }
  return modifiers.isEmpty() ? Decoded("")
                             : Decoded("expected no modifier '" +
                                       modifiers.front().str() + "'");
}

Decoded mlir::mqa::ptx::decodeMemory(StringRef opcode, Modifiers modifiers,
                                     Instruction &at) {
  if (opcode == "ld" || opcode == "st")
    return decodeAccess(opcode, modifiers, at);
  if (opcode == "cp")
    return decodeAsync(modifiers, at);
  return std::nullopt;
}
