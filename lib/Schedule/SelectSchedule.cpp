//===- SelectSchedule.cpp - choose tile sizes -------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Schedule/CostModel.h"
#include "mqa/Schedule/Passes.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

namespace mlir::mqa {
#define GEN_PASS_DEF_SELECTSCHEDULEPASS
#include "mqa/Schedule/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;
using namespace mlir::mqa;

namespace {
struct SelectSchedulePass final
    : mqa::impl::SelectSchedulePassBase<SelectSchedulePass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    for (const Option<int64_t> *pin :
         {&rowBlock, &rowPanel, &keyBlock, &keyTile, &valueTile, &depthStep})
      if (*pin < 0)
        return emitError(UnknownLoc::get(context))
               << "expected " << pin->ArgStr << " of at least 0, got "
               << pin->getValue();
    llvm::Expected<TargetDescription> found = TargetDescription::get(cpu);
    if (!found)
      return emitError(UnknownLoc::get(context))
             << llvm::toString(found.takeError());
    target = std::move(*found);
    return success();
  }

  void runOnOperation() override {
    WalkResult result = getOperation()->walk([&](Operation *op) {
      if (auto attention = dyn_cast<AttentionOp>(op))
        return select(attention);
      if (auto online = dyn_cast<OnlineAttentionOp>(op))
        return select(online);
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

private:
  template <typename OpTy> WalkResult select(OpTy op) {
    if (op.getScheduleAttr())
      return WalkResult::advance();
    ProblemSize problem =
        getProblemSize(op, op.getShape(), op.getIndexingMapsArray());
    ScheduleAttr chosen = chooseSchedule(&getContext(), target, problem);
    auto pick = [](int64_t pin, int64_t value) { return pin ? pin : value; };
    // What is not pinned fits what is.
    int64_t panel = pick(rowPanel, chosen.getRowPanel());
    int64_t block = pick(rowBlock, llvm::alignTo(chosen.getRowBlock(), panel));
    if (!rowPanel && block % panel)
      panel = std::gcd(block, panel);
    int64_t step = pick(depthStep, chosen.getDepthStep());
    int64_t tile = pick(keyTile, chosen.getKeyTile());
    int64_t keys = pick(
        keyBlock, llvm::alignTo(chosen.getKeyBlock(), std::lcm(tile, step)));
    while (!keyTile && keys % tile)
      --tile;
    ScheduleAttr schedule = ScheduleAttr::getChecked(
        [&] { return op.emitOpError("cannot take this schedule: "); },
        &getContext(), block, panel, keys, tile,
        pick(valueTile, chosen.getValueTile()), step,
        chosen.getEdgeBlock(), chosen.getSplitKeys(), chosen.getLaneDepth());
    if (!schedule)
      return WalkResult::interrupt();
    op.setScheduleAttr(schedule);
    return WalkResult::advance();
  }

  TargetDescription target;
};
} // namespace
