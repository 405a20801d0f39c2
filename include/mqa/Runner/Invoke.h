//===- Invoke.h - calls of compiled functions -------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_RUNNER_INVOKE_H
#define MQA_RUNNER_INVOKE_H

#include "mqa/Compiler/Jit.h"
#include "mqa/Runner/Entry.h"

namespace mlir::mqa {

/// A compiled function, ready to be called through the C interface.
class CompiledEntry {
public:
  /// Compiles a copy of `module` and looks `entry` up. With `Lowering::Oracle`
  /// the entry is the promoted one. `rearrange` orders the loops of the unfused
  /// computation for speed; its values stay the same.
  static llvm::Expected<std::unique_ptr<CompiledEntry>>
  create(ModuleOp module, const Entry &entry, const CompileOptions &options,
         bool rearrange = false);
  ~CompiledEntry();

  const Entry &getEntry() const { return entry; }
  /// Another entry of the same module.
  llvm::Error setEntry(const Entry &other);

private:
  friend class Invocation;
  CompiledEntry();

  Entry entry;
  std::unique_ptr<CompiledModule> code;
  /// Loads the arguments from memory and calls: void(function, slots).
  std::unique_ptr<llvm::orc::LLJIT> thunkJit;
  void (*thunk)(void *, void **) = nullptr;
  void *function = nullptr;
};

/// A function with its arguments. The arrays must outlive it.
class Invocation {
public:
  Invocation(const CompiledEntry &compiled, std::vector<Array> &arguments);
  ~Invocation();
  Invocation(const Invocation &) = delete;
  Invocation &operator=(const Invocation &) = delete;

  /// Frees the results of the last call and calls the function.
  void run() {
    release();
    call();
  }
  /// The call alone, for timing; `release` comes before the next one.
  void call() { compiled.thunk(compiled.function, slots.data()); }
  /// Frees the results that the function allocated.
  void release();
  /// Copies what the user sees as results.
  llvm::Expected<std::vector<Array>> getOutputs();

private:
  void addArgument(const EntryValue &type, Array &array);
  void layOutResults();
  llvm::Expected<Array> copyOut(const EntryValue &type, const char *record);

  const CompiledEntry &compiled;
  /// Descriptors of the arguments, and of the results; 64-bit words.
  std::vector<std::vector<int64_t>> descriptors;
  /// Storage of arguments whose strides are not those of C order.
  std::vector<std::vector<char>> strided;
  std::vector<int64_t> results;
  SmallVector<int64_t> resultOffsets;
  void *resultPointer = nullptr;
  std::vector<void *> slots;
};

} // namespace mlir::mqa

#endif // MQA_RUNNER_INVOKE_H
