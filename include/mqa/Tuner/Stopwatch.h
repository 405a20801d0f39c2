//===- Stopwatch.h - times candidates on this machine -----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_TUNER_STOPWATCH_H
#define MQA_TUNER_STOPWATCH_H

#include "mqa/Runner/Invoke.h"
#include "mqa/Schedule/ScheduleCache.h"

namespace mlir::mqa {

/// A compiled candidate with the best time of its calls.
class TimedCall {
public:
  TimedCall(std::unique_ptr<CompiledEntry> code, std::vector<Array> &arguments)
      : code(std::move(code)), invocation(*this->code, arguments) {}

  /// Calls for about `seconds`, at least twice.
  void run(double seconds);
  double getSeconds() const { return best; }
  /// Forgets the time.
  void restart() { best = std::numeric_limits<double>::infinity(); }

private:
  std::unique_ptr<CompiledEntry> code;
  Invocation invocation;
  double best = std::numeric_limits<double>::infinity();
};

/// Compiles and runs one function of a module with schedules of one's choice.
class Stopwatch {
public:
  /// All must outlive it.
  Stopwatch(ModuleOp module, const Entry &entry, const CompileOptions &options,
            std::vector<Array> &arguments)
      : module(module), entry(entry), options(options), arguments(arguments) {}

  /// Compiles with the schedules of `cache`, which go the way of a file that
  /// the user gives.
  llvm::Expected<std::unique_ptr<TimedCall>>
  compile(const ScheduleCache &cache);

private:
  ModuleOp module;
  const Entry &entry;
  const CompileOptions &options;
  std::vector<Array> &arguments;
};

} // namespace mlir::mqa

#endif // MQA_TUNER_STOPWATCH_H
