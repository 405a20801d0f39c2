//===- SharedMemory.h - the shared memory of a block ------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bytes with what is known of them: whether they were written or are the target
// of a copy in flight, and which warp accessed them last. Two accesses of
// different warps, one of which is a store, must be ordered by barriers; vector
// clocks tell (Flanagan and Freund, "FastTrack", 2009).
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_PTXINTERPRETER_SHAREDMEMORY_H
#define MQA_LIB_PTXINTERPRETER_SHAREDMEMORY_H

#include <cstdint>
#include <string>
#include <vector>

namespace mlir::mqa::ptx {

/// What a warp knows of the progress of every warp.
using VectorClock = std::vector<uint32_t>;

/// The later of both, for each warp.
void join(VectorClock &clock, const VectorClock &other);

class SharedMemory {
public:
  SharedMemory(uint64_t size, unsigned numWarps);

  uint8_t *getData(uint64_t address) { return bytes.data() + address; }
  uint64_t getSize() const { return bytes.size(); }

  /// `AsyncLoad` is one of the asynchronous proxy: of the copy engine and of
  /// wgmma, which see ordinary stores only after a fence.proxy.async.
  enum class Access { Load, AsyncLoad, Store, AsyncTarget };
  /// Checks an access of `size` bytes by `warp`, whose clock is `clock`, and
  /// records it. Empty if it is fine, otherwise what is wrong with it.
  std::string access(uint64_t address, uint64_t size, Access kind,
                     unsigned warp, const VectorClock &clock);
  /// Bytes of an asynchronous copy have arrived: `warp`, which waited, has
  /// written them.
  void land(uint64_t address, uint64_t size, unsigned warp,
            const VectorClock &clock);
  /// The same of the copy engine: the asynchronous proxy has written them.
  void landBulk(uint64_t address, uint64_t size, unsigned warp,
                const VectorClock &clock);
  /// Shows the stores of `warp` to the asynchronous proxy.
  void fenceProxy(unsigned warp);

private:
  /// What there is at a byte; Written: by the generic proxy alone.
  enum class State : uint8_t { Unwritten, Written, Fenced, InFlight };
  /// Elements are at least this large, and aligned.
  static constexpr uint64_t kGranule = 2;

  std::string checkOrder(uint64_t granule, bool isStore, unsigned warp,
                         const VectorClock &clock);
  void record(uint64_t granule, bool isStore, unsigned warp,
              const VectorClock &clock);

  unsigned numWarps;
  /// By warp: what it stored since its last fence.
  std::vector<std::vector<std::pair<uint64_t, uint64_t>>> unfenced;
  std::vector<uint8_t> bytes;
  std::vector<State> states;
  /// By granule: the last store; 0 is no warp. By granule and warp: the time of
  /// its last load.
  std::vector<uint8_t> writers;
  std::vector<uint32_t> writeTimes, readTimes;
};

} // namespace mlir::mqa::ptx

#endif // MQA_LIB_PTXINTERPRETER_SHAREDMEMORY_H
