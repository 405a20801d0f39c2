//===- ParallelFor.h - the thread pool of compiled code -----------*- C -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled attention runs its tasks by one call of `mqa_parallel_for`. The
// definition here is a weak symbol: a host that has threads of its own defines
// a strong one of the same type and the pool is never started.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_RUNTIME_PARALLELFOR_H
#define MQA_RUNTIME_PARALLELFOR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Calls task(ctx, i) for every i in [0, n), on several threads and in no
/// order, and returns when all have returned. Any thread may call it at any
/// time. A call from inside a task runs there, serially; a caller that finds
/// the pool busy runs its tasks itself.
void mqa_parallel_for(int64_t n, void (*task)(void *ctx, int64_t i), void *ctx);

/// How many threads, the caller included, a call may use: at least 1. Values
/// below 1 restore the default: MQA_NUM_THREADS, else the number of CPUs that
/// this process may run on. Calls that have begun keep their number.
void mqa_set_num_threads(int count);

/// How many threads the next call may use.
int mqa_get_num_threads(void);

#ifdef __cplusplus
}
#endif

#endif // MQA_RUNTIME_PARALLELFOR_H
