//===- UsefulnessTest.cpp - how much the verdicts say -----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shares of what is true that the analysis finds, over aligned blocks 2x2, 4x3
// and 1x4, with scalars and elements for which no guard is false. The blocks
// are as large as the windows, so shares are lower than in real shapes. 100 is
// exact, since no verdict is wrong. With MQA_MASK_SHARES in the environment the
// shares are printed as a table.
//
//===----------------------------------------------------------------------===//

#include "Enumerate.h"
#include "MaskLibrary.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstdlib>

using namespace mlir;
using namespace mlir::mqa;

namespace {

/// At least so many percent: full and empty blocks that classify finds, full
/// blocks in the full range, needed of visited blocks by the ranges alone and
/// with classify, row blocks found without a dead row. And the form.
struct Pin {
  const char *mask;
  int full, empty, inner, live, both, rows;
  char form;
};

const Pin pins[] = {
    {"none", 100, 100, 100, 100, 100, 100, 'A'},
    {"causal top-left", 100, 100, 100, 100, 100, 100, 'A'},
    {"causal offset (captured)", 100, 100, 100, 100, 100, 100, 'A'},
    {"causal offset, all in i32", 100, 100, 100, 100, 100, 100, 'A'},
    {"causal offset constant 2", 100, 100, 100, 100, 100, 100, 'A'},
    {"causal offset >= 0 known", 100, 100, 100, 100, 100, 100, 'A'},
    {"causal bottom-right (n - m <= N - M)", 100, 100, 100, 100, 100, 100, 'A'},
    {"anti-causal", 100, 100, 100, 100, 100, 100, 'A'},
    {"window left 3", 100, 100, 100, 100, 100, 100, 'A'},
    {"window left, dynamic", 100, 97, 100, 97, 97, 100, 'A'},
    {"window, unsigned trick", 100, 100, 100, 100, 100, 100, 'A'},
    {"window both sides (2,1)", 100, 100, 100, 100, 100, 100, 'A'},
    {"window |m-n| <= 2 by maxsi", 100, 100, 100, 100, 100, 100, 'A'},
    {"window start = max(m-w+1, 0)", 100, 100, 100, 100, 100, 100, 'A'},
    {"length i64, no guard", 100, 100, 100, 100, 100, 100, 'A'},
    {"window + 2 sink keys", 82, 100, 92, 100, 100, 100, 'B'},
    {"chunked, divui", 100, 100, 100, 100, 100, 100, 'A'},
    {"chunked causal (Llama 4), divsi", 100, 100, 100, 100, 100, 100, 'A'},
    {"chunked, chunk captured as a power of two", 100, 100, 100, 100, 100, 100,
     'A'},
    {"(m floordiv 4)*4 <= n <= m", 100, 100, 100, 100, 100, 100, 'A'},
    {"chunk with offset (m+off) div 4", 100, 100, 100, 100, 100, 100, 'A'},
    {"block causal (n div 2 <= m div 2)", 100, 100, 100, 100, 100, 100, 'A'},
    {"dilated (m-n) rem 3 == 0, causal", 100, 100, 77, 94, 100, 73, 'B'},
    {"strided: window or n rem 4 == 3", 100, 100, 100, 88, 100, 92, 'B'},
    {"block-sparse checkerboard 4x4", 100, 100, 10, 61, 100, 100, 'B'},
    {"Longformer: |m-n|<=1 or n<2 or m<2", 88, 100, 87, 100, 100, 100, 'B'},
    {"Gemma: select(global, causal, window)", 100, 100, 100, 100, 100, 100,
     'A'},
    {"not window, and causal", 100, 100, 100, 100, 100, 100, 'A'},
    {"window without the diagonal (n != m)", 100, 100, 100, 100, 100, 100, 'A'},
    {"select(n < p, true, causal)", 100, 100, 100, 100, 100, 100, 'A'},
    {"causal, static 8x8", 100, 100, 100, 100, 100, 100, 'A'},
    {"window left 3, static 8x8", 100, 100, 100, 100, 100, 100, 'A'},
    {"causal bottom-right of the sizes", 100, 100, 100, 100, 100, 100, 'A'},
    {"causal, all in i8", 100, 100, 0, 55, 100, 0, 'B'},
    {"window of i8, unsigned", 0, 0, 0, 63, 63, 0, 'B'},
    {"scaled position in i8", 100, 100, 0, 64, 100, 0, 'B'},
    {"no key", 100, 100, 100, 100, 100, 100, 'A'},
    {"offset by head and batch", 100, 100, 100, 100, 100, 100, 'A'},
    {"every second head is causal", 100, 100, 100, 100, 100, 100, 'A'},
    {"window left 3 of an online attention", 100, 100, 100, 100, 100, 100, 'A'},
    {"conditional region op", 0, 0, 0, 54, 54, 0, 'B'},
    {"blocks by an affine map", 100, 100, 0, 69, 100, 0, 'B'},
    {"window by a truncating division", 35, 100, 66, 100, 100, 100, 'B'},
    {"remainder with the sign of the distance", 100, 86, 46, 88, 89, 68, 'B'},
    {"window per head (element of h)", 100, 95, 100, 97, 97, 100, 'A'},
    {"prefix-LM (per batch)", 100, 100, 100, 100, 100, 100, 'A'},
    {"length per batch", 100, 100, 100, 100, 100, 100, 'A'},
    {"length + causal bottom-right", 100, 100, 100, 100, 100, 100, 'A'},
    {"padding at the left + causal", 100, 97, 100, 100, 100, 100, 'A'},
    {"documents", 100, 98, 0, 43, 98, 0, 'B'},
    {"documents in order", 100, 98, 0, 43, 98, 0, 'B'},
    {"documents in order, causal", 100, 95, 0, 46, 90, 0, 'B'},
    {"documents, self-attention, causal", 100, 100, 0, 71, 100, 0, 'B'},
    {"documents, random ids", 100, 75, 0, 18, 48, 0, 'B'},
    {"row spans start[m] <= n < end[m]", 100, 94, 100, 85, 85, 92, 'A'},
    {"key valid flag (i1 of n) + causal", 100, 100, 0, 63, 100, 0, 'B'},
    {"boolean tensor", 0, 0, 0, 64, 64, 0, 'B'},
    {"boolean tensor, i8, and causal", 0, 65, 0, 70, 70, 0, 'B'},
    {"n < min(len, m+1)", 100, 100, 100, 100, 100, 100, 'A'},
    {"speculative tree: n < p or draft[m,n]", 62, 0, 62, 83, 83, 55, 'B'},
    {"length and float bias", 0, 91, 0, 90, 90, 0, 'B'},
    {"length of a memref", 100, 100, 100, 100, 100, 100, 'A'},
    {"offset of every row, in i8", 100, 100, 100, 100, 100, 100, 'A'},
};

Tally measure(const MaskSpec &spec) {
  Coverage coverage;
  coverage.sizes = {{1, 1},   {8, 8},  {5, 9},  {9, 5},
                    {12, 11}, {3, 12}, {10, 1}, {4, 0}};
  coverage.combinations = 40;
  coverage.draws = 12;
  coverage.tame = true;
  return checkSpec(spec, MaskOptions(), coverage);
}

char getForm(const MaskSpec &spec) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  std::string error;
  auto mask = MaskCase::create(context, spec, MaskOptions(), error);
  return !mask ? '?' : mask->getSummary().exact ? 'A' : 'B';
}

class Usefulness : public testing::TestWithParam<MaskSpec> {};

TEST_P(Usefulness, FindsWhatIsTrue) {
  Tally t = measure(GetParam());
  EXPECT_EQ(t.unsound, 0u) << t.findings;
  const double shares[] = {t.full(), t.empty(), t.inner(),
                           t.live(), t.both(),  t.rows()};
  char form = getForm(GetParam());
  if (std::getenv("MQA_MASK_SHARES")) {
    printf("    {\"%s\"", GetParam().name.c_str());
    for (double share : shares)
      printf(", %d", int(share));
    printf(", '%c'},\n", form);
    return;
  }
  const Pin *pin = llvm::find_if(
      pins, [&](const Pin &some) { return some.mask == GetParam().name; });
  ASSERT_NE(pin, std::end(pins)) << "every mask of the library has a pin";
  const int least[] = {pin->full, pin->empty, pin->inner,
                       pin->live, pin->both,  pin->rows};
  const char *const names[] = {"full",           "empty", "full in the range",
                               "live by ranges", "live",  "rows"};
  for (int i = 0; i < 6; ++i)
    EXPECT_GE(shares[i], least[i]) << names[i];
  EXPECT_EQ(form, pin->form);
}

std::string getTestName(const testing::TestParamInfo<MaskSpec> &info) {
  std::string name = std::to_string(info.index) + "_";
  for (char c : info.param.name)
    if (isalnum(c))
      name += c;
    else if (name.back() != '_')
      name += '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Masks, Usefulness, testing::ValuesIn(getLibrary()),
                         getTestName);

/// What a generator's masks give in sum.
Tally measureGenerated(MaskSpec (*generate)(std::mt19937_64 &, unsigned)) {
  std::mt19937_64 rng(7);
  Tally sum;
  for (unsigned i = 0; i < 150; ++i) {
    Coverage coverage;
    coverage.sizes = {{6, 7}, {11, 5}};
    coverage.combinations = 4;
    coverage.draws = 3;
    coverage.tame = true;
    Tally t = checkSpec(generate(rng, i), MaskOptions(), coverage);
    EXPECT_EQ(t.unsound, 0u) << t.findings;
    for (auto field :
         {&Tally::fullTrue, &Tally::fullSaid, &Tally::emptyTrue,
          &Tally::emptySaid, &Tally::innerSaid, &Tally::needed, &Tally::visited,
          &Tally::visitedAfterClassify, &Tally::rowsTrue, &Tally::rowsSaid})
      sum.*field += t.*field;
  }
  if (std::getenv("MQA_MASK_SHARES"))
    printf("generated: full %.1f empty %.1f inner %.1f live %.1f both %.1f "
           "rows %.1f\n",
           sum.full(), sum.empty(), sum.inner(), sum.live(), sum.both(),
           sum.rows());
  return sum;
}

TEST(UsefulnessOfGenerated, Arithmetic) {
  Tally t = measureGenerated(makeRandomMask);
  EXPECT_GE(t.full(), 84);
  EXPECT_GE(t.empty(), 84);
  EXPECT_GE(t.both(), 85);
}

TEST(UsefulnessOfGenerated, Compositions) {
  Tally t = measureGenerated(makeComposedMask);
  EXPECT_GE(t.full(), 97);
  EXPECT_GE(t.empty(), 95);
  EXPECT_GE(t.both(), 96);
}

} // namespace
