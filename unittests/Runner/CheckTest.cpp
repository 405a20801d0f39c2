//===- CheckTest.cpp - the accuracy rule ------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/Check.h"
#include "mqa/Runner/Arguments.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace mlir;
using namespace mlir::mqa;

namespace {

Array makeArray(ElementKind kind, llvm::ArrayRef<double> values) {
  Array array = llvm::cantFail(Array::create(kind, int64_t(values.size())));
  for (size_t i = 0; i < values.size(); ++i)
    array.write(i, values[i]);
  return array;
}

ResultCheck compare(llvm::ArrayRef<double> result,
                    llvm::ArrayRef<double> unfused,
                    llvm::ArrayRef<double> oracle) {
  return compareResult(makeArray(ElementKind::F32, result),
                       makeArray(ElementKind::F32, unfused),
                       makeArray(ElementKind::F64, oracle));
}

TEST(Check, AllowsTwiceTheUnfusedError) {
  EXPECT_TRUE(compare({1.5}, {1.25}, {1}).passed());
  EXPECT_FALSE(compare({1.75}, {1.25}, {1}).passed());
}

TEST(Check, ScalesToleranceByTheReference) {
  EXPECT_TRUE(compare({1e6 + 0.5}, {1e6}, {1e6}).passed());
  EXPECT_FALSE(compare({1.5}, {1}, {1}).passed());
}

TEST(Check, FailsOnNaN) {
  EXPECT_FALSE(compare({NAN}, {1}, {1}).passed());
  EXPECT_FALSE(compare({NAN}, {NAN}, {1}).passed());
  EXPECT_TRUE(compare({NAN}, {NAN}, {NAN}).passed());
}

TEST(Check, ComparesInfinities) {
  EXPECT_TRUE(compare({-INFINITY, 1}, {-INFINITY, 1}, {-INFINITY, 1}).passed());
  EXPECT_FALSE(compare({-1e30}, {-INFINITY}, {-INFINITY}).passed());
  EXPECT_FALSE(compare({INFINITY}, {INFINITY}, {1}).passed());
}

TEST(Arguments, ParsesLiterals) {
  EXPECT_EQ(llvm::cantFail(parseLiteral("-5", ElementKind::I32)).read(0), -5);
  EXPECT_EQ(llvm::cantFail(parseLiteral("0x10", ElementKind::Index)).read(0),
            16);
  EXPECT_EQ(llvm::cantFail(parseLiteral("true", ElementKind::I1)).read(0), 1);
  EXPECT_EQ(llvm::cantFail(parseLiteral("0.5", ElementKind::BF16)).read(0),
            0.5);
  EXPECT_EQ(llvm::cantFail(parseLiteral("255", ElementKind::I8)).read(0), -1);
}

TEST(Arguments, RefusesOtherLiterals) {
  for (auto [text, kind] : {std::pair("5.5", ElementKind::I32),
                            {"", ElementKind::F32},
                            {"256", ElementKind::I8},
                            {"2", ElementKind::I1},
                            {"q.npy", ElementKind::F64}}) {
    llvm::Expected<Array> array = parseLiteral(text, kind);
    EXPECT_FALSE(bool(array)) << text;
    llvm::consumeError(array.takeError());
  }
}

TEST(Arguments, MakesRandomNumbersFromTheSeed) {
  Array a = llvm::cantFail(Array::create(ElementKind::F32, {10000}));
  Array b = llvm::cantFail(Array::create(ElementKind::F32, {10000}));
  fillRandom(a, 1, 0);
  fillRandom(b, 1, 0);
  double sum = 0, squares = 0;
  for (int i = 0; i < 10000; ++i) {
    EXPECT_EQ(a.read(i), b.read(i));
    sum += a.read(i);
    squares += a.read(i) * a.read(i);
  }
  EXPECT_NEAR(sum / 10000, 0, 0.05);
  EXPECT_NEAR(squares / 10000, 1, 0.05);
  fillRandom(b, 1, 1);
  EXPECT_NE(a.read(0), b.read(0));
}

} // namespace
