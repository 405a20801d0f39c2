//===- TensorMap.h - what the copy engine knows of a tensor ---- -*- C++
//-*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_PTXINTERPRETER_TENSORMAP_H
#define MQA_PTXINTERPRETER_TENSORMAP_H

#include "llvm/ADT/ArrayRef.h"
#include <array>
#include <cstdint>
#include <string>

namespace mlir::mqa::ptx {

/// A tensor map as the interpreter understands it: as large as that of CUDA,
/// with contents of its own.
struct TensorMap {
  static constexpr uint64_t kMagic = 0x70616d726f736e74;
  static constexpr unsigned kMaxRank = 5;

  uint64_t magic = 0;
  uint64_t address = 0;
  uint16_t rank = 0, elementBytes = 0, swizzleBytes = 0, unused = 0;
  /// From the fastest dimension; strides in bytes from the second.
  std::array<uint64_t, kMaxRank> sizes{};
  std::array<uint64_t, kMaxRank - 1> strides{};
  std::array<uint16_t, kMaxRank> box{};
  std::array<uint16_t, 11> padding{};

  /// Makes `map` describe a tensor; the rules are those of
  /// cuTensorMapEncodeTiled. Empty if they hold, else which one does not.
  static std::string encode(TensorMap &map, const void *address,
                            unsigned elementBytes,
                            llvm::ArrayRef<int64_t> sizes,
                            llvm::ArrayRef<int64_t> byteStrides,
                            llvm::ArrayRef<int32_t> box, unsigned swizzleBytes);
};
static_assert(sizeof(TensorMap) == 128, "the size of a CUtensorMap");

} // namespace mlir::mqa::ptx

#endif // MQA_PTXINTERPRETER_TENSORMAP_H
