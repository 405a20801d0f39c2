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

/// A CPU, as far as tile sizes and instruction choice depend on it.
struct TargetDescription {
  std::string triple;     ///< LLVM target triple.
  std::string cpu;        ///< LLVM's name of the CPU.
  std::string features;   ///< LLVM's feature string, "+avx2,-avx512f,..."; may
                          ///< be empty for a named CPU.
  int64_t lanes = 4;      ///< f32 elements of the widest vector.
  int64_t registers = 16; ///< Vector registers.
  bool hasAVX512 = false; ///< avx512f and avx512dq (vreduceps, vscalefps).
  bool hasFma = true;     ///< Fused multiply-add.

  /// The description of `cpu`: "host", "x86-64-v3", or any name that LLVM
  /// knows for the host's architecture. Unknown names are an error.
  static llvm::Expected<TargetDescription> get(StringRef cpu);
};

} // namespace mlir::mqa

#endif // MQA_SCHEDULE_TARGETDESCRIPTION_H
