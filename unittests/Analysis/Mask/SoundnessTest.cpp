//===- SoundnessTest.cpp - no wrong verdict, by enumeration -----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every box of rows and every block of keys of small index spaces, for values
// of scalars and elements up to the ends of their types. MQA_MASK_RANDOM and
// MQA_MASK_SEED in the environment ask for other random regions.
//
//===----------------------------------------------------------------------===//

#include "Enumerate.h"
#include "MaskLibrary.h"
#include "gtest/gtest.h"
#include <cstdlib>

using namespace mlir;
using namespace mlir::mqa;

namespace {

const std::vector<std::pair<int64_t, int64_t>> allSizes = {
    {1, 1}, {8, 8}, {5, 9}, {9, 5}, {12, 11}, {3, 12}, {10, 1}, {4, 0}};

/// The bounds of the product, and bounds that small values break.
std::vector<MaskOptions> getOptions() {
  MaskOptions usual, tight, tiny;
  tight.guardBound = 10;
  tiny.guardBound = 40;
  return {usual, tight, tiny};
}

class Library : public testing::TestWithParam<MaskSpec> {};

TEST_P(Library, IsSound) {
  for (const MaskOptions &options : getOptions()) {
    Tally tally = checkSpec(GetParam(), options, {allSizes});
    EXPECT_EQ(tally.unsound, 0u) << "guard bound " << options.guardBound << "\n"
                                 << tally.findings;
    EXPECT_EQ(tally.undefinedCases, 0u);
    EXPECT_GT(tally.blocks, 0u);
  }
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

INSTANTIATE_TEST_SUITE_P(Masks, Library, testing::ValuesIn(getLibrary()),
                         getTestName);

/// Without a key the region is not run: what it promises may be false there,
/// and must not make an end of a range poison.
TEST(WithoutKeys, BrokenPromisesDoNotMatter) {
  const MaskSpec specs[] = {{"sum that does not wrap",
                             R"(
         %x = arith.muli %off, %off overflow<nsw, nuw> : index
         %k = arith.cmpi sle, %x, %m : index
         mqa.yield %k : i1)",
                             {{"off", "index"}}},
                            {"shift of an element",
                             R"(
         %x = arith.shrsi %e, %by exact : i8
         %z = arith.constant 1 : i8
         %k = arith.cmpi sle, %x, %z : i8
         mqa.yield %k : i1)",
                             {{"by", "i8"}},
                             {{"e", "i8", "m"}}}};
  for (const MaskSpec &spec : specs) {
    Tally tally = checkSpec(spec, MaskOptions(), {{{2, 0}, {4, 0}}, 256});
    EXPECT_EQ(tally.unsound, 0u) << tally.findings;
    EXPECT_GT(tally.boxes, 0u);
    EXPECT_EQ(tally.undefinedCases, 0u);
  }
}

unsigned getNumber(const char *name, unsigned byDefault) {
  const char *text = std::getenv(name);
  return text ? std::strtoul(text, nullptr, 10) : byDefault;
}

using Generator = MaskSpec (*)(std::mt19937_64 &, unsigned);

/// Checks a hundred (or as many as asked for) masks of a generator.
void checkGenerated(Generator generate, unsigned group) {
  std::mt19937_64 rng(getNumber("MQA_MASK_SEED", 1) * 1000 + group);
  unsigned failures = 0, undefined = 0, mixed = 0,
           count = getNumber("MQA_MASK_RANDOM", 100);
  for (unsigned i = 0; i < count; ++i) {
    MaskSpec spec = generate(rng, i);
    MaskOptions options = getOptions()[i % 3];
    Tally tally = checkSpec(spec, options, {{{6, 7}, {11, 5}, {2, 0}}, 8, 3});
    undefined += tally.undefinedCases > 0;
    mixed += tally.emptyTrue > 0 && tally.needed > 0;
    EXPECT_EQ(tally.unsound, 0u) << "guard bound " << options.guardBound << "\n"
                                 << tally.findings;
    failures += tally.unsound > 0;
    ASSERT_LT(failures, 5u) << "too many";
  }
  // Some promise not to wrap, and do.
  EXPECT_LT(4 * undefined, count);
  // Regions that are true or false everywhere test little.
  EXPECT_GT(3 * mixed, count);
}

class Generated : public testing::TestWithParam<unsigned> {};

TEST_P(Generated, ArithmeticIsSound) {
  checkGenerated(makeRandomMask, GetParam());
}
TEST_P(Generated, CompositionIsSound) {
  checkGenerated(makeComposedMask, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Seeds, Generated, testing::Range(0u, 6u));

} // namespace
