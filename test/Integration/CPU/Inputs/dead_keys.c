// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Keys that no row can see are not read: pages that hold none of the keys
// [first, length) are taken away, and what else lies outside of it is NaN.

#include "dead_keys.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HEADS = 8, ROWS = 40, DEPTH = 64, KEYS = 4096 };
enum { PAGE = 4096, BYTES = KEYS * DEPTH * sizeof(float) };

static float draw(void) { return (float)(rand() % 2001 - 1000) / 1000.0f; }

/// A cache of which only the keys [first, length) are there.
static float *make_cache(long first, long length) {
  char *bytes = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (bytes == MAP_FAILED)
    exit(2);
  float *cache = (float *)bytes;
  for (long i = 0; i < (long)KEYS * DEPTH; ++i)
    cache[i] = i / DEPTH < first || i / DEPTH >= length ? NAN : draw();
  long begin = first * DEPTH * (long)sizeof(float) / PAGE * PAGE;
  long end = (length * DEPTH * (long)sizeof(float) + PAGE - 1) / PAGE * PAGE;
  if (mprotect(bytes, begin, PROT_NONE) ||
      mprotect(bytes + end, BYTES - end, PROT_NONE))
    exit(2);
  return cache;
}

/// The largest error of `out` against the formula in double.
static double check(const float *q, const float *k, const float *v,
                    const float *out, long rows, long first, long length) {
  double worst = 0, *p = malloc(KEYS * sizeof(double));
  for (long h = 0; h < HEADS; ++h)
    for (long m = 0; m < rows; ++m) {
      const float *row = q + (h * rows + m) * DEPTH;
      const float *got = out + (h * rows + m) * DEPTH;
      long last = m + length - rows; // sees keys up to this one
      double max = -INFINITY, sum = 0;
      for (long n = first; n <= last; ++n) {
        double s = 0;
        for (long d = 0; d < DEPTH; ++d)
          s += (double)row[d] * k[n * DEPTH + d];
        p[n] = 0.125 * s;
        max = fmax(max, p[n]);
      }
      for (long n = first; n <= last; ++n)
        sum += p[n] = exp(p[n] - max);
      for (long e = 0; e < DEPTH; ++e) {
        double o = 0;
        for (long n = first; n <= last; ++n)
          o += p[n] / sum * v[n * DEPTH + e];
        double error = fabs(o - got[e]);
        worst = error <= worst ? worst : isnan(error) ? INFINITY : error;
      }
    }
  free(p);
  return worst;
}

static int run(long rows, long first, long length) {
  float *k = make_cache(first, length), *v = make_cache(first, length);
  float *q = malloc(HEADS * rows * DEPTH * sizeof(float));
  float *o = malloc(HEADS * rows * DEPTH * sizeof(float));
  for (long i = 0; i < HEADS * rows * DEPTH; ++i)
    q[i] = draw(), o[i] = NAN;
  mqa_buffer_f32_3d query = {
      q, q, 0, {HEADS, rows, DEPTH}, {rows * DEPTH, DEPTH, 1}};
  mqa_buffer_f32_3d output = query;
  output.allocated = output.aligned = o;
  mqa_buffer_f32_2d key = {k, k, 0, {KEYS, DEPTH}, {DEPTH, 1}};
  mqa_buffer_f32_2d value = key;
  value.allocated = value.aligned = v;
  if (rows == 1)
    mqa_decode(&query, &key, &value, first, length, &output);
  else
    mqa_prefill(&query, &key, &value, first, length, &output);
  double error = check(q, k, v, o, rows, first, length);
  printf("%s [%ld, %ld): %s\n", rows == 1 ? "decode" : "prefill", first, length,
         error < 1e-5 ? "right" : "WRONG");
  munmap(k, BYTES);
  munmap(v, BYTES);
  free(q);
  free(o);
  return error < 1e-5 ? 0 : 1;
}

int main(void) {
  static const long ranges[][2] = {{0, 4096},    {0, 1},       {16, 17},
                                   {100, 1000},  {2000, 2048}, {37, 3001},
                                   {4095, 4096}, {1029, 3000}, {0, 40}};
  int wrong = 0;
  for (unsigned i = 0; i < sizeof ranges / sizeof *ranges; ++i) {
    wrong |= run(1, ranges[i][0], ranges[i][1]);
    if (ranges[i][1] >= ROWS)
      wrong |= run(ROWS, ranges[i][0], ranges[i][1]);
  }
  return wrong;
}
