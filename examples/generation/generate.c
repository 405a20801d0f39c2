/*===- generate.c - token by token over a growing cache -----------*- C -*-===*\
 *
 * Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*
 *
 * Generates TOKENS tokens with the compiled function @decode of attention.mlir,
 * then computes all of them again with one call of @prefill and compares. The
 * "model" around the attention is a few lines: what comes out of one token,
 * and noise, is the query, key and value of the next.
 *
\*===----------------------------------------------------------------------===*/

#include "attention.h"
#include <stdint.h>
#include <stdio.h>

enum { TOKENS = 200, HEADS = 8, DEPTH = 64 };

static float queries[TOKENS][HEADS][DEPTH];
static float outputs[TOKENS][HEADS][DEPTH];
static float at_once[TOKENS][HEADS][DEPTH];
/* The cache: rows are appended, the compiled function sees the filled part. */
static float keys[TOKENS][DEPTH];
static float values[TOKENS][DEPTH];

/* A number in [-1, 1). */
static float noise(void) {
  static uint32_t state = 1;
  state = state * 1664525u + 1013904223u;
  return (float)(state >> 8) / (1 << 23) - 1.0f;
}

/* Query, key and value of a token from the output of the one before it. */
static void project(int token) {
  for (int d = 0; d < DEPTH; ++d) {
    float sum = 0.0f;
    for (int h = 0; h < HEADS; ++h) {
      float before = token > 0 ? outputs[token - 1][h][(d + h) % DEPTH] : 0.0f;
      queries[token][h][d] = 2.0f * before + noise();
      sum += before;
    }
    keys[token][d] = sum / HEADS + noise();
    values[token][d] = noise() - sum / HEADS;
  }
}

static void decode(int token) {
  int64_t length = token + 1;
  mqa_buffer_f32_2d q =
      mqa_make_buffer_f32_2d(&queries[token][0][0], HEADS, DEPTH);
  mqa_buffer_f32_2d k = mqa_make_buffer_f32_2d(&keys[0][0], length, DEPTH);
  mqa_buffer_f32_2d v = mqa_make_buffer_f32_2d(&values[0][0], length, DEPTH);
  mqa_buffer_f32_2d o =
      mqa_make_buffer_f32_2d(&outputs[token][0][0], HEADS, DEPTH);
  mqa_decode(&q, &k, &v, &o);
}

static void prefill(void) {
  mqa_buffer_f32_3d q =
      mqa_make_buffer_f32_3d(&queries[0][0][0], TOKENS, HEADS, DEPTH);
  mqa_buffer_f32_2d k = mqa_make_buffer_f32_2d(&keys[0][0], TOKENS, DEPTH);
  mqa_buffer_f32_2d v = mqa_make_buffer_f32_2d(&values[0][0], TOKENS, DEPTH);
  mqa_buffer_f32_3d o =
      mqa_make_buffer_f32_3d(&at_once[0][0][0], TOKENS, HEADS, DEPTH);
  mqa_prefill(&q, &k, &v, &o);
}

int main(void) {
  for (int token = 0; token < TOKENS; ++token) {
    project(token);
    decode(token);
  }
  prefill();

  const float limit = 1e-5f;
  float largest = 0.0f;
  int equal = 1;
  for (int t = 0; t < TOKENS; ++t)
    for (int h = 0; h < HEADS; ++h)
      for (int d = 0; d < DEPTH; ++d) {
        float difference = outputs[t][h][d] - at_once[t][h][d];
        difference = difference < 0.0f ? -difference : difference;
        largest = difference > largest ? difference : largest;
        equal &= difference <= limit; /* A NaN is not. */
      }
  printf("%d tokens, one by one and in one pass: largest difference %g: %s\n",
         TOKENS, (double)largest, equal ? "equal" : "NOT equal");
  return equal ? 0 : 1;
}
