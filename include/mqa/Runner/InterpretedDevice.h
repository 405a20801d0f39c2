//===- InterpretedDevice.h - kernels in the PTX interpreter -----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_RUNNER_INTERPRETEDDEVICE_H
#define MQA_RUNNER_INTERPRETEDDEVICE_H

#include "mqa/PTXInterpreter/PTXInterpreter.h"
#include "mqa/Runner/Device.h"
#include <map>

namespace mlir::mqa {

/// A device on this machine: launches are interpreted when they are made.
class InterpretedDevice final : public Device {
public:
  /// `seed` chooses the order of what may happen in any order.
  explicit InterpretedDevice(uint64_t seed);
  ~InterpretedDevice() override;

  llvm::ArrayRef<CompiledModule::Symbol> getSymbols() const override;
  void *getStream() const override { return nullptr; }
  llvm::Expected<void *> upload(void *host, int64_t bytes, bool isWritten,
                                llvm::StringRef name) override;
  llvm::Error download(void *host, const void *device, int64_t bytes) override;
  void release(void *device) override;
  std::string getLastError() const override { return error; }

  /// What all launches did together.
  const ptx::LaunchStatistics &getStatistics() const { return statistics; }

private:
  friend struct InterpretedRuntime;
  int32_t launch(const char *image, const char *kernel, ptx::Dim3 grid,
                 uint32_t threads, uint32_t sharedBytes, void **parameters);
  int32_t fail(const llvm::Twine &message);

  ptx::LaunchOptions options;
  ptx::DeviceMemory memory;
  ptx::LaunchStatistics statistics;
  /// By the address of its text.
  std::map<const char *, ptx::Module> modules;
  std::map<void *, bool> allocated; ///< Memory that this object owns.
  std::string error;
};

} // namespace mlir::mqa

#endif // MQA_RUNNER_INTERPRETEDDEVICE_H
