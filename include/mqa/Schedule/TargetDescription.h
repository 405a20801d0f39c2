//===- TargetDescription.h - what a lowering must know of a CPU -*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_SCHEDULE_TARGETDESCRIPTION_H
#define MQA_SCHEDULE_TARGETDESCRIPTION_H

#include "mlir/Support/LLVM.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir::mqa {

/// Bytes of the data caches of one core.
struct CacheSizes {
  int64_t l1 = 32 << 10;
  int64_t l2 = 256 << 10;

  /// Of a CPU by LLVM's name; those of its oldest relatives if it has no entry.
  static CacheSizes ofCPU(StringRef cpu, bool isAArch64);
  /// Of this machine, as far as it tells; what it does not tell stays as it is.
  void detect();
};

/// A CPU, as far as tile sizes and instruction choice depend on it.
struct TargetDescription {
  std::string triple;      ///< LLVM target triple.
  std::string cpu;         ///< LLVM's name of the CPU.
  std::string features;    ///< LLVM's feature string, "+avx2,-avx512f,..."; may
                           ///< be empty for a named CPU.
  int64_t lanes = 4;       ///< f32 elements of the widest vector.
  int64_t registers = 16;  ///< Vector registers.
  bool hasAVX512 = false;  ///< avx512f and avx512dq (vreduceps, vscalefps).
  bool hasFma = true;      ///< Fused multiply-add.
  bool hasLaneFma = false; ///< Multiply-add by one lane of a register (fmla).
  CacheSizes caches;       ///< Of one core.
  unsigned threads = 1; ///< CPUs that this process may use; 1 of a named CPU.

  /// The description of `cpu`: "host", a name that LLVM knows for the host's
  /// architecture ("x86-64-v3", "znver4", ...), "aarch64" for any 64-bit Arm,
  /// or a name that LLVM knows for x86-64 or AArch64 ("neoverse-v1", ...).
  /// Unknown names are an error.
  static llvm::Expected<TargetDescription> get(StringRef cpu);
};

} // namespace mlir::mqa

#endif // MQA_SCHEDULE_TARGETDESCRIPTION_H
