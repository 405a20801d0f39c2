//===- MaskLibrary.h - the masks that people use ----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_UNITTESTS_ANALYSIS_MASK_MASKLIBRARY_H
#define MQA_UNITTESTS_ANALYSIS_MASK_MASKLIBRARY_H

#include "MaskCase.h"

namespace mlir::mqa {

/// Causal masks, windows and lengths, of positions and scalars.
const std::vector<MaskSpec> &getCausalMasks();
/// Chunks, unions, choices, and arithmetic in narrow types.
const std::vector<MaskSpec> &getComposedMasks();
/// Masks that read extra inputs.
const std::vector<MaskSpec> &getElementMasks();
/// All of the above.
std::vector<MaskSpec> getLibrary();

/// A random region of integer arithmetic over positions, scalars and elements.
MaskSpec makeRandomMask(std::mt19937_64 &rng, unsigned number);
/// Two to four of the usual comparisons, joined by and, or, xor.
MaskSpec makeComposedMask(std::mt19937_64 &rng, unsigned number);

} // namespace mlir::mqa

#endif // MQA_UNITTESTS_ANALYSIS_MASK_MASKLIBRARY_H
