//===- FakeCuda.c - a libcuda.so.1 for tests ----------------------*- C -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// FAKE_CUDA_OLD leaves out what CUDA 11.1 does not have, FAKE_CUDA_CRIPPLED a
// function that no driver lacks.
//
//===----------------------------------------------------------------------===//

#define _GNU_SOURCE
#include "FakeCuda.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#pragma GCC diagnostic ignored "-Wmissing-prototypes"

typedef int CUresult;
typedef unsigned long long CUdeviceptr, ContextId;

enum {
  InvalidValue = 1,
  NotInitialized = 3,
  InvalidDevice = 101,
  InvalidImage = 200,
  InvalidContext = 201,
  InvalidPTX = 218,
  InvalidHandle = 400,
  NotFound = 500
};

typedef struct {
  ContextId id;
} Context;
typedef struct {
  Context *context;
  ContextId id;
  const char *image;
} Module;
typedef struct {
  Module *module;
  char name[64];
  int sharedBytes;
} Function;
typedef struct {
  float time; // milliseconds; below 0 as long as it is not recorded
} Event;

enum { NumContexts = 8, MaxNames = 64, MaxHandles = 4096 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct {
  char name[40];
  int count, failure;
} calls[MaxNames];
static char callLog[1 << 16];
static Context contexts[NumContexts];
static ContextId lastId;
static int isInitialized, numResets, numEvents;
static void *handles[MaxHandles]; // all that was made, never freed before exit
static int numHandles;

static _Thread_local Context *current;
static _Thread_local int resetsSeen;

//===----------------------------------------------------------------------===//
// Records
//===----------------------------------------------------------------------===//

// The record of a function; under `mutex`.
static int findCall(const char *function) {
  int i = 0;
  while (i < MaxNames - 1 && calls[i].name[0] &&
         strcmp(calls[i].name, function) != 0)
    ++i;
  snprintf(calls[i].name, sizeof calls[i].name, "%s", function);
  return i;
}

// Counts a call; what it is to return.
static CUresult enter(const char *function) {
  pthread_mutex_lock(&mutex);
  int i = findCall(function);
  ++calls[i].count;
  CUresult failure = calls[i].failure;
  if (failure == 0 && strcmp(function, "cuInit") == 0)
    isInitialized = 1;
  int resets = numResets, isReady = isInitialized;
  pthread_mutex_unlock(&mutex);
  if (resetsSeen != resets) {
    resetsSeen = resets;
    current = NULL;
  }
  return failure == 0 && !isReady ? NotInitialized : failure;
}

#define ENTER()                                                                \
  do {                                                                         \
    CUresult failure = enter(__func__);                                        \
    if (failure != 0)                                                          \
      return failure;                                                          \
  } while (0)

__attribute__((format(printf, 1, 2))) static void record(const char *format,
                                                         ...) {
  pthread_mutex_lock(&mutex);
  size_t used = strlen(callLog);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(callLog + used, sizeof callLog - used, format, arguments);
  va_end(arguments);
  pthread_mutex_unlock(&mutex);
}

static void *newHandle(size_t size) {
  void *handle = calloc(1, size);
  pthread_mutex_lock(&mutex);
  if (numHandles == MaxHandles || !handle)
    abort();
  handles[numHandles++] = handle;
  pthread_mutex_unlock(&mutex);
  return handle;
}

static int numberOf(const Context *context) {
  return context ? (int)(context - contexts) : -1;
}

void fake_cuda_reset(void) {
  pthread_mutex_lock(&mutex);
  memset(calls, 0, sizeof calls);
  callLog[0] = '\0';
  ++numResets;
  numEvents = 0;
  for (int i = 0; i < NumContexts; ++i)
    contexts[i].id = ++lastId;
  pthread_mutex_unlock(&mutex);
}

int fake_cuda_count(const char *function) {
  pthread_mutex_lock(&mutex);
  int count = calls[findCall(function)].count;
  pthread_mutex_unlock(&mutex);
  return count;
}

void fake_cuda_log(char *text, int size) {
  pthread_mutex_lock(&mutex);
  snprintf(text, (size_t)size, "%s", callLog);
  pthread_mutex_unlock(&mutex);
}

void fake_cuda_fail(const char *function, int status) {
  pthread_mutex_lock(&mutex);
  calls[findCall(function)].failure = status;
  pthread_mutex_unlock(&mutex);
}

void fake_cuda_set_context(int number) {
  pthread_mutex_lock(&mutex);
  resetsSeen = numResets;
  pthread_mutex_unlock(&mutex);
  current = number < 0 ? NULL : &contexts[number];
}

void fake_cuda_recreate_context(int number) {
  pthread_mutex_lock(&mutex);
  contexts[number].id = ++lastId;
  pthread_mutex_unlock(&mutex);
}

__attribute__((constructor)) static void readEnvironment(void) {
  fake_cuda_reset();
  const char *failure = getenv("FAKE_CUDA_FAIL");
  const char *value = failure ? strchr(failure, '=') : NULL;
  if (!value)
    return;
  char name[40];
  snprintf(name, sizeof name, "%.*s", (int)(value - failure), failure);
  fake_cuda_fail(name, atoi(value + 1));
}

//===----------------------------------------------------------------------===//
// Devices and contexts
//===----------------------------------------------------------------------===//

CUresult cuInit(unsigned flags) {
  ENTER();
  return flags == 0 ? 0 : InvalidValue;
}

CUresult cuDriverGetVersion(int *version) {
#ifdef FAKE_CUDA_OLD
  *version = 11010;
#else
  *version = 13000;
#endif
  return 0;
}

CUresult cuDeviceGetCount(int *count) {
  ENTER();
  const char *text = getenv("FAKE_CUDA_DEVICES");
  *count = text ? atoi(text) : 1;
  return 0;
}

CUresult cuDeviceGet(int *device, int ordinal) {
  ENTER();
  *device = ordinal;
  return ordinal == 0 ? 0 : InvalidDevice;
}

CUresult cuDeviceGetName(char *name, int size, int device) {
  ENTER();
  snprintf(name, (size_t)size, "Fake GPU %d", device);
  return 0;
}

CUresult cuDeviceGetAttribute(int *value, int attribute, int device) {
  ENTER();
  (void)device;
  *value = attribute == 75 ? 9 : 0; // compute capability 9.0
  return attribute == 75 || attribute == 76 ? 0 : InvalidValue;
}

CUresult cuDevicePrimaryCtxRetain(Context **context, int device) {
  ENTER();
  *context = &contexts[0];
  record("retain primary of %d\n", device);
  return 0;
}

CUresult cuDevicePrimaryCtxRelease_v2(int device) {
  ENTER();
  record("release primary of %d\n", device);
  return 0;
}

CUresult cuCtxGetCurrent(Context **context) {
  ENTER();
  *context = current;
  return 0;
}

CUresult cuCtxSetCurrent(Context *context) {
  ENTER();
  current = context;
  record("set context %d\n", numberOf(context));
  return 0;
}

#ifndef FAKE_CUDA_OLD
CUresult cuCtxGetId(Context *context, ContextId *id) {
  ENTER();
  pthread_mutex_lock(&mutex);
  *id = context->id;
  pthread_mutex_unlock(&mutex);
  return 0;
}
#endif

//===----------------------------------------------------------------------===//
// Modules and launches
//===----------------------------------------------------------------------===//

// PTX with `error` in it is not right.
static CUresult checkImage(const char *image, unsigned numOptions,
                           const int *options, void **values) {
  if (memcmp(image, "\177ELF", 4) == 0)
    return 0;
  if (strncmp(image, ".version", 8) != 0)
    return InvalidImage;
  if (!strstr(image, "error"))
    return 0;
  size_t size = 0;
  char *buffer = NULL;
  for (unsigned i = 0; i < numOptions; ++i) {
    if (options[i] == 5)
      buffer = values[i];
    if (options[i] == 6)
      size = (size_t)(uintptr_t)values[i];
  }
  if (buffer && size)
    snprintf(buffer, size,
             "ptxas application ptx input, line 2; fatal : "
             "Parsing error near 'error'\nptxas fatal : Ptx "
             "assembly aborted due to errors\n\n");
  return InvalidPTX;
}

CUresult cuModuleLoadDataEx(Module **module, const char *image,
                            unsigned numOptions, int *options, void **values) {
  ENTER();
  if (!current)
    return InvalidContext;
  CUresult status = checkImage(image, numOptions, options, values);
  if (status != 0)
    return status;
  usleep(20000); // time for other threads to try it too
  *module = newHandle(sizeof **module);
  **module = (Module){current, current->id, image};
  record("load in context %d\n", numberOf(current));
  return 0;
}

CUresult cuModuleGetFunction(Function **function, Module *module,
                             const char *name) {
  ENTER();
  if (module->id != module->context->id)
    return InvalidHandle;
  if (!strstr(module->image, name))
    return NotFound;
  *function = newHandle(sizeof **function);
  (*function)->module = module;
  (*function)->sharedBytes = 48 << 10;
  snprintf((*function)->name, sizeof(*function)->name, "%s", name);
  return 0;
}

CUresult cuFuncSetAttribute(Function *function, int attribute, int value) {
  ENTER();
  if (attribute != 8 || value > 227 << 10)
    return InvalidValue;
  function->sharedBytes = value;
  record("allow %s %d bytes\n", function->name, value);
  return 0;
}

#ifndef FAKE_CUDA_CRIPPLED
CUresult cuLaunchKernel(Function *function, unsigned gridX, unsigned gridY,
                        unsigned gridZ, unsigned blockX, unsigned blockY,
                        unsigned blockZ, unsigned sharedBytes, void *stream,
                        void **params, void **extra) {
  ENTER();
  const Module *module = function->module;
  if (module->context != current || module->id != current->id)
    return InvalidHandle;
  if ((int)sharedBytes > function->sharedBytes || extra)
    return InvalidValue;
  record("launch %s in %d: grid %u %u %u block %u %u %u shared %u stream %p "
         "first %d\n",
         function->name, numberOf(current), gridX, gridY, gridZ, blockX, blockY,
         blockZ, sharedBytes, stream, params ? *(int *)params[0] : -1);
  return 0;
}
#endif

#ifndef FAKE_CUDA_OLD
static void printList(char *text, size_t size, const char *name,
                      const uint64_t *values, const uint32_t *words,
                      unsigned count) {
  size_t used = strlen(text);
  used += (size_t)snprintf(text + used, size - used, " %s", name);
  for (unsigned i = 0; i < count; ++i)
    used += (size_t)snprintf(text + used, size - used, " %llu",
                             values ? (unsigned long long)values[i] : words[i]);
}

CUresult cuTensorMapEncodeTiled(void *map, int type, uint32_t rank,
                                void *address, const uint64_t *dims,
                                const uint64_t *strides, const uint32_t *box,
                                const uint32_t *steps, int interleave,
                                int swizzle, int promotion, int fill) {
  ENTER();
  char text[512] = "";
  printList(text, sizeof text, "dims", dims, NULL, rank);
  printList(text, sizeof text, "strides", strides, NULL, rank - 1);
  printList(text, sizeof text, "box", NULL, box, rank);
  printList(text, sizeof text, "steps", NULL, steps, rank);
  record("encode type %d rank %u at %p%s interleave %d swizzle %d promotion %d "
         "fill %d\n",
         type, rank, address, text, interleave, swizzle, promotion, fill);
  memset(map, 0x5a, 128);
  return 0;
}
#endif

//===----------------------------------------------------------------------===//
// Memory, streams, events
//===----------------------------------------------------------------------===//

#ifndef FAKE_CUDA_OLD
CUresult cuMemAllocAsync(CUdeviceptr *address, size_t bytes, void *stream) {
  ENTER();
  if (!current)
    return InvalidContext;
  if (bytes == 0)
    return InvalidValue;
  *address = (CUdeviceptr)(uintptr_t)malloc(bytes);
  record("alloc %zu bytes stream %p\n", bytes, stream);
  return 0;
}

CUresult cuMemFreeAsync(CUdeviceptr address, void *stream) {
  ENTER();
  if (!current)
    return InvalidContext;
  free((void *)(uintptr_t)address);
  record("free stream %p\n", stream);
  return 0;
}
#endif

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes,
                              void *stream) {
  ENTER();
  (void)stream;
  memcpy((void *)(uintptr_t)to, from, bytes);
  return 0;
}

CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes,
                              void *stream) {
  ENTER();
  (void)stream;
  memcpy(to, (const void *)(uintptr_t)from, bytes);
  return 0;
}

CUresult cuStreamCreate(void **stream, unsigned flags) {
  ENTER();
  *stream = malloc(1);
  record("new stream flags %u\n", flags);
  return 0;
}

CUresult cuStreamDestroy_v2(void *stream) {
  ENTER();
  free(stream);
  return 0;
}

CUresult cuStreamSynchronize(void *stream) {
  ENTER();
  (void)stream;
  return 0;
}

CUresult cuEventCreate(Event **event, unsigned flags) {
  ENTER();
  (void)flags;
  *event = malloc(sizeof **event);
  (*event)->time = -1;
  return 0;
}

CUresult cuEventDestroy_v2(Event *event) {
  ENTER();
  free(event);
  return 0;
}

// The n-th event comes n * n milliseconds after the start.
CUresult cuEventRecord(Event *event, void *stream) {
  ENTER();
  (void)stream;
  pthread_mutex_lock(&mutex);
  int n = numEvents++;
  pthread_mutex_unlock(&mutex);
  event->time = (float)n * (float)n;
  return 0;
}

CUresult cuEventElapsedTime(float *milliseconds, Event *start, Event *end) {
  ENTER();
  if (start->time < 0 || end->time < 0)
    return InvalidHandle;
  *milliseconds = end->time - start->time;
  return 0;
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

static const struct {
  int status;
  const char *name, *text;
} errors[] = {
    {1, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {2, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {3, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {100, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {101, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {200, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {201, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {218, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"},
    {400, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {500, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {700, "CUDA_ERROR_ILLEGAL_ADDRESS",
     "an illegal memory access was encountered"},
};

static CUresult describe(int status, const char **result, int isName) {
  for (size_t i = 0; i < sizeof errors / sizeof *errors; ++i) {
    if (errors[i].status != status)
      continue;
    *result = isName ? errors[i].name : errors[i].text;
    return 0;
  }
  return InvalidValue;
}

CUresult cuGetErrorName(int status, const char **name) {
  return describe(status, name, 1);
}

CUresult cuGetErrorString(int status, const char **text) {
  return describe(status, text, 0);
}
