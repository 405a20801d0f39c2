//===- TuneOptions.cpp - the command line of mqa-tune -----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Tuner/TuneOptions.h"
#include "mqa/Runner/Array.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

using namespace mlir;
using namespace mlir::mqa;

static const char *const help =
    R"(OVERVIEW: searches for the best schedules of a function on this machine

USAGE: mqa-tune IN.mlir [options]       ("-" reads standard input)

Compiles the function with one candidate schedule after the other and times it.
The best of them are timed again, in turns with what the cost model chooses, and
printed; with --schedule-cache the winner is kept for mqa-compile, mqa-run and
mqa-opt, which take the same option. An entry holds for a CPU, element types,
static sizes and kind of mask: tune at sizes that matter.

SEARCH
  --schedule-cache=FILE  adds what was found to FILE, or makes it
  --fields=NAME,...      searches these fields only: row-block, row-panel,
                         key-block, key-tile, value-tile, depth-step, edge-block,
                         split-keys, lane-depth
  --schedule=TEXT        pins fields, as for mqa-run
  --exhaustive           every combination; without it, one field after the other
                         from what the cost model chooses
  --seconds=N            no new candidates after N seconds
  --top=N                lines of the table (default: 10)

FUNCTION AND ARGUMENTS, as for mqa-run
  --entry=NAME --arg=VALUE --random=SEED --dims=NAME=N,... --threads=N --cpu=NAME
  --help                 prints this

EXIT STATUS: 0 done; 2 bad input, with one line on standard error that says what
was expected and what was found.
)";

namespace {

/// Takes our options out of the command line; the rest is mqa-run's.
class OptionFilter {
public:
  explicit OptionFilter(TuneOptions &options) : options(options) {}

  llvm::Error take(StringRef token) {
    auto [name, value] = token.ltrim('-').split('=');
    if (!token.starts_with("-")) {
      rest.push_back(token.data());
      return llvm::Error::success();
    }
    if (name == "exhaustive" && !token.contains('=')) {
      options.exhaustive = true;
      return llvm::Error::success();
    }
    if (name == "seconds")
      return parseCount(name, value, options.seconds);
    if (name == "top")
      return parseCount(name, value, options.top);
    if (name == "fields")
      return parseFields(value);
    // mqa-run has these for what it does with the results.
    if (llvm::is_contained(
            {"out", "check", "bench", "reference", "repeats", "warmup"}, name))
      return makeError("expected an option that --help names, got '" + token +
                       "'");
    rest.push_back(token.data());
    return llvm::Error::success();
  }

  SmallVector<const char *> rest;

private:
  static llvm::Error parseCount(StringRef name, StringRef value,
                                int64_t &count) {
    if (!value.getAsInteger(10, count) && count > 0 && count <= 1000000)
      return llvm::Error::success();
    return makeError("expected --" + name + "=N, a number from 1 to 1000000, " +
                     "got '" + value + "'");
  }

  llvm::Error parseFields(StringRef value) {
    SmallVector<StringRef> names;
    value.split(names, ',');
    for (StringRef name : names) {
      if (llvm::none_of(getScheduleFields(), [&](const ScheduleField &field) {
            return field.getOptionName() == name;
          }))
        return makeError("expected fields of the schedule (row-block, "
                         "key-block, ...) in --fields, got '" +
                         name + "'");
      options.fields.push_back(name.str());
    }
    return llvm::Error::success();
  }

  TuneOptions &options;
};

} // namespace

llvm::Expected<TuneOptions>
mqa::parseTuneOptions(ArrayRef<const char *> arguments) {
  TuneOptions options;
  OptionFilter filter(options);
  for (const char *argument : arguments)
    if (llvm::Error error = filter.take(argument))
      return error;
  auto run = parseRunOptions(filter.rest);
  if (!run)
    return run.takeError();
  options.run = std::move(*run);
  return options;
}

StringRef mqa::getTuneHelp() { return help; }
