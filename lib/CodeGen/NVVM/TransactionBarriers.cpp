//===- TransactionBarriers.cpp - mbarriers of a ring of stages - -*- C++
//-*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TransactionBarriers.h"

using namespace mlir;
using namespace mlir::mqa;

RingPosition mlir::mqa::advanceRing(DeviceBuilder &b, RingPosition at,
                                    int64_t stages) {
  Value next = b.add(at.stage, 1);
  Value wraps = b.equal(next, stages);
  return {b.select(wraps, b.i32(0), next),
          b.select(wraps, b.bitXor(at.parity, b.i32(1)), at.parity)};
}

void mlir::mqa::emitAssembly(DeviceBuilder &b, StringRef text,
                             StringRef constraints, ValueRange operands) {
  std::string all = constraints.str();
  if (!all.empty())
    all += ",";
  all += "~{memory}";
  LLVM::InlineAsmOp::create(b, TypeRange(), operands, text, all,
                            /*has_side_effects=*/true,
                            /*is_align_stack=*/false,
                            LLVM::tailcallkind::TailCallKind::None,
                            LLVM::AsmDialectAttr(), ArrayAttr());
}

/// A shared address as i32.
static Value toAddress(DeviceBuilder &b, Value pointer) {
  return LLVM::PtrToIntOp::create(b, b.getI32Type(), pointer);
}

void BarrierRing::initialize(DeviceBuilder &b, int64_t arrivals) const {
  for (int64_t stage = 0; stage < stages; ++stage)
    NVVM::MBarrierInitOp::create(b, get(b, b.i32(stage)), b.i32(arrivals),
                                 /*predicate=*/Value());
}

Value BarrierRing::get(DeviceBuilder &b, Value stage) const {
  return b.advance(base, b.mul(stage, kBarrierBytes));
}

void mlir::mqa::arriveAt(DeviceBuilder &b, Value barrier, Value condition) {
  Value address = toAddress(b, barrier);
  if (!condition) {
    emitAssembly(b, "mbarrier.arrive.shared.b64 _, [$0];", "r", address);
    return;
  }
  // A predicate instead of a branch: the warp stays together.
  Value flag = arith::ExtUIOp::create(b, b.getI32Type(), condition);
  emitAssembly(b,
               "{ .reg .pred p; setp.ne.b32 p, $1, 0; "
               "@p mbarrier.arrive.shared.b64 _, [$0]; }",
               "r,r", {address, flag});
}

void mlir::mqa::awaitPhase(DeviceBuilder &b, Value barrier, Value parity) {
  emitAssembly(b,
               "{ .reg .pred p; WAIT: "
               "mbarrier.try_wait.parity.shared.b64 p, [$0], $1; "
               "@p bra.uni DONE; bra.uni WAIT; DONE: }",
               "r,r", {toAddress(b, barrier), parity});
}

void mlir::mqa::fenceAsyncProxy(DeviceBuilder &b) {
  emitAssembly(b, "fence.proxy.async.shared::cta;", "", {});
}

void mlir::mqa::syncNamed(DeviceBuilder &b, Value id, int64_t threads) {
  emitAssembly(b, "bar.sync $0, $1;", "r,r", {id, b.i32(threads)});
}
void mlir::mqa::arriveNamed(DeviceBuilder &b, Value id, int64_t threads) {
  emitAssembly(b, "bar.arrive $0, $1;", "r,r", {id, b.i32(threads)});
}
