//===- CudaDevice.h - kernels on a GPU --------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_RUNNER_CUDADEVICE_H
#define MQA_RUNNER_CUDADEVICE_H

#include "mqa/Runner/Device.h"

namespace mlir::mqa {

/// There is no CUDA driver, or no device: what a test skips for.
class NoCudaDeviceError : public llvm::ErrorInfo<NoCudaDeviceError> {
public:
  static char ID;

  explicit NoCudaDeviceError(std::string reason) : reason(std::move(reason)) {}
  void log(llvm::raw_ostream &os) const override;
  std::error_code convertToErrorCode() const override;

private:
  std::string reason;
};

/// How long calls took on the device.
struct DeviceTimes {
  double medianSeconds = 0, minSeconds = 0;
};

/// Device 0, in its primary context, which is made current in the thread that
/// creates it. `CUDA_VISIBLE_DEVICES` chooses another one.
class CudaDevice final : public Device {
public:
  /// A `NoCudaDeviceError` if there is none.
  static llvm::Expected<std::unique_ptr<CudaDevice>> create();
  ~CudaDevice() override;

  /// As in "NVIDIA H200".
  llvm::StringRef getName() const { return name; }
  /// As in {9, 0}.
  std::pair<int, int> getComputeCapability() const { return capability; }
  /// The CUDA version of the driver, as in {13, 0}.
  std::pair<int, int> getDriverVersion() const;

  llvm::ArrayRef<CompiledModule::Symbol> getSymbols() const override;
  void *getStream() const override { return stream; }
  llvm::Expected<void *> upload(void *host, int64_t bytes, bool isWritten,
                                llvm::StringRef name) override;
  llvm::Error download(void *host, const void *device, int64_t bytes) override;
  void release(void *device) override;
  std::string getLastError() const override;

  /// Memory of the device; no bytes are a null pointer.
  llvm::Expected<void *> allocate(int64_t bytes);
  llvm::Error copyToDevice(void *device, const void *host, int64_t bytes);
  llvm::Error free(void *device);
  /// Waits for the stream, and reports what failed in it.
  llvm::Error synchronize();
  /// Times `repeats` calls, at least 1, each of which puts work into the
  /// stream. Where that takes the host longer than the device, the host is what
  /// is timed.
  llvm::Expected<DeviceTimes> timeCalls(int64_t repeats,
                                        llvm::function_ref<llvm::Error()> call);

private:
  struct Driver;
  class Event;
  CudaDevice();
  llvm::Error initialize();

  std::unique_ptr<Driver> driver;
  std::string name;
  std::pair<int, int> capability;
  bool isRetained = false;
  void *stream = nullptr;
};

} // namespace mlir::mqa

#endif // MQA_RUNNER_CUDADEVICE_H
