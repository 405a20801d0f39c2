//===- DeviceMemory.h - what kernels may read and write ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_PTXINTERPRETER_DEVICEMEMORY_H
#define MQA_PTXINTERPRETER_DEVICEMEMORY_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace mlir::mqa::ptx {

/// Global memory of the simulated device: ranges of host memory. Anything else
/// is out of bounds.
class DeviceMemory {
public:
  /// Makes `size` bytes at `data` accessible. Stores into a range that is not
  /// `writable`, and loads of bytes of one that is not `initialized` before a
  /// store to them, are errors. `name` is for messages.
  void addRange(void *data, uint64_t size, bool writable, bool initialized,
                llvm::StringRef name);
  void removeRange(void *data);

  /// Checks an access of `size` bytes, and records a store. Empty if it is
  /// fine, otherwise what is wrong with it.
  std::string access(uint64_t address, uint64_t size, bool isStore);

private:
  struct Range {
    uint64_t size;
    bool writable;
    std::string name;
    std::vector<bool> written; ///< Empty: all of it has values.
  };
  std::map<uint64_t, Range> ranges;
};

} // namespace mlir::mqa::ptx

#endif // MQA_PTXINTERPRETER_DEVICEMEMORY_H
