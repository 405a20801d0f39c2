//===- GpuTarget.cpp - what a lowering must know of a GPU -------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shared memory: CUDA C++ Programming Guide, "Technical Specifications per
// Compute Capability", maximum per thread block. PTX: the least version that
// knows the chip and the instructions that kernels use; LLVM aborts on less.
//
//===----------------------------------------------------------------------===//

#include "mqa/Schedule/GpuTarget.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::mqa;

namespace {
struct Chip {
  StringLiteral name, features;
  int64_t sharedKiB;
};
} // namespace

static const Chip kChips[] = {
    {"sm_80", "+ptx80", 163},  {"sm_86", "+ptx80", 99},
    {"sm_87", "+ptx80", 163},  {"sm_89", "+ptx80", 99},
    {"sm_90", "+ptx80", 227},  {"sm_90a", "+ptx80", 227},
    {"sm_100", "+ptx86", 227}, {"sm_100a", "+ptx86", 227},
    {"sm_103", "+ptx88", 227}, {"sm_103a", "+ptx88", 227},
    {"sm_120", "+ptx88", 99},  {"sm_120a", "+ptx88", 99},
    {"sm_121", "+ptx88", 99},  {"sm_121a", "+ptx88", 99}};

bool GpuTarget::isName(StringRef name) { return name.starts_with("sm_"); }

llvm::Expected<GpuTarget> GpuTarget::get(StringRef chip) {
  for (const Chip &known : kChips)
    if (known.name == chip)
      return GpuTarget{chip.str(), known.features.str(), known.sharedKiB << 10,
                       known.name == "sm_90a"};
  std::string names = llvm::join(
      llvm::map_range(kChips, [](const Chip &known) { return known.name; }),
      ", ");
  return llvm::createStringError("expected a chip of " + names + ", got '" +
                                 chip + "'");
}

llvm::Expected<GpuTarget> GpuTarget::ofCapability(int major, int minor) {
  // PTX for a chip runs on later ones of the same generation, and, without the
  // features of an "a", on later generations.
  const Chip *best = nullptr;
  int bestNumber = 0;
  for (const Chip &known : kChips) {
    int number;
    bool isSpecific = known.name.ends_with("a");
    StringRef digits = known.name.drop_front(3);
    if (isSpecific)
      digits = digits.drop_back();
    if (digits.getAsInteger(10, number) || number > 10 * major + minor ||
        (isSpecific && number != 10 * major + minor) || number < bestNumber)
      continue;
    best = &known;
    bestNumber = number;
  }
  if (!best)
    return llvm::createStringError(
        "expected a device of compute capability 8.0 or later, got " +
        llvm::Twine(major) + "." + llvm::Twine(minor));
  return get(best->name);
}
