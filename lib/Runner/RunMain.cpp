//===- RunMain.cpp - mqa-run as a function ----------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/RunMain.h"
#include "OpenDevice.h"
#include "mlir/IR/MLIRContext.h"
#include "mqa/Compiler/Compiler.h"
#include "mqa/Runner/Arguments.h"
#include "mqa/Runner/Bench.h"
#include "mqa/Runner/Check.h"
#include "mqa/Runner/Invoke.h"
#include "mqa/Runner/LivePairs.h"
#include "mqa/Runner/Npy.h"
#include "mqa/Runtime/ParallelFor.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::mqa;

static llvm::Error checkOutputs(const Entry &entry, const RunOptions &options) {
  if (options.outs.empty() || options.outs.size() == entry.outputs.size())
    return llvm::Error::success();
  return makeError("expected one --out for each of the " +
                   Twine(entry.outputs.size()) + " results of '" + entry.name +
                   "', got " + Twine(options.outs.size()));
}

static llvm::Error writeOutputs(ArrayRef<std::string> paths,
                                const std::vector<Array> &outputs) {
  for (auto [path, output] : llvm::zip(paths, outputs))
    if (path != "-")
      if (llvm::Error error = writeNpy(path, output))
        return error;
  return llvm::Error::success();
}

/// Runs, checks and times; the value is whether all is right.
static llvm::Expected<bool> runEntry(ModuleOp module, const Entry &entry,
                                     const std::vector<Array> &arguments,
                                     const RunOptions &options,
                                     OpenedDevice &opened) {
  auto compiled =
      CompiledEntry::create(module, entry, options.compile,
                            /*rearrange=*/false, opened.device.get());
  if (!compiled)
    return compiled.takeError();
  llvm::Expected<std::vector<Array>> copies =
      copyArguments((*compiled)->getEntry(), arguments);
  if (!copies)
    return copies.takeError();
  Invocation invocation(**compiled, *copies);
  invocation.run();
  if (llvm::Error error = invocation.getStatus())
    return error;
  llvm::Expected<std::vector<Array>> outputs = invocation.getOutputs();
  if (!outputs)
    return outputs.takeError();
  if (llvm::Error error = writeOutputs(options.outs, *outputs))
    return error;
  std::optional<CheckReport> check;
  if (options.check) {
    auto report = checkResults(module, entry, arguments, *outputs,
                               options.compile, options.bench);
    if (!report)
      return report.takeError();
    check = std::move(*report);
    printReport(*check, llvm::outs());
  }
  if (options.bench) {
    auto work = countLiveWork(module, entry, arguments, options.compile);
    if (!work)
      return work.takeError();
    const CheckReport *checked = check ? &*check : nullptr;
    if (!opened.cuda)
      printJSON(timeCalls(invocation, options), *work, entry, checked,
                llvm::outs());
    else if (llvm::Error error = benchOnDevice(*opened.cuda, invocation,
                                               options, *work, entry, checked))
      return error;
  }
  return !check || check->passed();
}

static llvm::Expected<bool> run(RunOptions options) {
  llvm::Expected<OpenedDevice> opened = openDevice(options);
  if (!opened)
    return opened.takeError();
  DialectRegistry registry;
  registerCompiler(registry);
  MLIRContext context(registry);
  auto module = loadModule(options.input, context);
  if (!module)
    return module.takeError();
  auto func = findEntry(**module, options.entry);
  if (!func)
    return func.takeError();
  auto entry = describeEntry(*func);
  if (!entry)
    return entry.takeError();
  if (llvm::Error error = checkOutputs(*entry, options))
    return error;
  auto arguments = makeArguments(*func, *entry, options);
  if (!arguments)
    return arguments.takeError();
  if (options.threads)
    mqa_set_num_threads(int(options.threads));
  return runEntry(**module, *entry, *arguments, options, *opened);
}

/// One line, whatever the message holds.
static int fail(llvm::Error error) {
  std::string message = llvm::toString(std::move(error));
  StringRef text = StringRef(message).trim();
  llvm::errs() << "mqa-run: error: ";
  for (char c : text) {
    if (c == '\n')
      llvm::errs() << "; ";
    else
      llvm::errs() << c;
  }
  llvm::errs() << "\n";
  return 2;
}

int mqa::runMain(int argc, char **argv) {
  auto options =
      parseRunOptions(ArrayRef<const char *>(argv, argc).drop_front());
  if (!options)
    return fail(options.takeError());
  if (options->help) {
    llvm::outs() << getRunHelp();
    return 0;
  }
  llvm::Expected<bool> right = run(*options);
  llvm::outs().flush();
  if (!right)
    return fail(right.takeError());
  return *right ? 0 : 1;
}
