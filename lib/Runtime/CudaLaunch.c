//===- CudaLaunch.c - the CUDA driver for compiled code -----------*- C -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The driver is opened once and stays. What it lacks of the functions that all
// calls need makes every call fail; what only some need, those calls.
//
// A kernel's `state` is the list of the contexts that it was loaded in, the
// latest first: read without a lock, extended under `mutex`, never shortened,
// so a launch of a loaded kernel takes no lock. A context is known by its
// handle and its id, since a handle is used again after the context is gone
// (drivers before CUDA 12 have no ids: there the handle alone counts). Kernels
// of one image share the module, found by the bytes of the image: its address
// is used again when code is unloaded.
//
//===----------------------------------------------------------------------===//

#include "mqa/Runtime/CudaLaunch.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((weak, visibility("default")))
#define PRINTF __attribute__((format(printf, 2, 3)))

//===----------------------------------------------------------------------===//
// The driver
//===----------------------------------------------------------------------===//

// What cuda.h says, of which there need be none. Results are 0 on success.
typedef struct Context *Context;
typedef struct Module *Module;
typedef struct Function *Function;
typedef unsigned long long DevicePointer, ContextId;

enum {
  OutOfMemory = 2,           // CUDA_ERROR_OUT_OF_MEMORY
  StubLibrary = 34,          // CUDA_ERROR_STUB_LIBRARY
  NeedsNewerDriver = 36,     // CUDA_ERROR_CALL_REQUIRES_NEWER_DRIVER
  NoDevice = 100,            // CUDA_ERROR_NO_DEVICE
  JitErrorLog = 5,           // CU_JIT_ERROR_LOG_BUFFER
  JitErrorLogSize = 6,       // CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES
  MaxDynamicSharedBytes = 8, // CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
  L2Promotion256B = 3        // CU_TENSOR_MAP_L2_PROMOTION_L2_256B
};

// Every call needs the first ones, only some the others.
#define CORE_FUNCTIONS(X)                                                      \
  X(cuInit, (unsigned))                                                        \
  X(cuDeviceGetCount, (int *))                                                 \
  X(cuDeviceGet, (int *, int))                                                 \
  X(cuDevicePrimaryCtxRetain, (Context *, int))                                \
  X(cuCtxGetCurrent, (Context *))                                              \
  X(cuCtxSetCurrent, (Context))                                                \
  X(cuModuleLoadDataEx, (Module *, const void *, unsigned, int *, void **))    \
  X(cuModuleGetFunction, (Function *, Module, const char *))                   \
  X(cuFuncSetAttribute, (Function, int, int))                                  \
  X(cuLaunchKernel, (Function, unsigned, unsigned, unsigned, unsigned,         \
                     unsigned, unsigned, unsigned, void *, void **, void **))
#define OPTIONAL_FUNCTIONS(X)                                                  \
  X(cuGetErrorName, (int, const char **))                                      \
  X(cuGetErrorString, (int, const char **))                                    \
  X(cuDriverGetVersion, (int *))                                               \
  X(cuCtxGetId, (Context, ContextId *))                                        \
  X(cuMemAllocAsync, (DevicePointer *, size_t, void *))                        \
  X(cuMemFreeAsync, (DevicePointer, void *))                                   \
  X(cuTensorMapEncodeTiled,                                                    \
    (void *, int, uint32_t, void *, const uint64_t *, const uint64_t *,        \
     const uint32_t *, const uint32_t *, int, int, int, int))

static struct {
#define X(name, arguments) int(*name) arguments;
  CORE_FUNCTIONS(X)
  OPTIONAL_FUNCTIONS(X)
#undef X
  int isOpened;    // the rest is set; read and written by __atomic
  int32_t status;  // what every call returns, and
  char error[512]; // why, if that is not 0
  Context primary; // of device 0, once retained
} driver;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static _Thread_local char lastError[2048];

static int32_t fail(int32_t status, const char *format, ...) PRINTF;
static int32_t fail(int32_t status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(lastError, sizeof lastError, format, arguments);
  va_end(arguments);
  return status;
}

// Reports what the driver returned from `call`; `detail` may be empty.
static int32_t failCall(const char *call, int status, const char *detail) {
  const char *name = NULL, *text = NULL;
  if (driver.cuGetErrorName)
    driver.cuGetErrorName(status, &name);
  if (driver.cuGetErrorString)
    driver.cuGetErrorString(status, &text);
  return fail(status, "%s: %s (%d): %s%s%s", call, name ? name : "CUresult",
              status, text ? text : "unknown error", *detail ? ": " : "",
              detail);
}

// The version is 0.0 if the driver does not tell.
static int32_t failMissing(const char *function) {
  int version = 0;
  if (driver.cuDriverGetVersion)
    driver.cuDriverGetVersion(&version);
  return fail(NeedsNewerDriver,
              "expected a CUDA driver with %s, got one for CUDA %d.%d",
              function, version / 1000, version % 1000 / 10);
}

static int32_t failNoDriver(const char *reason) {
  return fail(MQA_CUDA_NO_DRIVER,
              "expected a CUDA driver (libcuda.so.1) and a device, got none: "
              "%s",
              reason);
}

// dlsym gives an object pointer, which C does not convert.
static void resolve(void *library, const char *name, void *function) {
  void *symbol = dlsym(library, name);
  memcpy(function, &symbol, sizeof symbol);
}

static int32_t openDriver(void) {
  void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *reason = dlerror();
    return failNoDriver(reason ? reason : "unknown error");
  }
#define X(name, arguments) resolve(library, #name, &driver.name);
  CORE_FUNCTIONS(X)
  OPTIONAL_FUNCTIONS(X)
#undef X
#define X(name, arguments)                                                     \
  if (!driver.name)                                                            \
    return failMissing(#name);
  CORE_FUNCTIONS(X)
#undef X
  int count = 0, status = driver.cuInit(0);
  if (status == NoDevice || status == StubLibrary) {
    failCall("cuInit", status, "");
    char reason[256];
    snprintf(reason, sizeof reason, "%.255s", lastError);
    return failNoDriver(reason);
  }
  if (status != 0)
    return failCall("cuInit", status, "");
  if ((status = driver.cuDeviceGetCount(&count)) != 0)
    return failCall("cuDeviceGetCount", status, "");
  return count > 0 ? 0 : failNoDriver("cuDeviceGetCount: no device");
}

// Opens the driver if that has not been tried.
static int32_t needDriver(void) {
  if (!__atomic_load_n(&driver.isOpened, __ATOMIC_ACQUIRE)) {
    pthread_mutex_lock(&mutex);
    if (!driver.isOpened) {
      driver.status = openDriver();
      if (driver.status != 0)
        snprintf(driver.error, sizeof driver.error, "%.511s", lastError);
      __atomic_store_n(&driver.isOpened, 1, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&mutex);
  }
  return driver.status == 0 ? 0 : fail(driver.status, "%s", driver.error);
}

// Gives `context` the primary context of device 0, retained only once.
static int32_t getPrimary(Context *context) {
  int device, status = 0;
  const char *call = "cuDeviceGet";
  pthread_mutex_lock(&mutex);
  if (!driver.primary && (status = driver.cuDeviceGet(&device, 0)) == 0) {
    call = "cuDevicePrimaryCtxRetain";
    status = driver.cuDevicePrimaryCtxRetain(&driver.primary, device);
  }
  *context = driver.primary;
  pthread_mutex_unlock(&mutex);
  return status == 0 ? 0 : failCall(call, status, "");
}

// Finds the current context, or makes one current.
static int32_t needContext(Context *context) {
  int32_t result = needDriver();
  if (result != 0)
    return result;
  *context = NULL;
  int status = driver.cuCtxGetCurrent(context);
  if (status != 0)
    return failCall("cuCtxGetCurrent", status, "");
  if (*context)
    return 0;
  if ((result = getPrimary(context)) != 0)
    return result;
  status = driver.cuCtxSetCurrent(*context);
  return status == 0 ? 0 : failCall("cuCtxSetCurrent", status, "");
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

// A context, not to be taken for another one that got its handle later.
typedef struct {
  Context handle;
  ContextId id;
} ContextKey;

typedef struct LoadedModule {
  struct LoadedModule *next;
  ContextKey context;
  uint64_t imageHash;
  int64_t imageSize;
  Module module;
} LoadedModule;

// A kernel in one context, in the list that begins in its `state`.
typedef struct LoadedKernel {
  struct LoadedKernel *next;
  ContextKey context;
  Function function;
  int64_t sharedBytes; // dynamic shared memory that is allowed; __atomic
} LoadedKernel;

enum { DefaultSharedBytes = 48 << 10 };

static LoadedModule *modules; // owned by `mutex`

static int isSame(ContextKey a, ContextKey b) {
  return a.handle == b.handle && a.id == b.id;
}

// FNV-1a.
static uint64_t hashBytes(const unsigned char *bytes, int64_t size) {
  uint64_t hash = 0xcbf29ce484222325;
  for (int64_t i = 0; i < size; ++i)
    hash = (hash ^ bytes[i]) * 0x100000001b3;
  return hash;
}

// Cuts a log after some lines, and what white space is at its end.
static void shortenLog(char *log) {
  enum { MaxLines = 6 };
  size_t length = 0;
  for (int lines = 0; log[length] && lines < MaxLines; ++length)
    lines += log[length] == '\n';
  while (length > 0 && strchr(" \t\r\n", log[length - 1]))
    --length;
  log[length] = '\0';
}

// Finds or loads the module of a kernel; under `mutex`.
static int32_t getModule(const mqa_cuda_kernel *kernel, ContextKey context,
                         Module *module) {
  uint64_t hash = hashBytes(kernel->image, kernel->image_size);
  for (LoadedModule *m = modules; m; m = m->next) {
    if (isSame(m->context, context) && m->imageHash == hash &&
        m->imageSize == kernel->image_size) {
      *module = m->module;
      return 0;
    }
  }
  LoadedModule *loaded = malloc(sizeof *loaded);
  if (!loaded)
    return fail(OutOfMemory, "mqa_cuda_launch: no memory");
  char log[4096] = "";
  int options[] = {JitErrorLog, JitErrorLogSize};
  void *values[] = {log, (void *)(uintptr_t)(sizeof log - 1)};
  int status =
      driver.cuModuleLoadDataEx(module, kernel->image, 2, options, values);
  if (status != 0) {
    free(loaded);
    shortenLog(log);
    return failCall("cuModuleLoadDataEx", status, log);
  }
  *loaded = (LoadedModule){modules, context, hash, kernel->image_size, *module};
  modules = loaded;
  return 0;
}

static LoadedKernel *findLoaded(mqa_cuda_kernel *kernel, ContextKey context) {
  LoadedKernel *loaded = __atomic_load_n(&kernel->state, __ATOMIC_ACQUIRE);
  while (loaded && !isSame(loaded->context, context))
    loaded = loaded->next;
  return loaded;
}

// Loads a kernel that is not loaded; under `mutex`.
static int32_t loadKernel(mqa_cuda_kernel *kernel, ContextKey context,
                          LoadedKernel **result) {
  Module module;
  int32_t error = getModule(kernel, context, &module);
  if (error != 0)
    return error;
  Function function;
  int status = driver.cuModuleGetFunction(&function, module, kernel->name);
  if (status != 0)
    return failCall("cuModuleGetFunction", status, kernel->name);
  LoadedKernel *loaded = malloc(sizeof *loaded);
  if (!loaded)
    return fail(OutOfMemory, "mqa_cuda_launch: no memory");
  *loaded =
      (LoadedKernel){kernel->state, context, function, DefaultSharedBytes};
  __atomic_store_n(&kernel->state, loaded, __ATOMIC_RELEASE);
  *result = loaded;
  return 0;
}

static int32_t getLoaded(mqa_cuda_kernel *kernel, LoadedKernel **loaded) {
  ContextKey context = {NULL, 0};
  int32_t error = needContext(&context.handle);
  if (error != 0)
    return error;
  if (driver.cuCtxGetId) {
    int status = driver.cuCtxGetId(context.handle, &context.id);
    if (status != 0)
      return failCall("cuCtxGetId", status, "");
  }
  if ((*loaded = findLoaded(kernel, context)))
    return 0;
  pthread_mutex_lock(&mutex);
  if (!(*loaded = findLoaded(kernel, context)))
    error = loadKernel(kernel, context, loaded);
  pthread_mutex_unlock(&mutex);
  return error;
}

// Allows a kernel as much dynamic shared memory as it needs; never less than
// before, which another thread may be about to use.
static int32_t allowSharedBytes(LoadedKernel *loaded, int64_t bytes,
                                const char *name) {
  if (bytes <= __atomic_load_n(&loaded->sharedBytes, __ATOMIC_ACQUIRE))
    return 0;
  int status = 0;
  pthread_mutex_lock(&mutex);
  if (bytes > loaded->sharedBytes) {
    status = driver.cuFuncSetAttribute(loaded->function, MaxDynamicSharedBytes,
                                       (int)bytes);
    if (status == 0)
      __atomic_store_n(&loaded->sharedBytes, bytes, __ATOMIC_RELEASE);
  }
  pthread_mutex_unlock(&mutex);
  if (status == 0)
    return 0;
  char detail[256];
  snprintf(detail, sizeof detail, "%.200s, %lld bytes of shared memory", name,
           (long long)bytes);
  return failCall("cuFuncSetAttribute", status, detail);
}

// Is `value` from `least` to `most`? If not, says so.
static int32_t checkRange(const char *function, const char *name, int64_t value,
                          int64_t least, int64_t most) {
  if (value >= least && value <= most)
    return 0;
  return fail(MQA_CUDA_INVALID, "%s: expected %s from %lld to %lld, got %lld",
              function, name, (long long)least, (long long)most,
              (long long)value);
}

static int32_t checkLaunch(const mqa_cuda_kernel *kernel, int64_t gridX,
                           int64_t gridY, int64_t gridZ, int64_t blockX,
                           int64_t sharedBytes) {
  if (!kernel || !kernel->image || !kernel->name || kernel->image_size <= 0)
    return fail(MQA_CUDA_INVALID,
                "mqa_cuda_launch: expected a kernel with an image and "
                "a name, got none");
  const char *name = kernel->name;
  int32_t error = checkRange(name, "grid_x", gridX, 0, INT32_MAX);
  if (error == 0)
    error = checkRange(name, "grid_y", gridY, 0, 65535);
  if (error == 0)
    error = checkRange(name, "grid_z", gridZ, 0, 65535);
  if (error == 0)
    error = checkRange(name, "block_x", blockX, 1, 1024);
  if (error == 0)
    error = checkRange(name, "shared_bytes", sharedBytes, 0, INT32_MAX);
  return error;
}

EXPORT int32_t mqa_cuda_launch(mqa_cuda_kernel *kernel, int64_t grid_x,
                               int64_t grid_y, int64_t grid_z, int64_t block_x,
                               int64_t shared_bytes, void *stream,
                               void **params) {
  int32_t error =
      checkLaunch(kernel, grid_x, grid_y, grid_z, block_x, shared_bytes);
  if (error != 0 || grid_x == 0 || grid_y == 0 || grid_z == 0)
    return error;
  LoadedKernel *loaded;
  if ((error = getLoaded(kernel, &loaded)) != 0 ||
      (error = allowSharedBytes(loaded, shared_bytes, kernel->name)) != 0)
    return error;
  int status = driver.cuLaunchKernel(
      loaded->function, (unsigned)grid_x, (unsigned)grid_y, (unsigned)grid_z,
      (unsigned)block_x, 1, 1, (unsigned)shared_bytes, stream, params, NULL);
  return status == 0 ? 0 : failCall("cuLaunchKernel", status, kernel->name);
}

//===----------------------------------------------------------------------===//
// Tensor maps
//===----------------------------------------------------------------------===//

enum { MaxRank = 5, MaxBox = 256 };
static const char tiled[] = "mqa_cuda_encode_tiled";

// The CUtensorMapDataType of an element, or -1.
static int getElementType(int32_t bits, int32_t isBF16) {
  if (isBF16)
    return bits == 16 ? 9 : -1;
  switch (bits) {
  case 8:
    return 0; // UINT8
  case 16:
    return 6; // FLOAT16
  case 32:
    return 7; // FLOAT32
  case 64:
    return 8; // FLOAT64
  default:
    return -1;
  }
}

// The CUtensorMapSwizzle of a span, or -1.
static int getSwizzle(int32_t bytes) {
  switch (bytes) {
  case 0:
    return 0;
  case 32:
    return 1;
  case 64:
    return 2;
  case 128:
    return 3;
  default:
    return -1;
  }
}

// Is `value` a multiple of `unit`? If not, says so.
static int32_t checkMultiple(const char *name, uint64_t value, uint64_t unit) {
  if (value % unit == 0)
    return 0;
  return fail(MQA_CUDA_INVALID,
              "%s: expected %s to be a multiple of %llu, got %llu", tiled, name,
              (unsigned long long)unit, (unsigned long long)value);
}

// What the driver would only call an invalid value.
static int32_t checkTensor(int32_t rank, const int64_t *sizes,
                           const int64_t *byteStrides, const int32_t *box) {
  static const char *const names[MaxRank][3] = {
      {"sizes[0]", "box[0]", ""},
      {"sizes[1]", "box[1]", "byte_strides[0]"},
      {"sizes[2]", "box[2]", "byte_strides[1]"},
      {"sizes[3]", "box[3]", "byte_strides[2]"},
      {"sizes[4]", "box[4]", "byte_strides[3]"}};
  const int64_t maxSize = INT64_C(1) << 32, maxStride = INT64_C(1) << 40;
  int32_t error = 0;
  for (int32_t i = 0; i < rank && error == 0; ++i) {
    error = checkRange(tiled, names[i][0], sizes[i], 1, maxSize);
    if (error == 0)
      error = checkRange(tiled, names[i][1], box[i], 1, MaxBox);
    if (error != 0 || i == 0)
      continue;
    int64_t stride = byteStrides[i - 1];
    error = checkRange(tiled, names[i][2], stride, 0, maxStride - 1);
    if (error == 0)
      error = checkMultiple(names[i][2], (uint64_t)stride, 16);
  }
  return error;
}

static int32_t checkMap(const void *map, const void *address, int32_t bits,
                        int32_t rank, const int32_t *box, int32_t swizzle) {
  int32_t error = checkMultiple("the address of the map", (uintptr_t)map, 64);
  if (error == 0)
    error = checkMultiple("the address of the tensor", (uintptr_t)address, 16);
  if (error == 0)
    error = checkRange(tiled, "rank", rank, 1, MaxRank);
  if (error != 0)
    return error;
  int64_t bytes = (int64_t)box[0] * bits / 8;
  error = checkMultiple("the bytes of box[0]", (uint64_t)bytes, 16);
  if (error == 0 && swizzle != 0)
    error = checkRange(tiled, "the bytes of box[0]", bytes, 16, swizzle);
  return error;
}

EXPORT int32_t mqa_cuda_encode_tiled(void *map, void *address,
                                     int32_t element_bits, int32_t is_bf16,
                                     int32_t rank, const int64_t *sizes,
                                     const int64_t *byte_strides,
                                     const int32_t *box,
                                     int32_t swizzle_bytes) {
  const int type = getElementType(element_bits, is_bf16);
  if (type < 0)
    return fail(MQA_CUDA_INVALID,
                "mqa_cuda_encode_tiled: expected elements of %s bits, got %d",
                is_bf16 ? "16" : "8, 16, 32 or 64", element_bits);
  const int swizzle = getSwizzle(swizzle_bytes);
  if (swizzle < 0)
    return fail(MQA_CUDA_INVALID,
                "mqa_cuda_encode_tiled: expected swizzle_bytes 0, 32, 64 or "
                "128, got %d",
                swizzle_bytes);
  int32_t error =
      checkMap(map, address, element_bits, rank, box, swizzle_bytes);
  if (error != 0 ||
      (error = checkTensor(rank, sizes, byte_strides, box)) != 0 ||
      (error = needDriver()) != 0)
    return error;
  if (!driver.cuTensorMapEncodeTiled)
    return failMissing("cuTensorMapEncodeTiled");
  uint64_t dims[MaxRank] = {0}, strides[MaxRank] = {0};
  uint32_t boxDims[MaxRank] = {0}, steps[MaxRank] = {0};
  for (int32_t i = 0; i < rank; ++i) {
    dims[i] = (uint64_t)sizes[i];
    strides[i] = i + 1 < rank ? (uint64_t)byte_strides[i] : 0;
    boxDims[i] = (uint32_t)box[i];
    steps[i] = 1;
  }
  int status = driver.cuTensorMapEncodeTiled(
      map, type, (uint32_t)rank, address, dims, strides, boxDims, steps,
      /*interleave=*/0, swizzle, L2Promotion256B, /*oobFill=*/0);
  return status == 0 ? 0 : failCall("cuTensorMapEncodeTiled", status, "");
}

//===----------------------------------------------------------------------===//
// Memory and errors
//===----------------------------------------------------------------------===//

EXPORT int32_t mqa_cuda_alloc(void **pointer, int64_t bytes, void *stream) {
  if (!pointer)
    return fail(MQA_CUDA_INVALID,
                "mqa_cuda_alloc: expected a place for the pointer, "
                "got null");
  *pointer = NULL;
  int32_t error = checkRange("mqa_cuda_alloc", "bytes", bytes, 0, INT64_MAX);
  if (error != 0 || bytes == 0)
    return error;
  Context context;
  if ((error = needContext(&context)) != 0)
    return error;
  if (!driver.cuMemAllocAsync)
    return failMissing("cuMemAllocAsync");
  DevicePointer address = 0;
  int status = driver.cuMemAllocAsync(&address, (size_t)bytes, stream);
  if (status != 0) {
    char detail[64];
    snprintf(detail, sizeof detail, "%lld bytes", (long long)bytes);
    return failCall("cuMemAllocAsync", status, detail);
  }
  *pointer = (void *)(uintptr_t)address;
  return 0;
}

EXPORT int32_t mqa_cuda_free(void *pointer, void *stream) {
  if (!pointer)
    return 0;
  Context context;
  int32_t error = needContext(&context);
  if (error != 0)
    return error;
  if (!driver.cuMemFreeAsync)
    return failMissing("cuMemFreeAsync");
  int status = driver.cuMemFreeAsync((DevicePointer)(uintptr_t)pointer, stream);
  return status == 0 ? 0 : failCall("cuMemFreeAsync", status, "");
}

EXPORT int32_t mqa_cuda_fail(const char *message) {
  if (message == lastError)
    return MQA_CUDA_INVALID;
  return fail(MQA_CUDA_INVALID, "%s", message ? message : "unknown error");
}

EXPORT const char *mqa_cuda_last_error(void) { return lastError; }

EXPORT int32_t mqa_cuda_available(void) {
  // Asking is no failure: the last one stays.
  char saved[sizeof lastError];
  memcpy(saved, lastError, sizeof saved);
  int32_t status = needDriver();
  memcpy(lastError, saved, sizeof saved);
  return status == 0;
}
