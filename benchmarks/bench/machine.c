//===- machine.c - the ceilings of this machine -------------------*- C -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two loops, built by machine.py with -O3 -march=native: independent chains of
// fused multiply-adds in registers, and reads of a buffer. Each runs on several
// threads at once; the time is that of all of them.
//
//===----------------------------------------------------------------------===//

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

enum { MaxThreads = 256 };

typedef struct {
  void (*body)(void *job, int thread);
  void *job;
  int thread;
  atomic_int *waiting;
  double begin, end;
} Worker;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static void *work(void *argument) {
  Worker *worker = argument;
  atomic_fetch_sub(worker->waiting, 1);
  while (atomic_load(worker->waiting) > 0)
    ;
  worker->begin = now();
  worker->body(worker->job, worker->thread);
  worker->end = now();
  return 0;
}

/// A thread on the CPU of that index among those of the process: where the
/// system puts it, it may share one with another thread for a while.
static int startOnCPU(pthread_t *handle, Worker *worker) {
  cpu_set_t allowed, one;
  CPU_ZERO(&one);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
    return -1;
  int left = worker->thread % CPU_COUNT(&allowed);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &allowed) && left-- == 0)
      CPU_SET(cpu, &one);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setaffinity_np(&attributes, sizeof one, &one);
  int result = pthread_create(handle, &attributes, work, worker);
  pthread_attr_destroy(&attributes);
  return result;
}

/// Runs `body` on all threads and gives the seconds from the first begin to the
/// last end, or 0 when a thread could not be had.
static double runAll(int threads, void (*body)(void *, int), void *job) {
  Worker workers[MaxThreads];
  pthread_t handles[MaxThreads];
  atomic_int waiting = threads;
  for (int i = 0; i < threads; ++i)
    workers[i] = (Worker){body, job, i, &waiting, 0, 0};
  for (int i = 0; i < threads; ++i)
    if (startOnCPU(&handles[i], &workers[i]) != 0)
      return 0;
  double begin = 1e300, end = 0;
  for (int i = 0; i < threads; ++i) {
    pthread_join(handles[i], 0);
    begin = workers[i].begin < begin ? workers[i].begin : begin;
    end = workers[i].end > end ? workers[i].end : end;
  }
  return end - begin;
}

// 14 chains in vectors of 64, 32 or 16 bytes, one block of assembly each, so
// that neither flags nor the register allocation matter.
#if defined(__x86_64__)
static const float half = 0.5f;
#define FMA_LOOP(NAME, REGISTER)                                               \
  static void NAME(int64_t count) {                                            \
    __asm__ volatile(                                                          \
        ".irp r,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"                       \
        "vbroadcastss %1,%%" REGISTER "\\r\n.endr\n"                           \
        "1:\n.irp r,0,1,2,3,4,5,6,7,8,9,10,11,12,13\n"                         \
        "vfmadd213ps %%" REGISTER "14,%%" REGISTER "15,%%" REGISTER "\\r\n"    \
        ".endr\n.irp r,0,1,2,3,4,5,6,7,8,9,10,11,12,13\n"                      \
        "vfmadd213ps %%" REGISTER "14,%%" REGISTER "15,%%" REGISTER "\\r\n"    \
        ".endr\ndec %0\njnz 1b\nvzeroupper\n"                                  \
        : "+r"(count)                                                          \
        : "m"(half)                                                            \
        : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",      \
          "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",         \
          "xmm15", "cc", "memory");                                            \
  }
FMA_LOOP(fma512, "zmm")
FMA_LOOP(fma256, "ymm")

static int supports(int bits) {
  if (bits == 512)
    return __builtin_cpu_supports("avx512f");
  return bits == 256 && __builtin_cpu_supports("avx2") &&
         __builtin_cpu_supports("fma");
}
#else
static void fma128(int64_t count) {
  typedef float Vector __attribute__((vector_size(16)));
  Vector half = {0.5f, 0.5f, 0.5f, 0.5f}, sums[14] = {{0}};
  for (; count > 0; --count)
    for (int twice = 0; twice < 2; ++twice)
      for (int i = 0; i < 14; ++i) {
        sums[i] = sums[i] * half + half;
        __asm__ volatile("" : "+w"(sums[i]));
      }
}
static int supports(int bits) { return bits == 128; }
#endif

typedef struct {
  void (*loop)(int64_t count);
  int64_t count;
} FmaJob;

static void runFma(void *job, int thread) {
  (void)thread;
  ((FmaJob *)job)->loop(((FmaJob *)job)->count);
}

/// GFLOP/s of `threads` threads together, the best of the pieces of about a
/// millisecond that fit into the time; 0 where vectors of `bits` do not exist.
double bench_peak(int threads, double milliseconds, int bits) {
  if (!supports(bits) || threads < 1 || threads > MaxThreads)
    return 0;
#if defined(__x86_64__)
  FmaJob job = {bits == 512 ? fma512 : fma256, 200000};
#else
  FmaJob job = {fma128, 200000};
#endif
  double flops = 28.0 * (bits / 32) * 2 * job.count * threads, best = 0;
  double begin = now();
  do {
    double seconds = runAll(threads, runFma, &job);
    if (seconds > 0 && flops / seconds > best)
      best = flops / seconds;
  } while (now() - begin < milliseconds * 1e-3);
  return best * 1e-9;
}

typedef struct {
  const char *data;
  int64_t bytes;
  int threads;
  int prefetch; ///< Bytes ahead, or 0.
} ReadJob;

/// Reads a contiguous share in vectors of 64 bytes, four pages side by side:
/// a core that prefetches by page keeps more lines in flight so.
static void runRead(void *job, int thread) {
  typedef int64_t Vector __attribute__((vector_size(64), aligned(8)));
  const ReadJob *read = job;
  int64_t share = read->bytes / read->threads / 16384 * 16384;
  const char *data = read->data + share * thread;
  Vector sums[4] = {{0}};
  for (int64_t i = 0; i < share; i += 16384)
    for (int64_t j = 0; j < 4096; j += 64)
      for (int page = 0; page < 4; ++page) {
        const char *line = data + i + page * 4096 + j;
        sums[page] |= *(const Vector *)line;
        if (read->prefetch)
          __builtin_prefetch(line + read->prefetch, 0, 2);
      }
  Vector sum = sums[0] | sums[1] | sums[2] | sums[3];
  volatile int64_t sink = sum[0];
  (void)sink;
}

/// GB/s at which `threads` threads together read `bytes` of `data` once, with
/// software prefetches `prefetch` bytes ahead, or none.
double bench_read(const char *data, int64_t bytes, int threads, int prefetch) {
  if (threads < 1 || threads > MaxThreads || bytes / threads < 16384)
    return 0;
  ReadJob job = {data, bytes, threads, prefetch};
  int64_t read = bytes / threads / 16384 * 16384 * threads;
  double seconds = runAll(threads, runRead, &job);
  return seconds > 0 ? read / seconds * 1e-9 : 0;
}
