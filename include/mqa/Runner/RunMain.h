//===- RunMain.h - mqa-run as a function ------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_RUNNER_RUNMAIN_H
#define MQA_RUNNER_RUNMAIN_H

namespace mlir::mqa {

/// The whole of mqa-run; returns its exit status: 0 done and, if asked, right;
/// 1 wrong; 2 bad input.
int runMain(int argc, char **argv);

} // namespace mlir::mqa

#endif // MQA_RUNNER_RUNMAIN_H
