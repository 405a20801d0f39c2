//===- Invoke.h - calls of compiled functions -------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_RUNNER_INVOKE_H
#define MQA_RUNNER_INVOKE_H

#include "mqa/Runner/Device.h"
#include "mqa/Runner/Entry.h"

namespace mlir::mqa {

/// A compiled function, ready to be called through the C interface.
class CompiledEntry {
public:
  /// Compiles a copy of `module` and looks `entry` up. With `Lowering::Oracle`
  /// the entry is the promoted one. `rearrange` orders the loops of the unfused
  /// computation for speed; its values stay the same. A GPU target needs a
  /// `device`, which must outlive the entry.
  static llvm::Expected<std::unique_ptr<CompiledEntry>>
  create(ModuleOp module, const Entry &entry, const CompileOptions &options,
         bool rearrange = false, Device *device = nullptr);
  ~CompiledEntry();

  const Entry &getEntry() const { return entry; }
  /// Another entry of the same module.
  llvm::Error setEntry(const Entry &other);

private:
  friend class Invocation;
  CompiledEntry();

  Entry entry;
  Device *device = nullptr; ///< Null: code for the CPU.
  std::unique_ptr<CompiledModule> code;
  /// Loads the arguments from memory and calls: void(function, slots).
  std::unique_ptr<llvm::orc::LLJIT> thunkJit;
  void (*thunk)(void *, void **) = nullptr;
  void *function = nullptr;
};

/// A function with its arguments. The arrays must outlive it. What cannot be
/// brought to a device is reported by `getStatus`.
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
  /// Whether the last call failed; only code for a GPU can.
  llvm::Error getStatus() const;
  /// Copies what the user sees as results.
  llvm::Expected<std::vector<Array>> getOutputs();

private:
  void addArgument(const EntryValue &type, Array &array, unsigned number);
  char *upload(const EntryValue &type, char *data, int64_t bytes,
               unsigned number);
  void layOutResults();
  llvm::Expected<Array> copyOut(const EntryValue &type, const char *record);

  const CompiledEntry &compiled;
  /// Descriptors of the arguments, and of the results; 64-bit words.
  std::vector<std::vector<int64_t>> descriptors;
  /// Storage of arguments whose strides are not those of C order.
  std::vector<std::vector<char>> strided;
  /// Of arguments on a device.
  std::vector<void *> uploaded;
  std::string uploadError;
  void *stream = nullptr;
  std::vector<int64_t> results;
  SmallVector<int64_t> resultOffsets;
  void *resultPointer = nullptr;
  std::vector<void *> slots;
};

} // namespace mlir::mqa

#endif // MQA_RUNNER_INVOKE_H
