//===- host.c - a C program that calls compiled attention ---------*- C -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Links the object that `mqa-compile` makes of attention.mlir, calls it from
// one thread and then from several at once, and compares with the formula.
//
// Compiled with -DOWN_POOL, it brings its own `mqa_parallel_for`, which then
// takes the place of the one in the object.
//
//===----------------------------------------------------------------------===//

#include "attention.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { Heads = 4, Depth = 16, Columns = 24, HostThreads = 4, Rounds = 25 };

static atomic_int poolCalls;

#ifdef OWN_POOL
/// The simplest pool there is: the calling thread, last task first.
void mqa_parallel_for(int64_t n, void (*task)(void *, int64_t), void *ctx) {
  atomic_fetch_add(&poolCalls, 1);
  for (int64_t i = n; i-- > 0;)
    task(ctx, i);
}
#endif

static float *makeData(int64_t size, unsigned seed) {
  float *data = malloc(sizeof(float) * (size_t)(size > 0 ? size : 1));
  for (int64_t i = 0; data && i < size; ++i) {
    seed = seed * 1664525u + 1013904223u;
    data[i] = (float)(seed >> 8) / (1 << 23) - 1.0f;
  }
  return data;
}

/// One row of the formula, softmax(0.25 q k^T) v, in double.
static void attendRow(const float *q, const float *k, const float *v,
                      int64_t keys, double *out) {
  double sum = 0;
  for (int e = 0; e < Columns; ++e)
    out[e] = 0;
  for (int64_t n = 0; n < keys; ++n) {
    double score = 0;
    for (int d = 0; d < Depth; ++d)
      score += (double)q[d] * k[n * Depth + d];
    double weight = exp(0.25 * score);
    sum += weight;
    for (int e = 0; e < Columns; ++e)
      out[e] += weight * v[n * Columns + e];
  }
  for (int e = 0; e < Columns; ++e)
    out[e] /= sum;
}

/// Runs the compiled function on random data; the largest error.
static double runOnce(int64_t queries, int64_t keys, unsigned seed) {
  float *q = makeData(Heads * queries * Depth, seed);
  float *k = makeData(keys * Depth, seed + 1);
  float *v = makeData(keys * Columns, seed + 2);
  float *out = makeData(Heads * queries * Columns, seed + 3);

  mqa_buffer_f32_3d qBuffer = mqa_make_buffer_f32_3d(q, Heads, queries, Depth);
  mqa_buffer_f32_2d kBuffer = mqa_make_buffer_f32_2d(k, keys, Depth);
  mqa_buffer_f32_2d vBuffer = mqa_make_buffer_f32_2d(v, keys, Columns);
  mqa_buffer_f32_3d outBuffer =
      mqa_make_buffer_f32_3d(out, Heads, queries, Columns);
  mqa_attention(&qBuffer, &kBuffer, &vBuffer, &outBuffer);

  double error = 0;
  for (int64_t row = 0; row < Heads * queries; ++row) {
    double expected[Columns];
    attendRow(q + row * Depth, k, v, keys, expected);
    for (int e = 0; e < Columns; ++e)
      error = fmax(error, fabs(expected[e] - out[row * Columns + e]));
  }
  free(q), free(k), free(v), free(out);
  return error;
}

static void *runRounds(void *argument) {
  double *error = argument;
  for (int round = 0; round < Rounds; ++round)
    *error = fmax(*error, runOnce(1 + round * 7 % 70, 1 + round * 5 % 90,
                                  (unsigned)round));
  return NULL;
}

int main(void) {
  double error = runOnce(100, 117, 1);

  pthread_t threads[HostThreads];
  double errors[HostThreads] = {0};
  for (int i = 0; i < HostThreads; ++i)
    if (pthread_create(&threads[i], NULL, runRounds, &errors[i]) != 0)
      return 2;
  for (int i = 0; i < HostThreads; ++i) {
    pthread_join(threads[i], NULL);
    error = fmax(error, errors[i]);
  }

  printf("%d calls: %s\n", 1 + HostThreads * Rounds,
         error < 1e-5 ? "right" : "WRONG");
  printf("calls of the host's own pool: %d\n", poolCalls);
  return error < 1e-5 ? 0 : 1;
}
