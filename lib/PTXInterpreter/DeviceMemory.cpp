//===- DeviceMemory.cpp - what kernels may read and write -------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/PTXInterpreter/DeviceMemory.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>

using namespace mlir::mqa::ptx;

void DeviceMemory::addRange(void *data, uint64_t size, bool writable,
                            bool initialized, llvm::StringRef name) {
  Range range{size, writable, name.str(), {}};
  if (!initialized)
    range.written.assign(size, false);
  ranges[reinterpret_cast<uint64_t>(data)] = std::move(range);
}

void DeviceMemory::removeRange(void *data) {
  ranges.erase(reinterpret_cast<uint64_t>(data));
}

std::string DeviceMemory::access(uint64_t address, uint64_t size,
                                 bool isStore) {
  auto next = ranges.upper_bound(address);
  if (next == ranges.begin())
    return llvm::formatv("expected an address in a buffer, got {0:x}", address);
  auto &[begin, range] = *std::prev(next);
  uint64_t offset = address - begin;
  if (offset + size > range.size)
    return llvm::formatv("expected an address in a buffer, got {0:x}, {1} "
                         "bytes after the start of {2}, which has {3}",
                         address, offset, range.name, range.size);
  if (isStore && !range.writable)
    return llvm::formatv("expected no store to {0}, got one at byte {1}",
                         range.name, offset);
  if (range.written.empty())
    return {};
  auto first = range.written.begin() + offset;
  if (isStore)
    std::fill(first, first + size, true);
  else if (std::find(first, first + size, false) != first + size)
    return llvm::formatv("expected bytes that were written, got a load of {0} "
                         "at byte {1}",
                         range.name, offset);
  return {};
}
