//===- FakeCuda.h - what tests ask of the fake driver -------------*- C -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The fake `libcuda.so.1` has one device, host memory for device memory, and
// kernels that do nothing. It is as strict as the driver where that shows
// mistakes: handles of contexts that are gone, shared memory that was not asked
// for. A call that fails by request has no other effect.
//
// The environment, for processes that a test starts:
//   FAKE_CUDA_DEVICES=0    how many devices there are
//   FAKE_CUDA_FAIL=cuInit=100    what fails from the start
//
//===----------------------------------------------------------------------===//

#ifndef MQA_UNITTESTS_FAKECUDA_H
#define MQA_UNITTESTS_FAKECUDA_H

#ifdef __cplusplus
extern "C" {
#endif

/// Forgets calls, failures and contexts, and makes the current one of all
/// threads none. What was loaded before is stale.
void fake_cuda_reset(void);
/// How often a function was called.
int fake_cuda_count(const char *function);
/// The calls with an effect, a line each, with what was passed. Copies at most
/// `size` bytes, the NUL included.
void fake_cuda_log(char *text, int size);
/// Lets each call of a function return `status`; 0 ends that.
void fake_cuda_fail(const char *function, int status);
/// Makes context `number` (1 to 7; 0 is the primary one) current here; -1 none.
void fake_cuda_set_context(int number);
/// Destroys a context and makes another one with the same handle.
void fake_cuda_recreate_context(int number);

#ifdef __cplusplus
}
#endif

#endif // MQA_UNITTESTS_FAKECUDA_H
