//===- TuneMain.cpp - mqa-tune as a function --------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include "mqa/Compiler/Compiler.h"
#include "mqa/Pipelines/CPUPipeline.h"
#include "mqa/Runner/Arguments.h"
#include "mqa/Runtime/ParallelFor.h"
#include "mqa/Tuner/Search.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace mlir::mqa;

/// The different problems that the compiler will see in the function `name`.
static llvm::Expected<std::vector<ProblemSize>> findProblems(ModuleOp module,
                                                             StringRef name) {
  OwningOpRef<ModuleOp> copy = module.clone();
  PassManager passes(module.getContext());
  buildEntryPipeline(passes);
  std::string message;
  ScopedDiagnosticHandler handler(module.getContext(), [&](Diagnostic &found) {
    if (message.empty())
      message = found.str();
    return success();
  });
  if (failed(passes.run(*copy)))
    return makeError("expected a function that can be compiled: " + message);
  std::vector<ProblemSize> problems;
  auto func = copy->lookupSymbol<func::FuncOp>(name);
  func.walk([&](Operation *op) {
    std::optional<ProblemSize> problem = ProblemSize::of(op);
    if (problem && !op->hasAttr("schedule") &&
        !llvm::is_contained(problems, *problem))
      problems.push_back(*problem);
  });
  if (problems.empty())
    return makeError("expected an attention without a schedule in '" + name +
                     "', got none");
  return problems;
}

/// The cache that is there already; an empty one without a file.
static llvm::Expected<ScheduleCache> readCache(StringRef path) {
  if (path.empty() || !llvm::sys::fs::exists(path))
    return ScheduleCache();
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (std::error_code error = file.getError())
    return makeError("expected a readable schedule cache, got '" + path +
                     "': " + error.message());
  std::vector<CacheMessage> remarks;
  auto parsed = parseScheduleCache((*file)->getBuffer(), remarks);
  auto *error = std::get_if<CacheMessage>(&parsed);
  // Writing would lose what this version does not know.
  if (!error && !remarks.empty())
    error = &remarks.front();
  if (error)
    return makeError(path + ":" + Twine(error->line) + ":" +
                     Twine(error->column) + ": " + error->text);
  return std::move(std::get<ScheduleCache>(parsed));
}

/// The pins in the text of --schedule, which is known to be well-formed.
static ScheduleFields parsePins(StringRef text) {
  ScheduleFields pins;
  SmallVector<StringRef> items;
  llvm::SplitString(text, items, ", ");
  for (StringRef item : items)
    for (const ScheduleField &field : getScheduleFields()) {
      int64_t value = 0;
      bool opensAtZero =
          field.name != "edge_block" && field.name != "split_keys";
      if (item.split('=').first == field.getOptionName() &&
          !item.split('=').second.getAsInteger(10, value) &&
          value >= (opensAtZero ? 1 : 0))
        pins.*field.member = value;
    }
  return pins;
}

static void printTable(ArrayRef<SearchResult> results, const Search &search,
                       int64_t top, llvm::raw_ostream &os) {
  double byModel = llvm::find_if(results, [](const SearchResult &result) {
                     return result.isDefault;
                   })->seconds;
  os << "       time  of model         schedule\n";
  for (auto [i, result] : llvm::enumerate(results)) {
    if (int64_t(i) >= top && !result.isDefault)
      continue;
    os << llvm::format("%8.3f ms  %7.1f%%  %s  ", result.seconds * 1e3,
                       result.seconds / byModel * 100,
                       result.isFinalist ? "final" : "trial")
       << result.schedule.print() << (result.isDefault ? "  (cost model)" : "")
       << "\n";
  }
  os << results.size() << " candidates";
  if (search.refused)
    os << ", and " << search.refused
       << " that were refused, the first of them\n  " << search.refusal;
  os << "\n";
}

/// The sizes that a search was made with, as --dims has them.
static std::string printDims(const RunOptions &options) {
  std::string text;
  for (const auto &[name, size] : options.dims)
    text += (text.empty() ? "" : ",") + name + "=" + std::to_string(size);
  return text;
}

/// Searches for every problem of the function, and adds to `cache`.
static llvm::Error searchAll(ModuleOp module, const Entry &entry,
                             std::vector<Array> &arguments,
                             const TuneOptions &options, ScheduleCache &cache) {
  auto problems = findProblems(module, entry.name);
  if (!problems)
    return problems.takeError();
  auto target = TargetDescription::get(options.run.compile.cpu);
  if (!target)
    return target.takeError();
  Stopwatch stopwatch(module, entry, options.run.compile, arguments);
  for (const ProblemSize &problem : *problems) {
    CandidateSpace space{*target, problem,
                         parsePins(options.run.compile.schedule),
                         options.fields};
    Search search(space, stopwatch, options, cache);
    auto results = search.run();
    if (!results)
      return results.takeError();
    llvm::outs() << problem.print() << " on " << target->cpu << ", "
                 << mqa_get_num_threads() << " threads\n";
    printTable(*results, search, options.top, llvm::outs());
    ScheduleCacheEntry found;
    found.cpu = target->cpu;
    found.problem = problem;
    found.schedule = results->front().schedule;
    found.seconds = results->front().seconds;
    found.threads = mqa_get_num_threads();
    found.dims = printDims(options.run);
    cache.add(std::move(found));
  }
  return llvm::Error::success();
}

static llvm::Error tune(const TuneOptions &options) {
  const std::string &path = options.run.compile.scheduleCache;
  auto cache = readCache(path);
  if (!cache)
    return cache.takeError();
  DialectRegistry registry;
  registerCompiler(registry);
  MLIRContext context(registry);
  auto module = loadModule(options.run.input, context);
  if (!module)
    return module.takeError();
  auto func = findEntry(**module, options.run.entry);
  if (!func)
    return func.takeError();
  auto entry = describeEntry(*func);
  if (!entry)
    return entry.takeError();
  auto arguments = makeArguments(*func, *entry, options.run);
  if (!arguments)
    return arguments.takeError();
  if (options.run.threads)
    mqa_set_num_threads(int(options.run.threads));
  if (llvm::Error error =
          searchAll(**module, *entry, *arguments, options, *cache))
    return error;
  if (path.empty())
    return llvm::Error::success();
  std::string text;
  llvm::raw_string_ostream os(text);
  cache->print(os);
  if (llvm::Error error = writeOutput(path, text))
    return error;
  llvm::outs() << "wrote " << path << "\n";
  return llvm::Error::success();
}

int mqa::tuneMain(int argc, char **argv) {
  auto options =
      parseTuneOptions(ArrayRef<const char *>(argv, argc).drop_front());
  llvm::Error error = options ? llvm::Error::success() : options.takeError();
  if (!error && options->run.help)
    llvm::outs() << getTuneHelp();
  else if (!error)
    error = tune(*options);
  llvm::outs().flush();
  if (!error)
    return 0;
  std::string message = llvm::toString(std::move(error));
  std::replace(message.begin(), message.end(), '\n', ';');
  llvm::errs() << "mqa-tune: error: " << message << "\n";
  return 2;
}
