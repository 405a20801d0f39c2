//===- NpyHeader.h - the dictionary of a .npy file --------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_RUNNER_NPYHEADER_H
#define MQA_LIB_RUNNER_NPYHEADER_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir::mqa {

/// What stands before the data of a .npy file.
struct NpyHeader {
  std::string descr;
  bool fortranOrder = false;
  llvm::SmallVector<int64_t> shape;
  /// Where the data begins.
  size_t dataOffset = 0;
};

/// Parses magic, version and dictionary. Accepts any order of the keys.
llvm::Expected<NpyHeader> parseNpyHeader(llvm::StringRef bytes);

} // namespace mlir::mqa

#endif // MQA_LIB_RUNNER_NPYHEADER_H
