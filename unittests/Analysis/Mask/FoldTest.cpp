//===- FoldTest.cpp - constants in, attributes out --------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With static sizes and a constant box the queries give attributes, and they
// are what the code for run-time boxes computes: MLIR's folders and the
// interpreter of these tests check each other.
//
//===----------------------------------------------------------------------===//

#include "MaskLibrary.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/SmallBitVector.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::mqa;

namespace {

constexpr int64_t numRows = 6, numKeys = 7;

/// A mask of the library that reads nothing, over static sizes.
struct StaticCase {
  MLIRContext context{MLIRContext::Threading::DISABLED};
  std::unique_ptr<MaskCase> mask;

  explicit StaticCase(MaskSpec spec) {
    spec.rows = numRows;
    spec.keys = numKeys;
    std::string error;
    mask = MaskCase::create(context, spec, MaskOptions(), error);
    EXPECT_TRUE(mask) << error;
    if (mask)
      mask->bind({spec.batches, spec.heads, numRows, numKeys}, {}, {});
  }

  RowBox getBox(OpBuilder &b, const Rows &rows) const {
    RowBox box;
    for (int64_t first :
         {rows.b, rows.h0, rows.m0, int64_t(0), int64_t(0), int64_t(0)})
      box.first.push_back(b.getIndexAttr(first));
    for (int64_t last :
         {rows.b, rows.h1, rows.m1, int64_t(0), int64_t(0), int64_t(0)})
      box.last.push_back(b.getIndexAttr(last));
    return box;
  }
};

std::vector<MaskSpec> getConstantMasks() {
  std::vector<MaskSpec> masks;
  for (const MaskSpec &spec : getLibrary())
    if (spec.scalars.empty() && spec.inputs.empty() && spec.prelude.empty())
      masks.push_back(spec);
  return masks;
}

class Fold : public testing::TestWithParam<MaskSpec> {};

using Range = std::pair<int64_t, int64_t>;

/// The keys of `ranges`, which may be spelled in different ways.
llvm::SmallBitVector getKeys(ArrayRef<Range> ranges) {
  llvm::SmallBitVector keys(numKeys);
  for (auto [begin, end] : ranges)
    for (int64_t n = begin; n < end; ++n)
      keys.set(n);
  return keys;
}

void expectSame(ArrayRef<KeyRange> ranges, ArrayRef<Range> want) {
  SmallVector<Range> found;
  for (const KeyRange &range : ranges) {
    std::optional<int64_t> begin = getConstantIntValue(range.begin),
                           end = getConstantIntValue(range.end);
    ASSERT_TRUE(begin && end) << "expected constants";
    found.push_back({*begin, *end});
  }
  EXPECT_EQ(found.size(), want.size());
  EXPECT_TRUE(getKeys(found) == getKeys(want));
}

void checkBox(StaticCase &test, const Rows &rows) {
  MaskAnalysis &analysis = test.mask->getAnalysis();
  OpBuilder b(test.mask->getOp());
  Location loc = b.getUnknownLoc();
  RowBox box = test.getBox(b, rows);
  RangeVerdict want;
  ASSERT_TRUE(test.mask->getRanges(rows, want)) << test.mask->getError();
  LiveKeys keys = analysis.emitLiveKeys(b, loc, box);
  expectSame(keys.live, want.live);
  expectSame(keys.full, want.full);
  std::optional<int64_t> live =
      getConstantIntValue(analysis.emitEveryRowLive(b, loc, box));
  ASSERT_TRUE(live) << "expected a constant";
  EXPECT_EQ(*live != 0, want.everyRowLive);
  for (int64_t n0 = 0; n0 < numKeys; ++n0)
    for (int64_t n1 = n0; n1 < numKeys; ++n1) {
      bool full = false, empty = false;
      ASSERT_TRUE(test.mask->classify(n0, n1, full, empty));
      BlockClass verdict = analysis.emitClassify(
          b, loc, box, {b.getIndexAttr(n0), b.getIndexAttr(n1 + 1)});
      std::optional<int64_t> isFull = getConstantIntValue(verdict.full),
                             isEmpty = getConstantIntValue(verdict.empty);
      ASSERT_TRUE(isFull && isEmpty) << "expected constants";
      EXPECT_EQ(*isFull != 0, full) << n0 << " to " << n1;
      EXPECT_EQ(*isEmpty != 0, empty) << n0 << " to " << n1;
    }
}

TEST_P(Fold, ConstantsBecomeAttributes) {
  StaticCase test(GetParam());
  ASSERT_TRUE(test.mask);
  for (int64_t m0 = 0; m0 < numRows; ++m0)
    for (int64_t m1 = m0; m1 < numRows; ++m1) {
      Rows rows{GetParam().batches - 1, 0, GetParam().heads - 1, m0, m1};
      checkBox(test, rows);
      if (HasFatalFailure())
        return;
    }
}

std::string getTestName(const testing::TestParamInfo<MaskSpec> &info) {
  return std::to_string(info.index);
}
INSTANTIATE_TEST_SUITE_P(Masks, Fold, testing::ValuesIn(getConstantMasks()),
                         getTestName);

/// An attention without a mask.
TEST(NoMask, EverythingIsFull) {
  MaskSpec spec{"all", "%k = arith.constant true\nmqa.yield %k : i1"};
  StaticCase test(spec);
  ASSERT_TRUE(test.mask);
  Operation *op = test.mask->getOp();
  op->getRegion(0).getBlocks().clear();
  FailureOr<MaskAnalysis> analysis = MaskAnalysis::compute(op);
  ASSERT_TRUE(succeeded(analysis));
  EXPECT_TRUE(analysis->getSummary().exact);
  OpBuilder b(op);
  RowBox box = test.getBox(b, {0, 0, 0, 2, 3});
  LiveKeys keys = analysis->emitLiveKeys(b, op->getLoc(), box);
  expectSame(keys.live, Range(0, numKeys));
  expectSame(keys.full, Range(0, numKeys));
  OpFoldResult rowsLive = analysis->emitEveryRowLive(b, op->getLoc(), box);
  EXPECT_NE(getConstantIntValue(rowsLive).value_or(0), 0);
}

} // namespace
