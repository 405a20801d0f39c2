//===- mqa-run.cpp - compiles and runs a function ---------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/RunMain.h"

int main(int argc, char **argv) { return mlir::mqa::runMain(argc, argv); }
