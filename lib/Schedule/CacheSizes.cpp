//===- CacheSizes.cpp - data caches of CPUs ---------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM does not know them: its cost model has one size for all of x86.
//
//===----------------------------------------------------------------------===//

#include "mqa/Schedule/TargetDescription.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace mlir::mqa;

static CacheSizes kibibytes(int64_t l1, int64_t l2) {
  return {l1 << 10, l2 << 10};
}

CacheSizes CacheSizes::ofCPU(StringRef cpu, bool isAArch64) {
  if (isAArch64)
    return llvm::StringSwitch<CacheSizes>(cpu)
        .Cases({"neoverse-n1", "neoverse-v1", "neoverse-n2", "ampere1"},
               kibibytes(64, 1024))
        .Cases({"neoverse-v2", "neoverse-v3", "neoverse-n3"},
               kibibytes(64, 2048))
        .Cases({"apple-m1", "apple-m2", "apple-m3", "apple-m4"},
               kibibytes(128, 4096))
        .Cases({"cortex-a76", "cortex-a77", "cortex-a78", "cortex-x1"},
               kibibytes(64, 256))
        .Default(kibibytes(32, 256));
  return llvm::StringSwitch<CacheSizes>(cpu)
      .Cases({"znver1", "znver2", "znver3"}, kibibytes(32, 512))
      .Case("znver4", kibibytes(32, 1024))
      .Case("znver5", kibibytes(48, 1024))
      .Cases({"x86-64-v4", "skylake-avx512", "cascadelake", "cooperlake"},
             kibibytes(32, 1024))
      .Case("icelake-client", kibibytes(48, 512))
      .Cases({"icelake-server", "tigerlake", "alderlake"}, kibibytes(48, 1280))
      .Cases({"sapphirerapids", "emeraldrapids", "graniterapids", "raptorlake"},
             kibibytes(48, 2048))
      .Default(kibibytes(32, 256));
}

/// The first line of a file of Linux' sysfs; empty if there is none.
static std::string readLine(const Twine &path) {
  auto file = llvm::MemoryBuffer::getFileAsStream(path);
  return file ? (*file)->getBuffer().split('\n').first.str() : "";
}

void CacheSizes::detect() {
  for (int i = 0; i < 4; ++i) {
    std::string at =
        "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(i);
    std::string level = readLine(at + "/level"), size = readLine(at + "/size");
    int64_t kib = 0;
    // "48K"; instructions have a cache of their own.
    if (readLine(at + "/type") == "Instruction" ||
        StringRef(size).rtrim('K').getAsInteger(10, kib) || kib <= 0)
      continue;
    if (level == "1")
      l1 = kib << 10;
    else if (level == "2")
      l2 = kib << 10;
  }
}
