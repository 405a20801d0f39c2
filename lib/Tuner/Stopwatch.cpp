//===- Stopwatch.cpp - times candidates on this machine ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Tuner/Stopwatch.h"
#include "mqa/Compiler/Compiler.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include <chrono>

using namespace mlir;
using namespace mlir::mqa;

static double now() {
  std::chrono::duration<double> time =
      std::chrono::steady_clock::now().time_since_epoch();
  return time.count();
}

void TimedCall::run(double seconds) {
  invocation.run(); // Pages, caches, the threads of the pool.
  double end = now() + seconds;
  int calls = 0;
  for (double begin = now(); calls < 2 || begin < end; begin = now()) {
    invocation.release();
    double start = now();
    invocation.call();
    best = std::min(best, now() - start);
    ++calls;
  }
}

llvm::Expected<std::unique_ptr<TimedCall>>
Stopwatch::compile(const ScheduleCache &cache) {
  llvm::SmallString<128> path;
  if (std::error_code error =
          llvm::sys::fs::createTemporaryFile("mqa-tune", "json", path))
    return llvm::createStringError("expected a temporary directory: " +
                                   error.message());
  llvm::FileRemover remover(path);
  std::string text;
  llvm::raw_string_ostream os(text);
  cache.print(os);
  if (llvm::Error error = writeOutput(path, text))
    return error;
  CompileOptions withCache = options;
  withCache.scheduleCache = path.str().str();
  auto code = CompiledEntry::create(module, entry, withCache);
  if (!code)
    return code.takeError();
  return std::make_unique<TimedCall>(std::move(*code), arguments);
}
