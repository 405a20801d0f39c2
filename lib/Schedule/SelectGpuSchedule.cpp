//===- SelectGpuSchedule.cpp - choose tile sizes for a GPU ------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A table: few rows take 64 and split the keys, many take 128; wide heads take
// narrower blocks of keys, so that accumulators and scores fit in registers.
// What does not fit in shared memory loses stages, then keys, then rows.
//
//===----------------------------------------------------------------------===//

#include "mqa/Schedule/GpuTarget.h"
#include "mqa/Schedule/Passes.h"
#include "mqa/Schedule/ProblemSize.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::mqa {
#define GEN_PASS_DEF_SELECTGPUSCHEDULEPASS
#include "mqa/Schedule/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;
using namespace mlir::mqa;

namespace {
struct GpuFields {
  bool usesWarpgroups;
  int64_t rowBlock, keyBlock, stages, splitKeys;
};

struct SelectGpuSchedulePass final
    : mqa::impl::SelectGpuSchedulePassBase<SelectGpuSchedulePass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    llvm::Expected<GpuTarget> found = GpuTarget::get(chip);
    if (!found)
      return emitError(UnknownLoc::get(context))
             << llvm::toString(found.takeError());
    target = std::move(*found);
    return success();
  }

  void runOnOperation() override {
    WalkResult result = getOperation()->walk([&](Operation *op) {
      if (isa<OnlineAttentionOp, MergeOp, FinalizeOp, PagedViewOp>(op)) {
        op->emitOpError("not yet on a GPU: expected mqa.attention");
        return WalkResult::interrupt();
      }
      auto attention = dyn_cast<AttentionOp>(op);
      return attention && failed(select(attention)) ? WalkResult::interrupt()
                                                    : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

private:
  GpuFields choose(const ProblemSize &problem);
  LogicalResult select(AttentionOp op);

  GpuTarget target;
};
} // namespace

/// At most: rows of a tile are padded or swizzled.
static int64_t getSharedBytes(const ProblemSize &problem,
                              const GpuFields &fields) {
  // wgmma: panels of 64 columns.
  auto rowBytes = [&](int64_t width) {
    return 2 * (fields.usesWarpgroups ? llvm::alignTo(width, 64)
                                      : llvm::alignTo(width, 16) + 8);
  };
  int64_t depth = rowBytes(problem.depth), value = rowBytes(problem.value);
  int64_t barriers = fields.usesWarpgroups ? 4 * 8 * fields.stages : 0;
  return fields.rowBlock * depth +
         fields.stages * fields.keyBlock * (depth + value) + barriers;
}

/// Keys of a split: enough work that combining the splits costs little.
static constexpr int64_t kSplitKeys = 1024;

GpuFields SelectGpuSchedulePass::choose(const ProblemSize &problem) {
  bool isDecode = !ShapedType::isDynamic(problem.rows) && problem.rows <= 64;
  bool isWide = std::max(problem.depth, problem.value) > 128;
  GpuFields fields;
  fields.usesWarpgroups =
      kernel.empty() ? target.hasWarpgroups : kernel == "wgmma";
  if (fields.usesWarpgroups) {
    fields.rowBlock = isDecode ? 64 : 128;
    // Copies of rows that are no whole lines take more registers.
    bool inLines = problem.depth % 64 == 0 && problem.value % 64 == 0;
    fields.keyBlock = isWide ? 48 : isDecode || !inLines ? 64 : 128;
  } else {
    fields.rowBlock = isDecode || isWide ? 64 : 128;
    fields.keyBlock = isWide ? 32 : 64;
  }
  fields.stages = isDecode ? 3 : 2;
  bool isLong =
      ShapedType::isDynamic(problem.keys) || problem.keys > kSplitKeys;
  fields.splitKeys = isDecode && isLong ? kSplitKeys : 0;
  if (rowBlock)
    fields.rowBlock = rowBlock;
  if (keyBlock)
    fields.keyBlock = keyBlock;
  if (stages)
    fields.stages = stages;
  auto tooLarge = [&] {
    return getSharedBytes(problem, fields) > target.sharedBytes;
  };
  while (!stages && fields.stages > 2 && tooLarge())
    --fields.stages;
  while (!keyBlock && fields.keyBlock > 16 && tooLarge())
    fields.keyBlock /= 2;
  if (!rowBlock && tooLarge())
    fields.rowBlock = 64;
  if (splitKeys >= 0)
    fields.splitKeys = splitKeys;
  else
    fields.splitKeys =
        llvm::alignTo(fields.splitKeys, std::max<int64_t>(fields.keyBlock, 1));
  return fields;
}

LogicalResult SelectGpuSchedulePass::select(AttentionOp op) {
  std::optional<ProblemSize> problem = ProblemSize::of(op);
  if (!problem || op->hasAttr("mqa.gpu_schedule"))
    return success();
  if (ShapedType::isDynamic(problem->depth) ||
      ShapedType::isDynamic(problem->value))
    return op.emitOpError("expected static depth and value sizes on a GPU, got "
                          "a dynamic one");
  if (kernel == "wgmma" && !target.hasWarpgroups)
    return op.emitOpError("expected sm_90a for kernel \"wgmma\", got ")
           << target.chip;
  GpuFields fields = choose(*problem);
  StringRef name = !kernel.empty()         ? StringRef(kernel)
                   : fields.usesWarpgroups ? "wgmma"
                                           : "mma";
  auto schedule = GpuScheduleAttr::getChecked(
      [&] { return op.emitOpError("cannot take this schedule: "); },
      &getContext(), StringAttr::get(&getContext(), name), fields.rowBlock,
      fields.keyBlock, fields.stages, fields.splitKeys);
  if (!schedule)
    return failure();
  if (int64_t bytes = getSharedBytes(*problem, fields);
      bytes > target.sharedBytes)
    return op.emitOpError("expected tiles in ")
           << target.sharedBytes << " bytes of shared memory on " << target.chip
           << ", got " << bytes;
  op->setAttr("mqa.gpu_schedule", schedule);
  return success();
}
