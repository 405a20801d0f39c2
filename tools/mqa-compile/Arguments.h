//===- Arguments.h - the command line of mqa-compile ------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_TOOLS_MQACOMPILE_ARGUMENTS_H
#define MQA_TOOLS_MQACOMPILE_ARGUMENTS_H

#include "mqa/Compiler/CompileOptions.h"
#include "llvm/ADT/ArrayRef.h"

namespace mlir::mqa {

/// What the command line asks for.
struct Arguments {
  std::string input;
  std::string output; ///< Empty: no code is written.
  std::string header; ///< Empty: no header is written.
  bool withRuntime = true;
  bool help = false;
  bool version = false;
  CompileOptions options;
};

/// Reads the arguments after the program's name. The error is one line.
llvm::Expected<Arguments> parseArguments(llvm::ArrayRef<const char *> args);

/// What `--help` prints.
llvm::StringRef getHelpText();

} // namespace mlir::mqa

#endif // MQA_TOOLS_MQACOMPILE_ARGUMENTS_H
