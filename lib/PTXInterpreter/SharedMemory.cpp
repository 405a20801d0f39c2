//===- SharedMemory.cpp - the shared memory of a block ----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SharedMemory.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>

using namespace mlir::mqa::ptx;

void mlir::mqa::ptx::join(VectorClock &clock, const VectorClock &other) {
  for (size_t i = 0; i < clock.size(); ++i)
    clock[i] = std::max(clock[i], other[i]);
}

SharedMemory::SharedMemory(uint64_t size, unsigned numWarps)
    : numWarps(numWarps), unfenced(numWarps), bytes(size, 0xff),
      states(size, State::Unwritten), writers(size / kGranule + 1, 0),
      writeTimes(size / kGranule + 1, 0),
      readTimes((size / kGranule + 1) * numWarps, 0) {}

std::string SharedMemory::checkOrder(uint64_t granule, bool isStore,
                                     unsigned warp, const VectorClock &clock) {
  auto race = [&](const char *earlier, unsigned other) {
    return llvm::formatv("expected a barrier between the {0} of warp {1} and "
                         "this {2} of warp {3} at shared byte {4}, got none",
                         earlier, other, isStore ? "store" : "load", warp,
                         granule * kGranule)
        .str();
  };
  unsigned writer = writers[granule];
  if (writer != 0 && writer - 1 != warp &&
      writeTimes[granule] > clock[writer - 1])
    return race("store", writer - 1);
  if (!isStore)
    return {};
  for (unsigned other = 0; other < numWarps; ++other)
    if (other != warp && readTimes[granule * numWarps + other] > clock[other])
      return race("load", other);
  return {};
}

void SharedMemory::record(uint64_t granule, bool isStore, unsigned warp,
                          const VectorClock &clock) {
  if (!isStore) {
    readTimes[granule * numWarps + warp] = clock[warp];
    return;
  }
  writers[granule] = warp + 1;
  writeTimes[granule] = clock[warp];
}

std::string SharedMemory::access(uint64_t address, uint64_t size, Access kind,
                                 unsigned warp, const VectorClock &clock) {
  if (address + size > bytes.size() || address + size < address)
    return llvm::formatv("expected an address in {0} bytes of shared memory, "
                         "got {1:x}",
                         bytes.size(), address);
  auto first = states.begin() + address, last = first + size;
  if (std::find(first, last, State::InFlight) != last)
    return llvm::formatv("expected no access before the copy to it is waited "
                         "for, got one at shared byte {0}",
                         address);
  bool isStore = kind == Access::Store || kind == Access::AsyncTarget;
  if (!isStore) {
    auto unwritten = std::find(first, last, State::Unwritten);
    if (unwritten != last)
      return llvm::formatv("expected shared memory that was written, got a "
                           "load of byte {0}",
                           unwritten - states.begin());
    if (kind == Access::AsyncLoad &&
        std::find(first, last, State::Written) != last)
      return llvm::formatv("expected fence.proxy.async between the store to "
                           "shared byte {0} and its use by the asynchronous "
                           "proxy, got none",
                           address);
  } else {
    std::fill(first, last,
              kind == Access::Store ? State::Written : State::InFlight);
    if (kind == Access::Store)
      unfenced[warp].push_back({address, size});
  }
  for (uint64_t granule = address / kGranule;
       granule <= (address + size - 1) / kGranule; ++granule) {
    if (std::string wrong = checkOrder(granule, isStore, warp, clock);
        !wrong.empty())
      return wrong;
    record(granule, isStore, warp, clock);
  }
  return {};
}

void SharedMemory::land(uint64_t address, uint64_t size, unsigned warp,
                        const VectorClock &clock) {
  std::fill_n(states.begin() + address, size, State::Written);
  unfenced[warp].push_back({address, size});
  for (uint64_t granule = address / kGranule;
       granule <= (address + size - 1) / kGranule; ++granule)
    record(granule, /*isStore=*/true, warp, clock);
}

void SharedMemory::landBulk(uint64_t address, uint64_t size, unsigned warp,
                            const VectorClock &clock) {
  std::fill_n(states.begin() + address, size, State::Fenced);
  for (uint64_t granule = address / kGranule;
       granule <= (address + size - 1) / kGranule; ++granule)
    record(granule, /*isStore=*/true, warp, clock);
}

void SharedMemory::fenceProxy(unsigned warp) {
  for (auto [address, size] : unfenced[warp])
    for (uint64_t byte = address; byte < address + size; ++byte)
      if (states[byte] == State::Written)
        states[byte] = State::Fenced;
  unfenced[warp].clear();
}
