//===- KeyBlocks.cpp - the blocks of keys that a task visits ----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KeyBlocks.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::mqa;

KeyBlocks::KeyBlocks(AttentionKernel &kernel, MaskAnalysis &mask, Value split)
    : b(kernel.b), mask(mask), box(kernel.getBox()),
      size(kernel.schedule.getKeyBlock()) {
  const MaskSummary &summary = mask.getSummary();
  masked = !kernel.op.getMask().empty();
  std::optional<int64_t> all =
      getConstantIntValue(kernel.sizes[kernel.getDim(DimRole::Key)]);
  alwaysWhole = !masked && all && *all % size == 0;
  if (split) {
    splitBegin = b.mul(split, kernel.schedule.getSplitKeys());
    splitEnd = b.add(splitBegin, kernel.schedule.getSplitKeys());
  }
  LiveKeys keys = mask.emitLiveKeys(b, b.getLoc(), box);
  carriesClass = !(summary.exact && keys.live.size() == 1);
  count = b.i32(0);
  for (const KeyRange &range : keys.live) {
    ranges.push_back(makeRange(range));
    count = b.add(count, ranges.back().blocks);
  }
  fullBegin = b.toI32(keys.full.begin);
  fullEnd = b.toI32(keys.full.end);
}

/// A range of keys as blocks, clipped to the split.
KeyBlocks::Range KeyBlocks::makeRange(const KeyRange &range) {
  Range result;
  result.begin = b.toI32(range.begin);
  result.end = b.toI32(range.end);
  if (splitBegin) {
    result.begin = b.max(result.begin, splitBegin);
    result.end = b.min(result.end, splitEnd);
  }
  Value keys = b.max(b.sub(result.end, result.begin), b.i32(0));
  result.blocks = b.div(b.add(keys, size - 1), size);
  return result;
}

void KeyBlocks::append(SmallVectorImpl<Value> &values,
                       const Cursor &cursor) const {
  values.push_back(cursor.block);
  if (carriesClass)
    values.push_back(cursor.full);
}

KeyBlocks::Cursor KeyBlocks::take(ValueRange &values) const {
  Cursor cursor{values[0], carriesClass ? values[1] : Value()};
  values = values.drop_front(getCarried());
  return cursor;
}

Value KeyBlocks::getFirstKey(Value block) {
  Value key = b.add(ranges[0].begin, b.mul(block, size));
  if (ranges.size() == 1)
    return key;
  Value inSecond = b.sub(block, ranges[0].blocks);
  Value other = b.add(ranges[1].begin, b.mul(inSecond, size));
  return b.select(b.less(block, ranges[0].blocks), key, other);
}

Value KeyBlocks::getLimit(Value block, Value firstKey) {
  Value end = ranges[0].end;
  if (ranges.size() > 1)
    end = b.select(b.less(block, ranges[0].blocks), end, ranges[1].end);
  return b.sub(end, firstKey);
}

/// Whether a block is empty, and whether it is full.
Value KeyBlocks::classify(Value block, Value &full) {
  Value first = getFirstKey(block);
  Value limit = getLimit(block, first);
  Value keys = b.min(limit, b.i32(size));
  KeyRange range{getAsOpFoldResult(b.toIndex(first)),
                 getAsOpFoldResult(b.toIndex(b.add(first, keys)))};
  BlockClass verdict = mask.emitClassify(b, b.getLoc(), box, range);
  auto truth = [&](OpFoldResult value) -> Value {
    if (std::optional<int64_t> known = getConstantIntValue(value))
      return b.flag(*known != 0);
    return cast<Value>(value);
  };
  full = b.both(truth(verdict.full), b.lessEqual(b.i32(size), limit));
  return truth(verdict.empty);
}

KeyBlocks::Cursor KeyBlocks::seek(Value block) {
  if (!carriesClass)
    return {block, Value()};
  // Carried: the block, whether it is full, whether the search goes on.
  auto examine = [&](Value candidate) {
    SmallVector<Value> found{b.flag(false), b.flag(false)};
    return b.ifChanges(b.less(candidate, count), found, [&] {
      Value full;
      Value empty = classify(candidate, full);
      return SmallVector<Value>{full, empty};
    });
  };
  if (!mask.getSummary().canBeEmpty) {
    SmallVector<Value> found = examine(block);
    return {block, found[0]};
  }
  SmallVector<Value> found = examine(block);
  SmallVector<Value> result = b.loopWhile(
      {block, found[0], found[1]}, [&](ValueRange values) { return values[2]; },
      [&](ValueRange values) {
        Value candidate = b.add(values[0], 1);
        SmallVector<Value> found = examine(candidate);
        return SmallVector<Value>{candidate, found[0], found[1]};
      });
  return {result[0], result[1]};
}

Value KeyBlocks::isFull(const Cursor &cursor) {
  if (carriesClass)
    return cursor.full;
  if (alwaysWhole)
    return b.flag(true);
  Value first = getFirstKey(cursor.block);
  Value last = b.add(first, size);
  Value complete = b.lessEqual(last, ranges[0].end);
  if (!masked)
    return complete;
  if (!mask.getSummary().canBeFull)
    return b.flag(false);
  Value inside =
      b.both(b.lessEqual(fullBegin, first), b.lessEqual(last, fullEnd));
  return b.both(complete, inside);
}
