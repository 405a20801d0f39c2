//===- TransactionBarriers.h - mbarriers of a ring of stages --- -*- C++
//-*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Who fills a stage waits until it is empty, who uses it until it is full. Both
// walk through the stages in the same order; the parity of the round that they
// are in tells the phases apart (PTX ISA, "mbarrier").
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_TRANSACTIONBARRIERS_H
#define MQA_LIB_CODEGEN_NVVM_TRANSACTIONBARRIERS_H

#include "DeviceBuilder.h"

namespace mlir::mqa {

/// Where somebody stands in a ring: the stage, and the parity of the round, as
/// i32.
struct RingPosition {
  Value stage, parity;
};
/// The position after `at` in a ring of `stages`.
RingPosition advanceRing(DeviceBuilder &b, RingPosition at, int64_t stages);

/// One barrier for each stage, in shared memory.
class BarrierRing {
public:
  static constexpr int64_t kBarrierBytes = 8;

  /// `base`: of the first barrier, at a multiple of 8 bytes.
  BarrierRing(Value base, int64_t stages) : base(base), stages(stages) {}

  /// Makes a phase of each barrier end after `arrivals` arrivals. One thread
  /// calls it; the others must learn of it before they use the barriers.
  void initialize(DeviceBuilder &b, int64_t arrivals) const;
  /// The address of the barrier of a stage.
  Value get(DeviceBuilder &b, Value stage) const;

private:
  Value base;
  int64_t stages;
};

/// Arrives at a barrier, in threads where `condition` holds (null: in all).
void arriveAt(DeviceBuilder &b, Value barrier, Value condition = Value());
/// Waits until the phase with that parity is over. The first one has parity 0;
/// the one before it counts as over.
void awaitPhase(DeviceBuilder &b, Value barrier, Value parity);
/// Shows what this thread stored in shared memory to the asynchronous proxy:
/// to wgmma and to the copy engine.
void fenceAsyncProxy(DeviceBuilder &b);

/// `bar.sync` and `bar.arrive` on barrier `id` of the block with `threads`
/// threads.
void syncNamed(DeviceBuilder &b, Value id, int64_t threads);
void arriveNamed(DeviceBuilder &b, Value id, int64_t threads);

/// PTX with side effects, in LLVM's notation of inline assembly.
void emitAssembly(DeviceBuilder &b, StringRef text, StringRef constraints,
                  ValueRange operands);

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_TRANSACTIONBARRIERS_H
