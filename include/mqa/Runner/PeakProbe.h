//===- PeakProbe.h - the peak of this machine -------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_RUNNER_PEAKPROBE_H
#define MQA_RUNNER_PEAKPROBE_H

#include <cstdint>

#include <vector>

namespace mlir::mqa {

/// Measures the best rate of f32 fused multiply-adds with the widest vectors of
/// this machine, on a number of threads at once. Short bursts between the runs
/// of what is timed see the same clock and the same neighbours.
class PeakProbe {
public:
  explicit PeakProbe(unsigned threads);

  /// Runs about `milliseconds` on every thread.
  void burst(double milliseconds);
  /// The best of all bursts, in flop/s, but for the top tenth: on virtual
  /// machines a clock that jumps makes a burst look 10 % too fast.
  double getPeak() const;
  /// What it measured with: "avx512f", "avx2+fma", "sse2", "vector".
  const char *getVectors() const;

private:
  unsigned threads;
  std::vector<double> bursts;
};

} // namespace mlir::mqa

#endif // MQA_RUNNER_PEAKPROBE_H
