//===- TensorMap.cpp - what the copy engine knows of a tensor -- -*- C++
//-*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/PTXInterpreter/TensorMap.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir::mqa::ptx;

std::string TensorMap::encode(TensorMap &map, const void *address,
                              unsigned elementBytes,
                              llvm::ArrayRef<int64_t> sizes,
                              llvm::ArrayRef<int64_t> byteStrides,
                              llvm::ArrayRef<int32_t> box,
                              unsigned swizzleBytes) {
  constexpr int64_t kAlignment = 16;
  size_t rank = sizes.size();
  if (rank < 1 || rank > kMaxRank || byteStrides.size() + 1 != rank ||
      box.size() != rank)
    return llvm::formatv("expected a tensor map of 1 to 5 dimensions, got {0}",
                         rank);
  map = {};
  map.magic = kMagic;
  map.address = reinterpret_cast<uint64_t>(address);
  map.rank = rank;
  map.elementBytes = elementBytes;
  map.swizzleBytes = swizzleBytes;
  if (map.address % kAlignment)
    return "expected a tensor at a multiple of 16 bytes";
  for (size_t i = 0; i < rank; ++i) {
    if (sizes[i] < 1 || sizes[i] > int64_t(1) << 32)
      return llvm::formatv("expected sizes of 1 to 2^32, got {0}", sizes[i]);
    if (box[i] < 1 || box[i] > 256)
      return llvm::formatv("expected a box of 1 to 256 elements, got {0}",
                           box[i]);
    map.sizes[i] = sizes[i];
    map.box[i] = box[i];
  }
  for (size_t i = 0; i + 1 < rank; ++i) {
    if (byteStrides[i] % kAlignment || byteStrides[i] < 0 ||
        byteStrides[i] >= int64_t(1) << 40)
      return llvm::formatv("expected a stride that is a multiple of 16 bytes "
                           "below 2^40, got {0}",
                           byteStrides[i]);
    map.strides[i] = byteStrides[i];
  }
  uint64_t inner = uint64_t(box[0]) * elementBytes;
  if (inner % kAlignment)
    return llvm::formatv("expected a box with rows of a multiple of 16 bytes, "
                         "got {0}",
                         inner);
  if (swizzleBytes != 0 && (swizzleBytes != 128 || inner > swizzleBytes))
    return llvm::formatv("expected no swizzle, or one of 128 bytes and rows "
                         "that fit, got {0} and {1}",
                         swizzleBytes, inner);
  return {};
}
