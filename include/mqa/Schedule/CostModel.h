//===- CostModel.h - tile sizes for a target --------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_SCHEDULE_COSTMODEL_H
#define MQA_SCHEDULE_COSTMODEL_H

#include "mqa/Dialect/MQA/IR/MQA.h"
#include "mqa/Schedule/TargetDescription.h"

namespace mlir::mqa {

/// The sizes of one attention that tile sizes depend on, in elements;
/// `ShapedType::kDynamic` where unknown.
struct ProblemSize {
  int64_t rows;  ///< Product of the row dimensions.
  int64_t keys;  ///< The innermost key dimension.
  int64_t depth; ///< Product of the depth dimensions.
  int64_t value; ///< Product of the value dimensions.
};

/// Reads the sizes off a valid attention.
ProblemSize getProblemSize(Operation *op, const AttentionShape &shape,
                           ArrayRef<AffineMap> maps);

/// Tile sizes for `problem` on `target`.
ScheduleAttr chooseSchedule(MLIRContext *context,
                            const TargetDescription &target,
                            const ProblemSize &problem);

} // namespace mlir::mqa

#endif // MQA_SCHEDULE_COSTMODEL_H
