//===- PeakProbe.cpp - the peak of this machine -----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One block of assembly per width, so that the compiler's flags and its
// register allocation do not matter: 14 independent accumulators, two operands.
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/PeakProbe.h"
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

using namespace mlir::mqa;

namespace {

/// Loops that perform `count` times `flops` floating-point operations.
struct Kernel {
  void (*run)(int64_t count);
  double flops;
  const char *name;
};

#if defined(__x86_64__)
#define MQA_LOOP14(instruction)                                                \
  ".irp r,0,1,2,3,4,5,6,7,8,9,10,11,12,13\n" instruction "\n.endr\n"
#define MQA_CLOBBERS                                                           \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",      \
      "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "cc",      \
      "memory"

const float half = 0.5f;

/// accumulator = accumulator * 0.5 + 0.5, in vectors of 16.
void runAVX512(int64_t count) {
  asm volatile(
      ".irp r,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
      "vbroadcastss %1,%%zmm\\r\n.endr\n"
      "1:\n" MQA_LOOP14("vfmadd213ps %%zmm14,%%zmm15,%%zmm\\r") MQA_LOOP14(
          "vfmadd213ps %%zmm14,%%zmm15,%%zmm\\r") "dec %0\njnz 1b\nvzeroupper\n"
      : "+r"(count)
      : "m"(half)
      : MQA_CLOBBERS);
}

/// The same in vectors of 8.
void runAVX2(int64_t count) {
  asm volatile(
      ".irp r,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
      "vbroadcastss %1,%%ymm\\r\n.endr\n"
      "1:\n" MQA_LOOP14("vfmadd213ps %%ymm14,%%ymm15,%%ymm\\r") MQA_LOOP14(
          "vfmadd213ps %%ymm14,%%ymm15,%%ymm\\r") "dec %0\njnz 1b\nvzeroupper\n"
      : "+r"(count)
      : "m"(half)
      : MQA_CLOBBERS);
}

/// Seven multiplications and seven additions of vectors of 4.
void runSSE2(int64_t count) {
  asm volatile(".irp r,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
               "movss %1,%%xmm\\r\nshufps $0,%%xmm\\r,%%xmm\\r\n.endr\n"
               "addps %%xmm15,%%xmm15\n"
               "1:\n"
               ".irp r,0,1,2,3,4,5,6\naddps %%xmm14,%%xmm\\r\n.endr\n"
               ".irp r,7,8,9,10,11,12,13\nmulps %%xmm15,%%xmm\\r\n.endr\n"
               "dec %0\njnz 1b\n"
               : "+r"(count)
               : "m"(half)
               : MQA_CLOBBERS);
}

Kernel getKernel() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f"))
    return {runAVX512, 28.0 * 16 * 2, "avx512f"};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {runAVX2, 28.0 * 8 * 2, "avx2+fma"};
  return {runSSE2, 14.0 * 4, "sse2"};
}
#else
/// Vectors of 4, contracted by the compiler where the machine can.
void runVector(int64_t count) {
  typedef float Vector __attribute__((vector_size(16)));
  Vector half = {0.5f, 0.5f, 0.5f, 0.5f};
  Vector sums[12] = {};
  for (; count > 0; --count)
    for (Vector &sum : sums) {
      sum = sum * half + half;
      asm volatile("" : "+w"(sum));
    }
  volatile float sink = sums[0][0] + sums[11][3];
  (void)sink;
}

Kernel getKernel() { return {runVector, 12.0 * 4 * 2, "vector"}; }
#endif

double now() {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

} // namespace

PeakProbe::PeakProbe(unsigned threads) : threads(std::max(1u, threads)) {}

const char *PeakProbe::getVectors() const { return getKernel().name; }

void PeakProbe::burst(double milliseconds) {
  static const Kernel kernel = getKernel();
  std::vector<double> rates(threads, 0);
  std::atomic<unsigned> waiting(threads);
  auto measure = [&](unsigned thread) {
    waiting.fetch_sub(1);
    while (waiting.load() > 0)
      std::this_thread::yield();
    // Pieces of about a millisecond; the best of a burst is the rate.
    const int64_t count = 200000;
    double begin = now(), last = begin;
    while (last - begin < milliseconds * 1e-3) {
      kernel.run(count);
      double time = now();
      rates[thread] =
          std::max(rates[thread], count * kernel.flops / (time - last));
      last = time;
    }
  };
  std::vector<std::thread> others;
  for (unsigned thread = 1; thread < threads; ++thread)
    others.emplace_back(measure, thread);
  measure(0);
  double sum = rates[0];
  for (unsigned thread = 1; thread < threads; ++thread) {
    others[thread - 1].join();
    sum += rates[thread];
  }
  bursts.push_back(sum);
}

double PeakProbe::getPeak() const {
  if (bursts.empty())
    return 0;
  std::vector<double> sorted = bursts;
  std::sort(sorted.begin(), sorted.end());
  return sorted[sorted.size() - 1 - sorted.size() / 10];
}
