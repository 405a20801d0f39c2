//===- Thunk.h - a call with arguments from memory --------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_RUNNER_THUNK_H
#define MQA_LIB_RUNNER_THUNK_H

#include "mqa/Runner/Entry.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"

namespace mlir::mqa {

/// True if the results come back through a pointer, the first argument: MLIR's
/// C interface does so for anything but a single scalar.
bool returnsThroughPointer(const Entry &entry);

/// Compiles `void thunk(void *function, void **slots)`, which loads the
/// arguments of `entry`'s C interface from the slots (first the result pointer,
/// if there is one), calls, and stores a scalar result to the last slot.
llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>>
compileThunk(const Entry &entry);

} // namespace mlir::mqa

#endif // MQA_LIB_RUNNER_THUNK_H
