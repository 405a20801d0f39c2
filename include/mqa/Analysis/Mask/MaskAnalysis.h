//===- MaskAnalysis.h - which keys a mask leaves live -----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one place that decides about masks. From the mask region of an attention
// it derives, for a box of rows, the keys that can be live, and for a block of
// keys, whether it is full (no masking needed), empty or partial. The answers
// are code: `arith` on index values that folds to constants where everything
// is static. They are sound: a key outside of the live ranges is dead for every
// row of the box, a key in the full range is live for every one of them.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_ANALYSIS_MASK_MASKANALYSIS_H
#define MQA_ANALYSIS_MASK_MASKANALYSIS_H

#include "mlir/IR/OpDefinition.h"
#include "mqa/Dialect/MQA/IR/MQA.h"
#include <memory>

namespace mlir::mqa {

/// Bounds that the analysis may rely on.
struct MaskOptions {
  /// Run-time guarded bound on |v| of captured scalars, sizes and elements.
  int64_t guardBound = int64_t(1) << 29;
  /// No dimension is longer than this: true of everything that fits in memory.
  int64_t maxDim = int64_t(1) << 47;
};

/// A non-empty box of batch and row positions, by dimension of the iteration
/// space, with inclusive ends that lie in the tensor. Batch dimensions, and key
/// dimensions but the innermost, have one position (`first` == `last`); what
/// stands at the innermost key dimension, at depth and value is not read.
struct RowBox {
  SmallVector<OpFoldResult> first, last;
};

/// Keys [begin, end) of the innermost key dimension; empty when end <= begin.
struct KeyRange {
  OpFoldResult begin, end;
};

/// What the mask says about all keys of a row box.
struct LiveKeys {
  /// One or two ranges within [0, N), sorted and disjoint, that together hold
  /// every live key.
  SmallVector<KeyRange, 2> live;
  /// Keys of which every one is live for every row; may be empty.
  KeyRange full;
};

/// What the mask says about a block of keys: two i1. Neither: partial.
struct BlockClass {
  OpFoldResult full, empty;
};

/// What is known of the mask without any position.
struct MaskSummary {
  /// One live range, no need to classify blocks: outside of the full range and
  /// inside of the live one, blocks are worth masking ("form A"). Otherwise
  /// blocks within the live ranges are to be classified one by one ("form B").
  bool exact = false;
  /// Whether a block can ever be found full, or empty, by `classify` or ranges.
  bool canBeFull = false, canBeEmpty = false;
  /// 1 or 2.
  unsigned numRanges = 1;
  /// By dimension of the iteration space: whether the mask depends on it.
  SmallVector<bool> dependsOn;
  /// Values that a run-time guard bounds, in words; empty without a guard.
  SmallVector<std::string> guarded;
  /// Why blocks are classified at run time, or why there are no bounds, in
  /// words with the location of the op that is to blame.
  SmallVector<std::pair<Location, std::string>> remarks;
};

/// The analysis of one `mqa.attention` or `mqa.online_attention`; of an op
/// without a mask, everything is full. Valid as long as the op is not changed.
/// The emitters create code at the insertion point of `builder`, which must be
/// dominated by what the region captures and by the op's extra inputs (they
/// read elements with `tensor.extract` or `memref.load`, in loops for row
/// values). Every result is an attribute if it is known statically.
class MaskAnalysis {
public:
  /// Analyses `op`, which must be valid and be an attention.
  static FailureOr<MaskAnalysis> compute(Operation *op,
                                         const MaskOptions &options = {});
  MaskAnalysis(MaskAnalysis &&);
  MaskAnalysis &operator=(MaskAnalysis &&);
  ~MaskAnalysis();

  const MaskSummary &getSummary() const;

  /// The live ranges and the full range of the box of rows.
  LiveKeys emitLiveKeys(OpBuilder &builder, Location loc, const RowBox &rows);
  /// The class of the block `keys`, which is not empty and lies in [0, N).
  BlockClass emitClassify(OpBuilder &builder, Location loc, const RowBox &rows,
                          const KeyRange &keys);
  /// An i1: true only if every row of the box has a live key.
  OpFoldResult emitEveryRowLive(OpBuilder &builder, Location loc,
                                const RowBox &rows);

private:
  struct Storage;
  explicit MaskAnalysis(std::unique_ptr<Storage> storage);
  std::unique_ptr<Storage> storage;
};

} // namespace mlir::mqa

#endif // MQA_ANALYSIS_MASK_MASKANALYSIS_H
