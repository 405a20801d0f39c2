//===- MQAAttrs.cpp - attributes of the mqa dialect -------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Dialect/MQA/IR/MQA.h"

using namespace mlir;
using namespace mlir::mqa;

LogicalResult ScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   int64_t rowBlock, int64_t rowPanel,
                                   int64_t keyBlock, int64_t keyTile,
                                   int64_t valueTile, int64_t depthStep,
                                   int64_t edgeBlock, int64_t splitKeys,
                                   int64_t laneDepth) {
  // SCHEDULE_C1: positive sizes; 0 leaves edge blocks and splits out.
  struct Size {
    StringRef name;
    int64_t value, least;
  };
  const Size sizes[] = {
      {"row_block", rowBlock, 1},   {"row_panel", rowPanel, 1},
      {"key_block", keyBlock, 1},   {"key_tile", keyTile, 1},
      {"value_tile", valueTile, 1}, {"depth_step", depthStep, 1},
      {"edge_block", edgeBlock, 0}, {"split_keys", splitKeys, 0},
      {"lane_depth", laneDepth, 1}};
  for (const Size &size : sizes)
    if (size.value < size.least)
      return emitError() << "expected a "
                         << (size.least ? "positive " : "non-negative ")
                         << size.name << ", got " << size.value;
  // SCHEDULE_C2: whole panels. SCHEDULE_C3: whole tiles. SCHEDULE_C4: whole
  // steps of the output product, whose reduction is over the key block.
  // SCHEDULE_C5: so for edge blocks. SCHEDULE_C6: whole edge blocks in a key
  // block. SCHEDULE_C7: whole key blocks in a split.
  struct Multiple {
    StringRef name;
    int64_t value;
    StringRef ofName;
    int64_t of;
  };
  SmallVector<Multiple> multiples{
      {"row_block", rowBlock, "row_panel", rowPanel},
      {"key_block", keyBlock, "key_tile", keyTile},
      {"key_block", keyBlock, "depth_step", depthStep},
      {"edge_block", edgeBlock, "key_tile", keyTile},
      {"edge_block", edgeBlock, "depth_step", depthStep},
      {"split_keys", splitKeys, "key_block", keyBlock}};
  if (edgeBlock)
    multiples.push_back({"key_block", keyBlock, "edge_block", edgeBlock});
  for (const Multiple &multiple : multiples)
    if (multiple.value % multiple.of)
      return emitError() << "expected " << multiple.name
                         << " to be a multiple of " << multiple.ofName
                         << ", got " << multiple.value << " and "
                         << multiple.of;
  return success();
}

LogicalResult
GpuScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                        StringAttr kernel, int64_t rowBlock, int64_t keyBlock,
                        int64_t stages, int64_t splitKeys) {
  // GPU_SCHEDULE_C1: a kernel that exists.
  if (kernel != "mma" && kernel != "wgmma")
    return emitError() << "expected kernel \"mma\" or \"wgmma\", got "
                       << kernel;
  // GPU_SCHEDULE_C2: four or eight warps of 16 rows, or one or two
  // warpgroups.
  if (rowBlock != 64 && rowBlock != 128)
    return emitError() << "expected row_block of 64 or 128, got " << rowBlock;
  // GPU_SCHEDULE_C3: whole matrix instructions; scores fit in registers.
  if (keyBlock < 16 || keyBlock > 128 || keyBlock % 16)
    return emitError() << "expected key_block to be a multiple of 16 of at "
                          "most 128, got "
                       << keyBlock;
  // GPU_SCHEDULE_C4: a ring.
  if (stages < 2 || stages > 4)
    return emitError() << "expected 2 to 4 stages, got " << stages;
  // GPU_SCHEDULE_C5: whole key blocks in a split.
  if (splitKeys < 0 || splitKeys % keyBlock)
    return emitError() << "expected split_keys to be a non-negative multiple "
                          "of key_block, got "
                       << splitKeys << " and " << keyBlock;
  return success();
}
