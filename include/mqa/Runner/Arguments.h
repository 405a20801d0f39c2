//===- Arguments.h - the arguments of one call ------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_RUNNER_ARGUMENTS_H
#define MQA_RUNNER_ARGUMENTS_H

#include "mqa/Runner/Entry.h"
#include "mqa/Runner/RunOptions.h"

namespace mlir::mqa {

/// The arguments that `options` give to `entry`, which describes `func`: read
/// from files, parsed, made up, or zeros. Scalars are arrays of rank 0.
llvm::Expected<std::vector<Array>>
makeArguments(func::FuncOp func, const Entry &entry, const RunOptions &options);

/// Parses a scalar.
llvm::Expected<Array> parseLiteral(llvm::StringRef text, ElementKind kind);

/// Fills an array from a seed; each argument has a sequence of its own.
void fillRandom(Array &array, uint64_t seed, unsigned argument);

/// Copies the arguments, in `entry`'s types.
llvm::Expected<std::vector<Array>>
copyArguments(const Entry &entry, const std::vector<Array> &arguments);

} // namespace mlir::mqa

#endif // MQA_RUNNER_ARGUMENTS_H
