//===- CudaDevice.cpp - kernels on a GPU ------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Like the runtime of compiled code this needs no CUDA toolkit: the driver is
// opened when a device is created.
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/CudaDevice.h"
#include "mqa/Runner/Array.h"
#include "mqa/Runtime/CudaLaunch.h"
#include "llvm/ADT/STLExtras.h"
#include <dlfcn.h>

using namespace mlir;
using namespace mlir::mqa;

//===----------------------------------------------------------------------===//
// Driver
//===----------------------------------------------------------------------===//

char NoCudaDeviceError::ID;

void NoCudaDeviceError::log(llvm::raw_ostream &os) const {
  os << "expected a CUDA driver (libcuda.so.1) and a device, got none: "
     << reason;
}

std::error_code NoCudaDeviceError::convertToErrorCode() const {
  return llvm::inconvertibleErrorCode();
}

namespace {
// What cuda.h says, of which there need be none.
using Pointer = unsigned long long;
enum { StubLibrary = 34, NoDevice = 100 };
enum { CapabilityMajor = 75, CapabilityMinor = 76 };
enum { NonBlockingStream = 1 };
} // namespace

#define MQA_DRIVER_FUNCTIONS(X)                                                \
  X(cuInit, "cuInit", unsigned)                                                \
  X(cuDriverGetVersion, "cuDriverGetVersion", int *)                           \
  X(cuDeviceGetCount, "cuDeviceGetCount", int *)                               \
  X(cuDeviceGetName, "cuDeviceGetName", char *, int, int)                      \
  X(cuDeviceGetAttribute, "cuDeviceGetAttribute", int *, int, int)             \
  X(cuDevicePrimaryCtxRetain, "cuDevicePrimaryCtxRetain", void **, int)        \
  X(cuDevicePrimaryCtxRelease, "cuDevicePrimaryCtxRelease_v2", int)            \
  X(cuCtxSetCurrent, "cuCtxSetCurrent", void *)                                \
  X(cuMemAlloc, "cuMemAllocAsync", Pointer *, size_t, void *)                  \
  X(cuMemFree, "cuMemFreeAsync", Pointer, void *)                              \
  X(cuMemcpyHtoD, "cuMemcpyHtoDAsync_v2", Pointer, const void *, size_t,       \
    void *)                                                                    \
  X(cuMemcpyDtoH, "cuMemcpyDtoHAsync_v2", void *, Pointer, size_t, void *)     \
  X(cuStreamCreate, "cuStreamCreate", void **, unsigned)                       \
  X(cuStreamDestroy, "cuStreamDestroy_v2", void *)                             \
  X(cuStreamSynchronize, "cuStreamSynchronize", void *)                        \
  X(cuEventCreate, "cuEventCreate", void **, unsigned)                         \
  X(cuEventDestroy, "cuEventDestroy_v2", void *)                               \
  X(cuEventRecord, "cuEventRecord", void *, void *)                            \
  X(cuEventElapsedTime, "cuEventElapsedTime", float *, void *, void *)         \
  X(cuGetErrorName, "cuGetErrorName", int, const char **)                      \
  X(cuGetErrorString, "cuGetErrorString", int, const char **)

struct CudaDevice::Driver {
  /// A function of the driver, which knows its name.
  template <typename... Arguments> struct Function {
    const char *name;
    int (*pointer)(Arguments...) = nullptr;
  };
#define X(member, symbol, ...) Function<__VA_ARGS__> member{symbol};
  MQA_DRIVER_FUNCTIONS(X)
#undef X
  int version = 0;

  llvm::Error open();
  /// Calls a function and describes its failure.
  template <typename... Arguments, typename... Values>
  llvm::Error call(const Function<Arguments...> &function,
                   Values... values) const {
    int status = function.pointer(values...);
    if (status == 0)
      return llvm::Error::success();
    return makeError(describe(function.name, status));
  }

private:
  template <typename... Arguments>
  llvm::Error resolve(void *library, Function<Arguments...> &function) {
    function.pointer = reinterpret_cast<decltype(function.pointer)>(
        dlsym(library, function.name));
    if (function.pointer)
      return llvm::Error::success();
    return makeError(llvm::Twine("expected a CUDA driver with ") +
                     function.name + ", got one for CUDA " +
                     llvm::Twine(version / 1000) + "." +
                     llvm::Twine(version % 1000 / 10));
  }
  std::string describe(const char *function, int status) const;
};

std::string CudaDevice::Driver::describe(const char *function,
                                         int status) const {
  const char *name = nullptr, *text = nullptr;
  cuGetErrorName.pointer(status, &name);
  cuGetErrorString.pointer(status, &text);
  return (llvm::Twine(function) + ": " + (name ? name : "CUresult") + " (" +
          llvm::Twine(status) + "): " + (text ? text : "unknown error"))
      .str();
}

llvm::Error CudaDevice::Driver::open() {
  void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return llvm::make_error<NoCudaDeviceError>(dlerror());
  // First, so that what is missing can be told.
  if (llvm::Error error = resolve(library, cuDriverGetVersion))
    return error;
  cuDriverGetVersion.pointer(&version);
#define X(member, symbol, ...)                                                 \
  if (llvm::Error error = resolve(library, member))                            \
    return error;
  MQA_DRIVER_FUNCTIONS(X)
#undef X
  int status = cuInit.pointer(0), count = 0;
  if (status == StubLibrary || status == NoDevice)
    return llvm::make_error<NoCudaDeviceError>(describe("cuInit", status));
  if (status != 0)
    return makeError(describe("cuInit", status));
  if (llvm::Error error = call(cuDeviceGetCount, &count))
    return error;
  if (count == 0)
    return llvm::make_error<NoCudaDeviceError>("cuDeviceGetCount: no device");
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Device
//===----------------------------------------------------------------------===//

CudaDevice::CudaDevice() : driver(std::make_unique<Driver>()) {}

llvm::Error CudaDevice::initialize() {
  if (llvm::Error error = driver->open())
    return error;
  char text[256] = "";
  if (llvm::Error error =
          driver->call(driver->cuDeviceGetName, text, int(sizeof text), 0))
    return error;
  name = text;
  if (llvm::Error error =
          driver->call(driver->cuDeviceGetAttribute, &capability.first,
                       int(CapabilityMajor), 0))
    return error;
  if (llvm::Error error =
          driver->call(driver->cuDeviceGetAttribute, &capability.second,
                       int(CapabilityMinor), 0))
    return error;
  void *context = nullptr;
  if (llvm::Error error =
          driver->call(driver->cuDevicePrimaryCtxRetain, &context, 0))
    return error;
  isRetained = true;
  if (llvm::Error error = driver->call(driver->cuCtxSetCurrent, context))
    return error;
  return driver->call(driver->cuStreamCreate, &stream,
                      unsigned(NonBlockingStream));
}

llvm::Expected<std::unique_ptr<CudaDevice>> CudaDevice::create() {
  std::unique_ptr<CudaDevice> device(new CudaDevice());
  if (llvm::Error error = device->initialize())
    return error;
  return device;
}

CudaDevice::~CudaDevice() {
  // What failed in the stream has been reported where somebody waited for it.
  if (stream) {
    driver->cuStreamSynchronize.pointer(stream);
    driver->cuStreamDestroy.pointer(stream);
  }
  if (isRetained) {
    driver->cuCtxSetCurrent.pointer(nullptr);
    driver->cuDevicePrimaryCtxRelease.pointer(0);
  }
}

std::pair<int, int> CudaDevice::getDriverVersion() const {
  return {driver->version / 1000, driver->version % 1000 / 10};
}

llvm::ArrayRef<CompiledModule::Symbol> CudaDevice::getSymbols() const {
  static const CompiledModule::Symbol symbols[] = {
      {"mqa_cuda_launch", reinterpret_cast<void *>(&mqa_cuda_launch)},
      {"mqa_cuda_encode_tiled",
       reinterpret_cast<void *>(&mqa_cuda_encode_tiled)},
      {"mqa_cuda_alloc", reinterpret_cast<void *>(&mqa_cuda_alloc)},
      {"mqa_cuda_free", reinterpret_cast<void *>(&mqa_cuda_free)},
      {"mqa_cuda_fail", reinterpret_cast<void *>(&mqa_cuda_fail)}};
  return symbols;
}

std::string CudaDevice::getLastError() const { return mqa_cuda_last_error(); }

llvm::Error CudaDevice::synchronize() {
  return driver->call(driver->cuStreamSynchronize, stream);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// Of the driver, from one of the host.
static Pointer toDevice(const void *pointer) {
  return reinterpret_cast<uintptr_t>(pointer);
}

llvm::Expected<void *> CudaDevice::allocate(int64_t bytes) {
  if (bytes <= 0)
    return nullptr;
  Pointer pointer = 0;
  if (llvm::Error error =
          driver->call(driver->cuMemAlloc, &pointer, size_t(bytes), stream))
    return makeError(llvm::toString(std::move(error)) + ": " +
                     llvm::Twine(bytes) + " bytes");
  return reinterpret_cast<void *>(static_cast<uintptr_t>(pointer));
}

llvm::Error CudaDevice::copyToDevice(void *device, const void *host,
                                     int64_t bytes) {
  if (bytes <= 0)
    return llvm::Error::success();
  return driver->call(driver->cuMemcpyHtoD, toDevice(device), host,
                      size_t(bytes), stream);
}

llvm::Error CudaDevice::free(void *device) {
  if (!device)
    return llvm::Error::success();
  return driver->call(driver->cuMemFree, toDevice(device), stream);
}

llvm::Expected<void *> CudaDevice::upload(void *host, int64_t bytes,
                                          bool isWritten,
                                          llvm::StringRef name) {
  llvm::Expected<void *> device = allocate(bytes);
  if (!device)
    return makeError(name + ": " + llvm::toString(device.takeError()));
  if (llvm::Error error = copyToDevice(*device, host, bytes)) {
    release(*device);
    return makeError(name + ": " + llvm::toString(std::move(error)));
  }
  return device;
}

llvm::Error CudaDevice::download(void *host, const void *device,
                                 int64_t bytes) {
  if (bytes > 0)
    if (llvm::Error error =
            driver->call(driver->cuMemcpyDtoH, host, toDevice(device),
                         size_t(bytes), stream))
      return error;
  return synchronize();
}

void CudaDevice::release(void *device) { llvm::consumeError(free(device)); }

//===----------------------------------------------------------------------===//
// Times
//===----------------------------------------------------------------------===//

/// A mark in the stream.
class CudaDevice::Event {
public:
  explicit Event(const Driver &driver) : driver(driver) {}
  Event(Event &&other) : driver(other.driver), event(other.event) {
    other.event = nullptr;
  }
  ~Event() {
    if (event)
      driver.cuEventDestroy.pointer(event);
  }
  llvm::Error create() { return driver.call(driver.cuEventCreate, &event, 0u); }
  llvm::Error record(void *stream) {
    return driver.call(driver.cuEventRecord, event, stream);
  }
  /// Both must have been reached.
  llvm::Expected<double> getSecondsSince(const Event &start) const {
    float milliseconds = 0;
    if (llvm::Error error = driver.call(driver.cuEventElapsedTime,
                                        &milliseconds, start.event, event))
      return error;
    return milliseconds * 1e-3;
  }

private:
  const Driver &driver;
  void *event = nullptr;
};

llvm::Expected<DeviceTimes>
CudaDevice::timeCalls(int64_t repeats, llvm::function_ref<llvm::Error()> call) {
  if (repeats < 1)
    return makeError("expected at least 1 call to time, got " +
                     llvm::Twine(repeats));
  std::vector<Event> events;
  for (int64_t i = 0; i < 2 * repeats; ++i)
    if (llvm::Error error = events.emplace_back(*driver).create())
      return error;
  for (int64_t i = 0; i < repeats; ++i) {
    if (llvm::Error error = events[2 * i].record(stream))
      return error;
    if (llvm::Error error = call())
      return error;
    if (llvm::Error error = events[2 * i + 1].record(stream))
      return error;
  }
  if (llvm::Error error = synchronize())
    return error;
  std::vector<double> seconds;
  for (int64_t i = 0; i < repeats; ++i) {
    auto time = events[2 * i + 1].getSecondsSince(events[2 * i]);
    if (!time)
      return time.takeError();
    seconds.push_back(*time);
  }
  llvm::sort(seconds);
  DeviceTimes times;
  times.minSeconds = seconds.front();
  times.medianSeconds = (seconds[(repeats - 1) / 2] + seconds[repeats / 2]) / 2;
  return times;
}
