//===- KeyBlocks.h - the blocks of keys that a task visits ------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The mask analysis gives the keys that can be live for the rows of a box; the
// blocks are numbered from the first of these keys on. Where its bounds are
// exact, the class of a block follows from its number; otherwise a cursor
// classifies blocks and steps over empty ones before anything is copied.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_KEYBLOCKS_H
#define MQA_LIB_CODEGEN_NVVM_KEYBLOCKS_H

#include "AttentionKernel.h"

namespace mlir::mqa {

class KeyBlocks {
public:
  /// The blocks of the located box, within split `split` (null: all keys).
  KeyBlocks(AttentionKernel &kernel, MaskAnalysis &mask, Value split);

  /// Where a task stands: the number of a block, and whether it is full, which
  /// is only carried where it is not computed from the number.
  struct Cursor {
    Value block, full;
  };
  /// The number of values that a cursor carries through a loop.
  unsigned getCarried() const { return carriesClass ? 2 : 1; }
  void append(SmallVectorImpl<Value> &values, const Cursor &cursor) const;
  Cursor take(ValueRange &values) const;

  /// The first block that is not empty from number `block` on; its number is
  /// not less than `getCount()` if there is none.
  Cursor seek(Value block);
  Cursor next(const Cursor &cursor) { return seek(b.add(cursor.block, 1)); }
  Value isValid(const Cursor &cursor) { return b.less(cursor.block, count); }

  Value getCount() const { return count; }
  /// The first key of a block, and how many keys from there on may be live; may
  /// be more than a block. As i32.
  Value getFirstKey(Value block);
  Value getLimit(Value block, Value firstKey);
  /// Whether every key of the block is live for every row: no mask applies, and
  /// no key lies beyond the limit.
  Value isFull(const Cursor &cursor);
  /// Whether the mask region has a say in blocks that are not full.
  bool isMasked() const { return masked; }
  /// Whether no block ever reaches beyond its limit.
  bool isAlwaysWhole() const { return alwaysWhole; }

private:
  struct Range {
    Value begin, end, blocks;
  };
  Range makeRange(const KeyRange &range);
  Value classify(Value block, Value &full);

  DeviceBuilder &b;
  MaskAnalysis &mask;
  RowBox box;
  int64_t size;
  bool masked, carriesClass, alwaysWhole;
  SmallVector<Range, 2> ranges;
  Value fullBegin, fullEnd;
  Value splitBegin, splitEnd;
  Value count;
};

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_KEYBLOCKS_H
