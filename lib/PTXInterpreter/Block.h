//===- Block.h - a thread block being executed ------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_PTXINTERPRETER_BLOCK_H
#define MQA_LIB_PTXINTERPRETER_BLOCK_H

#include "Program.h"
#include "SharedMemory.h"
#include <array>
#include <deque>
#include <map>
#include <random>

namespace mlir::mqa::ptx {

/// What all blocks of a launch share.
struct Launch {
  const Program &program;
  const Kernel &kernel;
  Dim3 grid, block;
  uint32_t sharedBytes;
  const std::vector<uint8_t> &parameters; ///< As the parser placed them.
  DeviceMemory &memory;
  const LaunchOptions &options;
  LaunchStatistics statistics;
};

/// A copy that a thread has started (cp.async).
struct AsyncCopy {
  uint32_t target;
  uint8_t bytes, sourceBytes;
  std::array<uint8_t, 16> data;
};

/// A barrier in shared memory that counts arrivals and bytes (mbarrier).
struct TransactionBarrier {
  uint32_t expected = 0, pending = 0; ///< Arrivals of a phase; those to come.
  int64_t bytes = 0;                  ///< Of transactions, still to come.
  uint64_t phase = 0;
  VectorClock clock;
};

/// A copy of a box that the copy engine has been told of (cp.async.bulk): its
/// rows as they lie in shared memory, where zeros have no source.
struct BulkCopy {
  struct Piece {
    uint32_t target;
    uint32_t bytes;
    uint64_t source; ///< 0: zeros.
  };
  std::vector<Piece> pieces;
  uint32_t barrier; ///< The address of the mbarrier that it completes at.
  uint64_t bytes;
  unsigned warp; ///< That started it, and its clock then.
  VectorClock clock;
};

/// A wgmma that is not complete, or a copy of registers that it will write.
struct WarpgroupOp {
  const Instruction *at;
  uint64_t group;        ///< Number of the group that it is in.
  uint64_t a = 0, b = 0; ///< Descriptors.
  bool accumulates = true;
};

/// What a warp has to know of its registers while wgmma use them.
struct WarpgroupState {
  std::deque<WarpgroupOp> pending;
  uint64_t groups = 0, fences = 0;
  /// By register: uses by what is pending as result and as operand; the number
  /// of fences before its last ordinary write, -1 without one. Empty where a
  /// kernel has no wgmma.
  std::vector<uint16_t> inFlight, pinned;
  std::vector<int64_t> written;
};

/// 32 threads. Registers are 64 bits wide, one row for all lanes.
class Warp {
public:
  unsigned index = 0;
  std::vector<std::array<uint64_t, kWarpSize>> registers;
  std::array<uint32_t, kWarpSize> pc{};
  LaneMask alive = 0;
  bool isUniform = true; ///< All live lanes are at the same instruction.
  /// Lanes that wait for others at bar.warp.sync, or a shuffle.
  LaneMask waiting = 0;

  VectorClock clock;
  /// The barrier that the warp waits at, and its generation; -1: none.
  int barrier = -1;
  uint64_t generation = 0;

  /// By lane: groups of copies, the open one last.
  std::array<std::deque<std::vector<AsyncCopy>>, kWarpSize> copies;
  std::vector<uint8_t> local; ///< Local memory of all lanes.
  WarpgroupState warpgroup;

  uint64_t get(const Operand &operand, unsigned lane) const {
    return operand.kind == Operand::Register ? registers[operand.reg][lane]
                                             : operand.value;
  }
  void set(const Operand &operand, unsigned lane, uint64_t value) {
    registers[operand.reg][lane] = value;
  }
};

/// A named barrier.
struct NamedBarrier {
  unsigned arrived = 0; ///< Threads.
  uint64_t generation = 0;
  VectorClock clock;
};

class Block {
public:
  Block(Launch &launch, Dim3 index, uint64_t seed);

  /// Runs to the end. Empty if all is well, otherwise the error.
  std::string run();

  /// Ends the block with an error of instruction `at`; returns false.
  bool fail(const Warp &warp, const Instruction &at, unsigned lane,
            const std::string &message);

  uint64_t getSpecial(const Warp &warp, Special which, unsigned lane) const;
  uint64_t read(const Warp &warp, const Operand &operand, unsigned lane) const {
    return operand.kind == Operand::SpecialRegister
               ? getSpecial(warp, operand.special, lane)
               : warp.get(operand, lane);
  }
  /// The address that an operand "[base + offset]" stands for.
  uint64_t getAddress(const Warp &warp, const Operand &operand,
                      unsigned lane) const {
    return read(warp, operand.parts[0], lane) + operand.value;
  }

  /// Loads or stores up to 32 bytes; checks everything.
  bool load(Warp &warp, const Instruction &at, unsigned lane, Space space,
            uint64_t address, unsigned bytes, void *data);
  bool store(Warp &warp, const Instruction &at, unsigned lane, Space space,
             uint64_t address, unsigned bytes, const void *data);

  /// Arrives at barrier `id`; false: the warp waits. `count`: threads, 0: all.
  bool arrive(Warp &warp, const Instruction &at, unsigned id, unsigned count,
              bool waits);
  /// Lets all groups of copies but the last `keep` of a lane land.
  void landCopies(Warp &warp, unsigned lane, unsigned keep);

  /// The mbarrier at `address`, which `warp` may use; null after an error.
  TransactionBarrier *getBarrier(Warp &warp, const Instruction &at,
                                 unsigned lane, uint32_t address);
  /// Ends the phase if nothing is to come.
  void advancePhase(TransactionBarrier &barrier);
  /// Lets a bulk copy arrive.
  void land(const BulkCopy &copy);
  /// Completes all groups of wgmma but the last `keep`.
  bool completeMatrices(Warp &warp, uint64_t keep);

  Launch &launch;
  Dim3 index;
  SharedMemory shared;
  std::vector<Warp> warps;
  std::mt19937_64 random;
  std::map<uint32_t, TransactionBarrier> transactionBarriers;
  std::vector<BulkCopy> bulkCopies; ///< In flight.

private:
  bool step(Warp &warp);
  bool execute(Warp &warp, const Instruction &at, LaneMask active);
  bool checkRegisters(Warp &warp, const Instruction &at, LaneMask active,
                      bool &isDeferred);
  LaneMask pickLanes(Warp &warp, uint32_t &pc);
  bool runRound(bool &progressed);
  bool landSomeCopy(bool progressed);
  std::string describeWait() const;
  std::string checkEnd() const;
  unsigned countLiveThreads() const;

  std::array<NamedBarrier, 16> barriers;
  std::string error;
};

} // namespace mlir::mqa::ptx

#endif // MQA_LIB_PTXINTERPRETER_BLOCK_H
