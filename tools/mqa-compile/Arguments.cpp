//===- Arguments.cpp - the command line of mqa-compile ----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Not llvm::cl: the LLVM library brings hundreds of options of its own, and its
// messages are not ours.
//
//===----------------------------------------------------------------------===//

#include "Arguments.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir::mqa;
using llvm::StringRef;

StringRef mlir::mqa::getHelpText() {
  return R"(usage: mqa-compile <in.mlir> [options] -o <file>

Compiles an MLIR module with attention into machine code. Each public func.func
@f becomes the C function _mlir_ciface_f; '-' reads standard input.

  -o <file>             what to write, by its ending:
                          .o   object file     .so  shared library
                          .s   assembly        .ll  LLVM IR
                          .ptx PTX             .cubin  (ptxas must be on PATH)
  --emit-header=<file>  write the C and C++ header of the compiled functions;
                        works without -o too
  --target=<name>       what to compile for: cpu (default), or an NVIDIA GPU:
                        sm_80, sm_86, sm_87, sm_89, sm_90, sm_90a, sm_100, ...
                        A function then takes buffers in device memory and a
                        stream, and returns 0 or an error (--emit-header)
  --cpu=<name>          host (default: this machine with all its features), or
                        a name as clang -march= takes it: x86-64-v3,
                        x86-64-v4, znver4, sapphirerapids, ...; aarch64, or a
                        name as clang -mcpu= takes it for it: neoverse-v1, ...
                        (objects of another architecture need --no-runtime)
  --schedule=<fields>   pin parts of the schedule: name=value[,name=value...]
                        with the options of mqa-to-cpu-pipeline (of
                        mqa-to-nvvm-pipeline for a GPU)
  --schedule-cache=<file>  schedules that mqa-tune has found, for what is not
                        pinned
  --no-runtime          leave mqa_parallel_for undefined (of a GPU target: the
                        functions mqa_cuda_...): the program that links the file
                        defines it. Without this option the file holds it as a
                        weak symbol, which a definition in the program replaces
  --reference           the unfused computation, for comparison
  -O0 -O1 -O2 -O3       LLVM's optimisation level (default: -O3)
  --help, --version     print this text; the version

Exit status: 0 done; 2 not done, with one line that says what was expected and
what was found.
)";
}

/// Sets the option `name`, which takes no value. False: there is none such.
static bool setFlag(Arguments &result, StringRef name) {
  if (name == "no-runtime")
    result.withRuntime = false;
  else if (name == "reference")
    result.options.lowering = Lowering::Reference;
  else if (name == "help" || name == "h")
    result.help = true;
  else if (name == "version")
    result.version = true;
  else if (name.size() == 2 && name[0] == 'O' && name[1] >= '0' &&
           name[1] <= '3')
    result.options.optLevel = name[1] - '0';
  else
    return false;
  return true;
}

/// Where the value of option `name` goes, null: there is none such.
static std::string *getValueSlot(Arguments &result, StringRef name) {
  if (name == "o")
    return &result.output;
  if (name == "emit-header")
    return &result.header;
  if (name == "target")
    return &result.options.target;
  if (name == "cpu")
    return &result.options.cpu;
  if (name == "schedule")
    return &result.options.schedule;
  if (name == "schedule-cache")
    return &result.options.scheduleCache;
  return nullptr;
}

static llvm::Error checkComplete(const Arguments &result) {
  if (result.help || result.version)
    return llvm::Error::success();
  if (result.input.empty())
    return llvm::createStringError("expected an input file, got none");
  if (result.output.empty() && result.header.empty())
    return llvm::createStringError(
        "expected -o <file> or --emit-header=<file>, got neither");
  return llvm::Error::success();
}

llvm::Expected<Arguments>
mlir::mqa::parseArguments(llvm::ArrayRef<const char *> args) {
  Arguments result;
  for (size_t i = 0; i < args.size(); ++i) {
    StringRef arg = args[i];
    if (arg == "-" || !arg.starts_with("-")) {
      if (!result.input.empty())
        return llvm::createStringError("expected one input file, got '" +
                                       result.input + "' and '" + arg + "'");
      if (arg.empty())
        return llvm::createStringError("expected an input file, got ''");
      result.input = arg.str();
      continue;
    }
    auto [name, value] = arg.ltrim('-').split('=');
    bool hasValue = arg.contains('=');
    if (!hasValue && setFlag(result, name))
      continue;
    std::string *slot = getValueSlot(result, name);
    if (!slot)
      return llvm::createStringError(
          "expected an option that --help lists, got '" + arg + "'");
    if (!hasValue && i + 1 < args.size())
      value = args[++i];
    if (value.empty())
      return llvm::createStringError("expected a value for '" + arg +
                                     "', got none");
    *slot = value.str();
  }
  if (llvm::Error error = checkComplete(result))
    return error;
  return result;
}
