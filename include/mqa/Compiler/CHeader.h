//===- CHeader.h - the C interface of compiled functions --------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_COMPILER_CHEADER_H
#define MQA_COMPILER_CHEADER_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir::mqa {

/// The C and C++ header of the public functions of `module`, in the form it
/// has before any lowering. For each function `f`: the prototype of
/// `_mlir_ciface_f` and an inline wrapper `f`, with shapes, element types and
/// destinations in its comment; for each kind of buffer a descriptor type and
/// an inline maker of contiguous descriptors, guarded, so that several such
/// headers can be included together. A function whose name is no C identifier
/// is an error.
/// `fileName` gives the include guard. Compiled for a GPU, a function takes
/// buffers in device memory and, last, the stream that it launches on; it
/// returns 0 or, as its last result, the error of the CUDA runtime.
llvm::Expected<std::string>
getCHeader(ModuleOp module, llvm::StringRef fileName, bool isGpu = false);

} // namespace mlir::mqa

#endif // MQA_COMPILER_CHEADER_H
