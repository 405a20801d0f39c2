//===- mqa-tune.cpp - searches for schedules --------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Tuner/TuneOptions.h"

int main(int argc, char **argv) { return mlir::mqa::tuneMain(argc, argv); }
