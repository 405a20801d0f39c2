//===- RunOptions.cpp - the command line of mqa-run -------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/RunOptions.h"
#include "mqa/Runner/Array.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/Twine.h"

using namespace mlir;
using namespace mlir::mqa;

static const char *const help =
    R"(OVERVIEW: compiles a function of an MLIR module and runs it

USAGE: mqa-run IN.mlir [options]        ("-" reads standard input)

INPUT
  --entry=NAME      the function; may be left out if only one is public
  --arg=VALUE       one for each argument, in order: a .npy file for a tensor or
                    memref, a literal for a scalar (5, -1, 0.5, true), or "-" for
                    an argument that is not given. Trailing ones may be left out.
                    Destinations (arguments that a result is written into) that
                    are not given are zeros.
  --random=SEED     makes the other tensors that are not given: floats of mean 0
                    and deviation 1, integers from 0 to 7, i1 by a fair coin
  --dims=NAME=N,... sizes of dynamic dimensions of what is not given. NAME is
                      argA.J  dimension J of argument A
                      dI      dimension I of the iteration space of the first
                              attention in the function, or by its role there:
                      m n d e the last row, key, depth, value dimension
                      b       the first batch dimension
                      h       of the other batch and row dimensions, the dynamic
                              one
                    A size holds for every dimension that must be equal to it.
  .npy files: versions 1 to 3, little-endian, C or Fortran order; |b1 for i1,
  <f2 for f16, <V2 (as ml_dtypes) or <u2 for bf16, <i8 for index.

OUTPUT
  --out=FILE.npy    one for each result, in order, or none; "-" skips a result.
                    Memref arguments that the function writes count as results,
                    after its own.
  --check           compares with the f64 reference; one line for each result:
                    error, error of the unfused computation, the error allowed
                    (2 x unfused + atol x max(1, max |reference|), where atol is
                    1e-6 for f32, 1e-3 for f16, 1e-2 for bf16), PASS or FAIL
  --bench=json      times the function; prints one line, a JSON object, last

HOW
  --threads=N       threads of the compiled code (default: MQA_NUM_THREADS, else
                    every CPU)
  --cpu=NAME        host (default), x86-64-v3, x86-64-v4, znver3, ...
  --target=NAME     cpu (default), or an NVIDIA GPU (sm_80, sm_86, sm_90a, ...),
                    whose kernels need --interpret here; cuda: the CUDA device
                    of this machine, with whatever chip it has
  --interpret[=SEED]  executes the kernels of a GPU target in an interpreter of
                    PTX, which also finds races, reads of what was never
                    written and the like. SEED orders what may happen in any
                    order. About 20000 scores per second and CPU: small shapes
  --schedule=TEXT   pins parts of the schedule: row-block=32,key-block=64
  --schedule-cache=FILE  schedules that mqa-tune has found, for what is not pinned
  --reference[=f64] runs the unfused reference lowering instead of the fused one;
                    with =f64 every float of module, inputs and outputs is f64
  --repeats=N       timed runs (default: about a second, 5 to 100)
  --warmup=N        runs before them (default: 1)
  --help            prints this

EXIT STATUS: 0 done and, if asked, right; 1 wrong; 2 bad input, with one line on
standard error that says what was expected and what was found.
)";

namespace {

/// Walks over the command line; `--name=value` and `--name value` are the same.
class CommandLine {
public:
  explicit CommandLine(ArrayRef<const char *> arguments) : rest(arguments) {}

  llvm::Error parse(RunOptions &options) {
    while (!rest.empty())
      if (llvm::Error error = parseOne(options))
        return error;
    return llvm::Error::success();
  }

private:
  llvm::Error parseOne(RunOptions &options) {
    StringRef token = rest.front();
    rest = rest.drop_front();
    if (token == "-" || !token.starts_with("-"))
      return parseInput(token, options);
    StringRef name;
    std::tie(name, value) = token.ltrim('-').split('=');
    hasValue = token.contains('=');
    if (name == "help" || name == "h")
      return setFlag(name, options.help);
    if (name == "check")
      return setFlag(name, options.check);
    if (name == "interpret")
      return parseInterpret(options);
    if (name == "reference")
      return parseReference(options);
    if (!hasValue && rest.empty())
      return makeError(isKnown(name)
                           ? "expected a value for --" + name + ", got none"
                           : unknown(token));
    if (!isKnown(name))
      return makeError(unknown(token));
    if (!hasValue) {
      value = rest.front();
      rest = rest.drop_front();
    }
    return parseValue(name, options);
  }

  static bool isKnown(StringRef name) {
    return llvm::is_contained({"entry", "arg", "out", "random", "dims",
                               "threads", "cpu", "schedule", "schedule-cache",
                               "bench", "repeats", "warmup", "target"},
                              name);
  }
  static std::string unknown(StringRef token) {
    return ("expected an option that --help names, got '" + token + "'").str();
  }

  llvm::Error parseInput(StringRef token, RunOptions &options) {
    if (!options.input.empty())
      return makeError("expected one input file, got '" + options.input +
                       "' and '" + token + "'");
    options.input = token.str();
    return llvm::Error::success();
  }

  llvm::Error setFlag(StringRef name, bool &flag) {
    if (hasValue)
      return makeError("expected no value for --" + name + ", got '" + value +
                       "'");
    flag = true;
    return llvm::Error::success();
  }

  llvm::Error parseReference(RunOptions &options) {
    if (hasValue && value != "f64")
      return makeError("expected --reference or --reference=f64, got "
                       "--reference=" +
                       value);
    options.compile.lowering =
        hasValue ? Lowering::Oracle : Lowering::Reference;
    return llvm::Error::success();
  }

  llvm::Error parseInterpret(RunOptions &options) {
    uint64_t seed = 0;
    if (hasValue && value.getAsInteger(10, seed))
      return makeError("expected a number for --interpret, got '" + value +
                       "'");
    options.interpret = seed;
    return llvm::Error::success();
  }

  template <typename T>
  llvm::Error parseCount(StringRef name, int64_t least, T &count) {
    int64_t parsed = 0;
    if (value.getAsInteger(10, parsed) || parsed < least || parsed > 1000000)
      return makeError("expected a number from " + Twine(least) +
                       " to 1000000 for --" + name + ", got '" + value + "'");
    count = parsed;
    return llvm::Error::success();
  }

  llvm::Error parseDims(RunOptions &options) {
    SmallVector<StringRef> entries;
    value.split(entries, ',');
    for (StringRef entry : entries) {
      auto [name, text] = entry.rsplit('=');
      int64_t size = 0;
      if (name.empty() || text.getAsInteger(10, size) || size < 0)
        return makeError("expected NAME=SIZE in --dims, got '" + entry + "'");
      options.dims.emplace_back(name.str(), size);
    }
    return llvm::Error::success();
  }

  llvm::Error parseValue(StringRef name, RunOptions &options) {
    if (name == "threads")
      return parseCount(name, 1, options.threads);
    if (name == "repeats")
      return parseCount(name, 1, options.repeats);
    if (name == "warmup")
      return parseCount(name, 0, options.warmup);
    if (name == "dims")
      return parseDims(options);
    if (name == "random") {
      uint64_t seed = 0;
      if (value.getAsInteger(10, seed))
        return makeError("expected a number for --random, got '" + value + "'");
      options.random = seed;
    } else if (name == "bench") {
      if (value != "json")
        return makeError("expected --bench=json, got --bench=" + value);
      options.bench = true;
    } else if (name == "arg") {
      options.args.push_back(value.str());
    } else if (name == "out") {
      options.outs.push_back(value.str());
    } else if (name == "entry") {
      options.entry = value.str();
    } else if (name == "cpu") {
      options.compile.cpu = value.str();
    } else if (name == "target") {
      options.onCuda = value == "cuda";
      // The device will say which chip it has.
      options.compile.target = options.onCuda ? "sm_80" : value.str();
    } else if (name == "schedule-cache") {
      options.compile.scheduleCache = value.str();
    } else {
      options.compile.schedule = value.str();
    }
    return llvm::Error::success();
  }

  ArrayRef<const char *> rest;
  StringRef value;
  bool hasValue = false;
};

} // namespace

llvm::Expected<RunOptions>
mqa::parseRunOptions(ArrayRef<const char *> arguments) {
  RunOptions options;
  if (llvm::Error error = CommandLine(arguments).parse(options))
    return error;
  if (options.help)
    return options;
  if (options.input.empty())
    return makeError("expected an input file, got none; see --help");
  if (options.check && options.compile.lowering != Lowering::Fused)
    return makeError("expected --check without --reference, got both");
  if (llvm::Error error = checkOptions(options.compile))
    return error;
  bool isCuda = options.onCuda && options.compile.isGpu();
  if (isCuda && !options.interpret)
    return options;
  if (isCuda || options.compile.isGpu() != options.interpret.has_value())
    return makeError(options.interpret
                         ? "expected a chip as --target (sm_80, sm_90a, ...) "
                           "for --interpret, got '" +
                               Twine(isCuda ? "cuda" : options.compile.target) +
                               "'"
                         : "expected --interpret to run code for " +
                               Twine(options.compile.target) +
                               " on this machine, got no such option");
  if (options.interpret && options.bench)
    return makeError("expected no --bench with --interpret, which has no "
                     "notion of time, got both");
  return options;
}

StringRef mqa::getRunHelp() { return help; }
