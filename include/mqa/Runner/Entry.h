//===- Entry.h - what a function takes and gives ----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_RUNNER_ENTRY_H
#define MQA_RUNNER_ENTRY_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mqa/Runner/Array.h"

namespace mlir::mqa {

/// The type of an argument or of a result.
struct EntryValue {
  ElementKind kind = ElementKind::F32;
  /// A tensor or memref, and not a scalar.
  bool isShaped = false;
  llvm::SmallVector<int64_t> shape;
  /// Of memrefs with a layout of their own; empty stands for C order. Dynamic
  /// ones are chosen as in C order.
  llvm::SmallVector<int64_t> strides;
  int64_t offset = 0;
  /// Of an argument: a result is written into it.
  bool isDestination = false;
  /// Of a result: the argument that it is written into, or -1.
  int64_t destination = -1;

  /// The type as the user reads it.
  std::string print() const {
    return isShaped ? printShape(shape, kind)
                    : stringifyElementKind(kind).str();
  }
};

/// A function that can be called from outside.
struct Entry {
  std::string name;
  llvm::SmallVector<EntryValue> arguments;
  /// The function's results.
  llvm::SmallVector<EntryValue> results;
  /// What the user sees as results: those, then the memrefs it writes.
  llvm::SmallVector<EntryValue> outputs;

  /// The same function with every float f64.
  Entry promote() const;
  /// The same function compiled for a GPU: the stream comes after the other
  /// arguments, the status after the other results.
  Entry onDevice() const;
};

/// Finds the function `name`, or the only public one if that is empty.
llvm::Expected<func::FuncOp> findEntry(ModuleOp module, llvm::StringRef name);
/// Describes a function. Fails on types that cannot be given by .npy.
llvm::Expected<Entry> describeEntry(func::FuncOp func);

} // namespace mlir::mqa

#endif // MQA_RUNNER_ENTRY_H
