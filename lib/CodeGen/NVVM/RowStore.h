//===- RowStore.h - fragments of rows to global memory ----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_ROWSTORE_H
#define MQA_LIB_CODEGEN_NVVM_ROWSTORE_H

#include "MmaFragments.h"
#include "OnlineSoftmax.h"

namespace mlir::mqa {

/// Writes the accumulators of a lane's rows, already normalised, to the output
/// of the op; columns beyond the value size and rows that do not exist are not
/// written.
void storeOutput(AttentionKernel &kernel, ArrayRef<Value> acc,
                 ArrayRef<RowPosition> rows);

/// Writes one log-sum-exp per row, from one of the lanes of the row.
void storeLogSumExp(AttentionKernel &kernel, const PerRow &logSumExp,
                    ArrayRef<RowPosition> rows);

/// Writes one element of the output, converted.
void storeElement(AttentionKernel &kernel, Value value, Value pointer);

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_ROWSTORE_H
