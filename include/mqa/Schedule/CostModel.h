//===- CostModel.h - tile sizes for a target --------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_SCHEDULE_COSTMODEL_H
#define MQA_SCHEDULE_COSTMODEL_H

#include "mqa/Schedule/ProblemSize.h"
#include "mqa/Schedule/ScheduleFields.h"
#include "mqa/Schedule/TargetDescription.h"

namespace mlir::mqa {

/// `tile` broadcast elements times `vectors` vectors of lanes: the accumulators
/// of an innermost loop.
struct RegisterTile {
  int64_t tile, vectors;

  /// Vector registers that the loop needs on `target`.
  int64_t countRegisters(const TargetDescription &target) const;
  /// Loads for each multiply-add of a vector.
  double countLoads(const TargetDescription &target) const;
  /// Cycles of one reduction step for each multiply-add of a vector, on a core
  /// with two multiply-add and two load pipes: 0.5 at best.
  double estimateCycles(const TargetDescription &target) const;
};

/// The best register tile for `rows` rows, or for any number if that is
/// `ShapedType::kDynamic`.
RegisterTile chooseRegisterTile(const TargetDescription &target, int64_t rows);

/// Tile sizes for `problem` on `target`; no field is open.
ScheduleFields chooseSchedule(const TargetDescription &target,
                              const ProblemSize &problem);

} // namespace mlir::mqa

#endif // MQA_SCHEDULE_COSTMODEL_H
