//===- MaskSummary.h - what is known of a mask in words ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_ANALYSIS_MASK_MASKSUMMARY_H
#define MQA_LIB_ANALYSIS_MASK_MASKSUMMARY_H

#include "MaskModel.h"

namespace mlir::mqa::mask {

/// Dimensions that the mask depends on: what is left in the formula or, if that
/// is only true under a guard, what the region reads.
SmallVector<bool> getDependsOn(MaskModel &model, const Formula &formula,
                               const Guards &guards);

/// What `guards` bounds, in words.
SmallVector<std::string> describeGuards(MaskModel &model, const Guards &guards);

/// Who is to blame that the ranges do not say everything.
SmallVector<std::pair<Location, std::string>>
getRemarks(MaskModel &model, const Formula &formula);

} // namespace mlir::mqa::mask

#endif // MQA_LIB_ANALYSIS_MASK_MASKSUMMARY_H
