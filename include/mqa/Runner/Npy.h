//===- Npy.h - files of NumPy -----------------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// .npy, versions 1, 2 and 3, as NumPy writes them: little-endian, plain element
// types, C or Fortran order. bf16 is `<V2` as ml_dtypes writes it, or `<u2`.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_RUNNER_NPY_H
#define MQA_RUNNER_NPY_H

#include "mqa/Runner/Array.h"

namespace mlir::mqa {

/// Parses the bytes of a file into an array of `kind`.
llvm::Expected<Array> parseNpy(llvm::StringRef bytes, ElementKind kind);
/// Reads a file; the error begins with its name.
llvm::Expected<Array> readNpy(llvm::StringRef path, ElementKind kind);

/// The header that stands before the data of such an array.
std::string printNpyHeader(ElementKind kind, llvm::ArrayRef<int64_t> shape);
/// Writes a file of version 1; the error begins with its name.
llvm::Error writeNpy(llvm::StringRef path, const Array &array);

} // namespace mlir::mqa

#endif // MQA_RUNNER_NPY_H
