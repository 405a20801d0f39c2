//===- Device.h - where compiled GPU code runs ------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_RUNNER_DEVICE_H
#define MQA_RUNNER_DEVICE_H

#include "mqa/Compiler/Jit.h"
#include <string>

namespace mlir::mqa {

/// Memory that kernels read and write, and what the host code of a GPU target
/// calls. One device at a time is in use.
class Device {
public:
  virtual ~Device();

  /// The functions of the CUDA runtime (`mqa/Runtime/CudaLaunch.h`).
  virtual llvm::ArrayRef<CompiledModule::Symbol> getSymbols() const = 0;
  /// The stream that compiled code launches on.
  virtual void *getStream() const = 0;
  /// The address for kernels of `bytes` bytes with the contents of `host`,
  /// which outlives it. `name` is for messages.
  virtual llvm::Expected<void *>
  upload(void *host, int64_t bytes, bool isWritten, llvm::StringRef name) = 0;
  /// Waits for all launches and copies `bytes` bytes back.
  virtual llvm::Error download(void *host, const void *device,
                               int64_t bytes) = 0;
  /// Frees what `upload` gave, or what compiled code allocated as a result.
  virtual void release(void *device) = 0;
  /// The last error, of a status that is not 0.
  virtual std::string getLastError() const = 0;
};

} // namespace mlir::mqa

#endif // MQA_RUNNER_DEVICE_H
