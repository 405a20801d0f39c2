//===- SelectSchedule.cpp - choose tile sizes -------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// First what the program says, then the pins of the options, then what a search
// has found on such a CPU, then the cost model.
//
//===----------------------------------------------------------------------===//

#include "mqa/Schedule/CostModel.h"
#include "mqa/Schedule/Passes.h"
#include "mqa/Schedule/ScheduleCache.h"
#include "llvm/Support/MemoryBuffer.h"

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
    if (failed(readPins(context)))
      return failure();
    llvm::Expected<TargetDescription> found = TargetDescription::get(cpu);
    if (!found)
      return emitError(UnknownLoc::get(context))
             << llvm::toString(found.takeError());
    target = std::move(*found);
    return scheduleCache.empty() ? success() : readCache(context);
  }

  void runOnOperation() override {
    WalkResult result = getOperation()->walk([&](Operation *op) {
      return failed(select(op)) ? WalkResult::interrupt()
                                : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

private:
  LogicalResult readPins(MLIRContext *context) {
    struct Pin {
      const Option<int64_t> &option;
      int64_t &field;
      /// What leaves the field to the target.
      int64_t open;
    };
    const Pin all[] = {
        {rowBlock, pins.rowBlock, 0},    {rowPanel, pins.rowPanel, 0},
        {keyBlock, pins.keyBlock, 0},    {keyTile, pins.keyTile, 0},
        {valueTile, pins.valueTile, 0},  {depthStep, pins.depthStep, 0},
        {edgeBlock, pins.edgeBlock, -1}, {splitKeys, pins.splitKeys, -1},
        {laneDepth, pins.laneDepth, 0}};
    for (const Pin &pin : all) {
      if (pin.option < pin.open)
        return emitError(UnknownLoc::get(context))
               << "expected " << pin.option.ArgStr << " of at least "
               << pin.open << ", got " << pin.option.getValue();
      pin.field =
          pin.option == pin.open ? ScheduleFields::kOpen : int64_t(pin.option);
    }
    return success();
  }

  LogicalResult readCache(MLIRContext *context) {
    auto locate = [&](unsigned line, unsigned column) {
      return FileLineColLoc::get(context, scheduleCache, line, column);
    };
    auto file = llvm::MemoryBuffer::getFile(scheduleCache, /*IsText=*/true);
    if (std::error_code error = file.getError())
      return emitError(UnknownLoc::get(context))
             << "expected a readable schedule cache, got '" << scheduleCache
             << "': " << error.message();
    std::vector<CacheMessage> remarks;
    auto parsed = parseScheduleCache((*file)->getBuffer(), remarks);
    for (const CacheMessage &remark : remarks)
      emitRemark(locate(remark.line, remark.column)) << remark.text;
    if (auto *error = std::get_if<CacheMessage>(&parsed))
      return emitError(locate(error->line, error->column)) << error->text;
    cache = std::move(std::get<ScheduleCache>(parsed));
    for (const ScheduleCacheEntry &entry : cache.entries)
      if (!entry.schedule.getAttr(context, [&] {
            return emitError(locate(entry.line, 1))
                   << "expected a valid schedule: ";
          }))
        return failure();
    return success();
  }

  LogicalResult select(Operation *op) {
    std::optional<ProblemSize> problem = ProblemSize::of(op);
    if (!problem || op->hasAttr("schedule"))
      return success();
    const ScheduleCacheEntry *entry = cache.find(target.cpu, *problem);
    if (!entry && !scheduleCache.empty())
      op->emitRemark("no entry of the schedule cache is for ")
          << target.cpu << ", " << problem->print();
    ScheduleFields chosen =
        entry ? entry->schedule : chooseSchedule(target, *problem);
    ScheduleAttr schedule = fitToPins(chosen, pins).getAttr(&getContext(), [&] {
      return op->emitOpError("cannot take this schedule: ");
    });
    if (!schedule)
      return failure();
    op->setAttr("schedule", schedule);
    return success();
  }

  TargetDescription target;
  ScheduleFields pins;
  ScheduleCache cache;
};
} // namespace
