//===- InterpretedDevice.cpp - kernels in the PTX interpreter ---*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/InterpretedDevice.h"
#include "llvm/ADT/Twine.h"
#include <cstdlib>
#include <cstring>

using namespace mlir;
using namespace mlir::mqa;

/// What compiled code calls.
static InterpretedDevice *current;

namespace mlir::mqa {
/// The functions of the CUDA runtime that compiled code uses.
struct InterpretedRuntime {
  /// As in the compiled code: image, its size, name, state.
  struct Kernel {
    const char *image;
    int64_t imageSize;
    const char *name;
    void *state;
  };

  static int32_t launch(Kernel *kernel, int64_t x, int64_t y, int64_t z,
                        int64_t threads, int64_t sharedBytes, void *,
                        void **parameters) {
    if (x == 0 || y == 0 || z == 0)
      return 0;
    return current->launch(kernel->image, kernel->name,
                           {uint32_t(x), uint32_t(y), uint32_t(z)}, threads,
                           sharedBytes, parameters);
  }

  static int32_t allocate(void **pointer, int64_t bytes, void *) {
    // Aligned as cudaMalloc does.
    *pointer = std::aligned_alloc(256, (bytes + 511) / 256 * 256);
    if (!*pointer)
      return current->fail("expected memory on the device, got none");
    current->allocated[*pointer] = true;
    current->memory.addRange(*pointer, bytes, /*writable=*/true,
                             /*initialized=*/false, "an allocation");
    return 0;
  }

  static int32_t free(void *pointer, void *) {
    if (pointer)
      current->release(pointer);
    return 0;
  }

  static int32_t fail(const char *message) { return current->fail(message); }
};
} // namespace mlir::mqa

InterpretedDevice::InterpretedDevice(uint64_t seed) {
  options.seed = seed;
  current = this;
}

InterpretedDevice::~InterpretedDevice() {
  for (auto &[pointer, owned] : allocated)
    std::free(pointer);
  current = nullptr;
}

llvm::ArrayRef<CompiledModule::Symbol> InterpretedDevice::getSymbols() const {
  static const CompiledModule::Symbol symbols[] = {
      {"mqa_cuda_launch",
       reinterpret_cast<void *>(&InterpretedRuntime::launch)},
      {"mqa_cuda_alloc",
       reinterpret_cast<void *>(&InterpretedRuntime::allocate)},
      {"mqa_cuda_free", reinterpret_cast<void *>(&InterpretedRuntime::free)},
      {"mqa_cuda_fail", reinterpret_cast<void *>(&InterpretedRuntime::fail)}};
  return symbols;
}

llvm::Expected<void *> InterpretedDevice::upload(void *host, int64_t bytes,
                                                 bool isWritten,
                                                 llvm::StringRef name) {
  memory.addRange(host, bytes, isWritten, /*initialized=*/true, name);
  return host;
}

llvm::Error InterpretedDevice::download(void *host, const void *device,
                                        int64_t bytes) {
  std::memcpy(host, device, bytes);
  return llvm::Error::success();
}

void InterpretedDevice::release(void *device) {
  memory.removeRange(device);
  if (allocated.erase(device))
    std::free(device);
}

int32_t InterpretedDevice::fail(const llvm::Twine &message) {
  error = message.str();
  return -2;
}

int32_t InterpretedDevice::launch(const char *image, const char *kernel,
                                  ptx::Dim3 grid, uint32_t threads,
                                  uint32_t sharedBytes, void **parameters) {
  auto module = modules.find(image);
  if (module == modules.end()) {
    auto parsed = ptx::Module::parse(image);
    if (!parsed)
      return fail(llvm::toString(parsed.takeError()));
    module = modules.emplace(image, std::move(*parsed)).first;
  }
  size_t count = 0;
  for (const ptx::KernelSignature &signature : module->second.getKernels())
    if (signature.name == kernel)
      count = signature.parameterSizes.size();
  auto done = module->second.launch(
      kernel, grid, {threads, 1, 1}, sharedBytes,
      llvm::ArrayRef<const void *>(parameters, count), memory, options);
  if (!done)
    return fail(llvm::toString(done.takeError()));
  statistics.warpInstructions += done->warpInstructions;
  statistics.matrixInstructions += done->matrixInstructions;
  statistics.asyncCopyBytes += done->asyncCopyBytes;
  return 0;
}
