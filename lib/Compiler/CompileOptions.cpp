//===- CompileOptions.cpp - what to compile for, and how --------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Compiler/CompileOptions.h"
#include "mqa/Compiler/Compiler.h"
#include "mqa/Pipelines/Pipelines.h"
#include "mqa/Schedule/GpuTarget.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::mqa;
using llvm::StringRef;

/// The "field=value" items of a schedule.
static SmallVector<StringRef> getFields(StringRef schedule) {
  SmallVector<StringRef> fields;
  llvm::SplitString(schedule, fields, ", ");
  return fields;
}

/// Is `item` "name=number", or the name of a kernel? It goes into the text of a
/// pipeline, and the parser of pass options prints its complaints about
/// numbers.
static bool isField(StringRef item) {
  auto [name, value] = item.split('=');
  if (name == "kernel")
    return value == "mma" || value == "wgmma";
  value.consume_front("-");
  return !name.empty() && name != "cpu" && name != "schedule-cache" &&
         name != "chip" && name != "format" &&
         llvm::all_of(name,
                      [](char c) { return llvm::isAlpha(c) || c == '-'; }) &&
         !value.empty() && value.size() < 10 &&
         llvm::all_of(value, llvm::isDigit);
}

/// Does the pipeline have the fields of `schedule`?
template <typename Options>
static llvm::Error checkSchedule(StringRef schedule, StringRef pipeline) {
  for (StringRef item : getFields(schedule)) {
    if (!isField(item))
      return llvm::createStringError(
          "expected schedule fields of the form name=number, got '" + item +
          "'");
    Options options;
    std::string message;
    llvm::raw_string_ostream os(message);
    if (failed(options.parseFromString(item, os)))
      return llvm::createStringError("expected a schedule field that " +
                                     pipeline +
                                     " takes (row-block, key-block, ...), "
                                     "got '" +
                                     item.split('=').first + "'");
  }
  return llvm::Error::success();
}

static llvm::Error checkTarget(const CompileOptions &options) {
  if (options.target == "cpu")
    return checkSchedule<CPUPipelineOptions>(options.schedule,
                                             "mqa-to-cpu-pipeline");
  if (!GpuTarget::isName(options.target))
    return llvm::createStringError(
        "expected target 'cpu' or a chip ('sm_80', 'sm_90a', ...), got '" +
        options.target + "'");
  if (llvm::Error error = GpuTarget::get(options.target).takeError())
    return error;
  if (!options.scheduleCache.empty())
    return llvm::createStringError(
        "expected no schedule cache for a GPU target, got '" +
        options.scheduleCache + "'");
  return checkSchedule<NVVMPipelineOptions>(options.schedule,
                                            "mqa-to-nvvm-pipeline");
}

llvm::Error mqa::checkOptions(const CompileOptions &options) {
  if (llvm::Error error = checkTarget(options))
    return error;
  if (options.optLevel > 3)
    return llvm::createStringError(
        "expected an optimisation level from 0 to 3, got " +
        llvm::Twine(options.optLevel));
  // It goes into the text of a pipeline.
  if (options.scheduleCache.find_first_of(" \t\n{}'\"") != std::string::npos)
    return llvm::createStringError("expected a path without spaces, quotes and "
                                   "braces for the schedule cache, got '" +
                                   options.scheduleCache + "'");
  return createTargetMachine(options).takeError();
}

std::string mqa::getKernelPipelineText(const CompileOptions &options,
                                       bool isCubin) {
  std::string text =
      "builtin.module(mqa-to-images-pipeline{chip=" + options.target +
      " format=" + (isCubin ? "bin" : "isa");
  for (StringRef item : getFields(options.schedule))
    text += (" " + item).str();
  return text + "})";
}

std::string mqa::getPipelineText(const CompileOptions &options) {
  if (options.lowering == Lowering::Reference)
    return "builtin.module(mqa-to-reference-pipeline)";
  if (options.lowering == Lowering::Oracle)
    return "builtin.module(mqa-promote-to-f64,mqa-to-reference-pipeline)";
  if (options.isGpu()) {
    std::string text =
        "builtin.module(mqa-to-nvvm-pipeline{chip=" + options.target +
        " format=" + options.imageFormat;
    for (StringRef item : getFields(options.schedule))
      text += (" " + item).str();
    return text + "})";
  }
  std::string text = "builtin.module(mqa-to-cpu-pipeline{cpu=" + options.cpu;
  if (!options.scheduleCache.empty())
    text += " schedule-cache=" + options.scheduleCache;
  for (StringRef item : getFields(options.schedule))
    text += (" " + item).str();
  return text + "})";
}
