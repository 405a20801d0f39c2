//===- CudaLaunch.h - the CUDA driver for compiled code -----------*- C -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The host code of attention for a GPU calls these functions. They need no CUDA
// toolkit: `libcuda.so.1` is opened at the first use, so that one object serves
// machines with and without a GPU. The definitions are weak symbols: a host
// that launches or allocates in its own way defines strong ones.
//
// Work is done in the context that is current in the calling thread; if none
// is, the primary context of device 0 is made current. Any thread may call at
// any time. Before glibc 2.34, link with -ldl and -lpthread.
//
// Each function returns 0 on success, else one of the codes below or the
// CUresult of the driver, such as 36 (CUDA_ERROR_CALL_REQUIRES_NEWER_DRIVER)
// for a driver that lacks a function. `mqa_cuda_last_error` has the text.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_RUNTIME_CUDALAUNCH_H
#define MQA_RUNTIME_CUDALAUNCH_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  /// There is no driver or no device.
  MQA_CUDA_NO_DRIVER = -1,
  /// The arguments are wrong.
  MQA_CUDA_INVALID = -2
};

/// A kernel in a compiled object. The image is PTX text, with a NUL after its
/// `image_size` bytes, or a cubin. `state` starts as null and belongs to the
/// runtime.
typedef struct {
  const void *image;
  int64_t image_size;
  const char *name;
  void *state;
} mqa_cuda_kernel;

/// Launches a kernel on `stream`; `params` are the addresses of its arguments.
/// A grid dimension of 0 launches nothing and succeeds, also without a driver.
/// The first launch in a context loads the image, which may take a second for
/// PTX and is not allowed while a stream is being captured.
int32_t mqa_cuda_launch(mqa_cuda_kernel *kernel, int64_t grid_x, int64_t grid_y,
                        int64_t grid_z, int64_t block_x, int64_t shared_bytes,
                        void *stream, void **params);

/// Writes a tensor map (128 bytes, aligned to 64) of a tensor at `address`:
/// `rank` sizes from the fastest dimension, the byte strides of the dimensions
/// from the second, and the box of one copy. Elements are floating point of
/// `element_bits` bits (8: bytes); `swizzle_bytes` is 0, 32, 64 or 128. What is
/// out of bounds reads as zero.
int32_t mqa_cuda_encode_tiled(void *map, void *address, int32_t element_bits,
                              int32_t is_bf16, int32_t rank,
                              const int64_t *sizes, const int64_t *byte_strides,
                              const int32_t *box, int32_t swizzle_bytes);

/// Device memory in the order of `stream`. No bytes are a null pointer.
int32_t mqa_cuda_alloc(void **pointer, int64_t bytes, void *stream);
int32_t mqa_cuda_free(void *pointer, void *stream);

/// Makes `message` the last error and returns MQA_CUDA_INVALID.
int32_t mqa_cuda_fail(const char *message);

/// What the last call of this thread that failed has to say: "" if none did,
/// never null. It stays until another call of the thread fails.
const char *mqa_cuda_last_error(void);

/// 1 if there are a driver and at least one device, else 0.
int32_t mqa_cuda_available(void);

#ifdef __cplusplus
}
#endif

#endif // MQA_RUNTIME_CUDALAUNCH_H
