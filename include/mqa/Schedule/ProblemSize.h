//===- ProblemSize.h - what a schedule depends on ---------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_SCHEDULE_PROBLEMSIZE_H
#define MQA_SCHEDULE_PROBLEMSIZE_H

#include "mqa/Dialect/MQA/IR/MQA.h"
#include <optional>
#include <string>

namespace mlir::mqa {

/// What loops over keys know of a mask before they run.
enum class MaskKind {
  None,       ///< Every key is live.
  Bounded,    ///< The live keys of a row block are one range with known ends.
  Classified, ///< Blocks of keys are classified one by one.
};

/// "none", "bounded", "classified".
StringRef stringifyMaskKind(MaskKind kind);
std::optional<MaskKind> symbolizeMaskKind(StringRef text);

/// What tile sizes of one attention depend on; not on its batch dimensions, so
/// that a row has the same bits in any batch. Sizes are in elements and
/// `ShapedType::kDynamic` where unknown.
struct ProblemSize {
  int64_t rows = ShapedType::kDynamic;  ///< Product of the row dimensions.
  int64_t keys = ShapedType::kDynamic;  ///< The innermost key dimension.
  int64_t depth = ShapedType::kDynamic; ///< Product of the depth dimensions.
  int64_t value = ShapedType::kDynamic; ///< Product of the value dimensions.
  std::string queryType, keyType, valueType; ///< Element types: "f32", ...
  MaskKind mask = MaskKind::None;

  bool operator==(const ProblemSize &other) const;
  /// "f32/bf16/bf16 rows=? keys=4096 depth=64 value=64 mask=bounded"
  std::string print() const;

  /// Reads it off a valid attention; none for any other op.
  static std::optional<ProblemSize> of(Operation *op);
};

} // namespace mlir::mqa

#endif // MQA_SCHEDULE_PROBLEMSIZE_H
