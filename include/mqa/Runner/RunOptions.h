//===- RunOptions.h - the command line of mqa-run ---------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_RUNNER_RUNOPTIONS_H
#define MQA_RUNNER_RUNOPTIONS_H

#include "mqa/Compiler/CompileOptions.h"
#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mlir::mqa {

/// What mqa-run is asked to do.
struct RunOptions {
  std::string input;
  /// Empty: the one public function of the module.
  std::string entry;
  /// One for each argument of the function; "-" is not given.
  std::vector<std::string> args;
  /// One for each result; "-" is not wanted.
  std::vector<std::string> outs;
  /// Sizes of dynamic dimensions, by name.
  std::vector<std::pair<std::string, int64_t>> dims;
  std::optional<uint64_t> random;
  CompileOptions compile;
  /// Run on a CUDA device, for which the code is compiled.
  bool onCuda = false;
  /// Interpret the kernels of a GPU target, with this seed.
  std::optional<uint64_t> interpret;
  bool check = false;
  bool bench = false;
  /// 0: what the environment says.
  int64_t threads = 0;
  /// Timed runs, and runs before them; -1: as many as a second or so holds.
  int64_t repeats = -1;
  int64_t warmup = 1;
  bool help = false;
};

/// Parses the command line, without the name of the program.
llvm::Expected<RunOptions>
parseRunOptions(llvm::ArrayRef<const char *> arguments);

/// What --help prints.
llvm::StringRef getRunHelp();

} // namespace mlir::mqa

#endif // MQA_RUNNER_RUNOPTIONS_H
