//===- GpuTarget.h - what a lowering must know of a GPU ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_SCHEDULE_GPUTARGET_H
#define MQA_SCHEDULE_GPUTARGET_H

#include "mlir/Support/LLVM.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir::mqa {

/// A chip, as far as kernels depend on it.
struct GpuTarget {
  std::string chip;           ///< "sm_80"
  std::string features;       ///< The PTX version, as LLVM's feature: "+ptx80".
  int64_t sharedBytes = 0;    ///< Of shared memory that one block may have.
  bool hasWarpgroups = false; ///< wgmma.

  /// The chip of that name: sm_80 and later. Others are an error.
  static llvm::Expected<GpuTarget> get(StringRef chip);
  /// The best known chip for a device of compute capability `major`.`minor`. An
  /// error if there is none.
  static llvm::Expected<GpuTarget> ofCapability(int major, int minor);
  /// Whether `name` is the name of a GPU rather than of a CPU.
  static bool isName(StringRef name);
};

} // namespace mlir::mqa

#endif // MQA_SCHEDULE_GPUTARGET_H
