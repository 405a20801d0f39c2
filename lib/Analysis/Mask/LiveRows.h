//===- LiveRows.h - whether every row has a live key ------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_ANALYSIS_MASK_LIVEROWS_H
#define MQA_LIB_ANALYSIS_MASK_LIVEROWS_H

#include "BoxQuery.h"

namespace mlir::mqa::mask {

/// An i1: only true if every row of the box has a live key. The query must
/// assume that there is some key; that is checked here. Tries witnesses: a key
/// for every row at once, as a function of the row.
OpFoldResult emitEveryRowLive(BoxQuery &query);

} // namespace mlir::mqa::mask

#endif // MQA_LIB_ANALYSIS_MASK_LIVEROWS_H
