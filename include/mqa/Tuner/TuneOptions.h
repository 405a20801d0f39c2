//===- TuneOptions.h - the command line of mqa-tune -------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_TUNER_TUNEOPTIONS_H
#define MQA_TUNER_TUNEOPTIONS_H

#include "mqa/Runner/RunOptions.h"
#include "mqa/Schedule/ScheduleFields.h"

namespace mlir::mqa {

/// What mqa-tune is asked to do.
struct TuneOptions {
  /// The function and its arguments, as mqa-run takes them; the schedule cache
  /// is the file to read and to write.
  RunOptions run;
  /// Fields to search; the others stay as the cost model has them, but for what
  /// has to fit. Empty: all.
  std::vector<std::string> fields;
  /// Every combination, and not one field after the other.
  bool exhaustive = false;
  /// When to stop trying; 0: never.
  int64_t seconds = 0;
  /// Lines of the table.
  int64_t top = 10;
};

/// Parses the command line, without the name of the program.
llvm::Expected<TuneOptions>
parseTuneOptions(llvm::ArrayRef<const char *> arguments);

/// What --help prints.
llvm::StringRef getTuneHelp();

/// The whole of mqa-tune; returns its exit status: 0 done, 2 bad input.
int tuneMain(int argc, char **argv);

} // namespace mlir::mqa

#endif // MQA_TUNER_TUNEOPTIONS_H
