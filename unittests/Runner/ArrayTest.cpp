//===- ArrayTest.cpp - arrays of the host -----------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/Array.h"
#include "llvm/ADT/APFloat.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlir::mqa;

namespace {

const llvm::fltSemantics &getSemantics(ElementKind kind) {
  return kind == ElementKind::F16 ? llvm::APFloat::IEEEhalf()
                                  : llvm::APFloat::BFloat();
}

double convertBits(ElementKind kind, uint16_t bits) {
  llvm::APFloat value(getSemantics(kind), llvm::APInt(16, bits));
  bool lost = false;
  value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven,
                &lost);
  return value.convertToDouble();
}

uint16_t roundToBits(ElementKind kind, double number) {
  llvm::APFloat value(number);
  bool lost = false;
  value.convert(getSemantics(kind), llvm::APFloat::rmNearestTiesToEven, &lost);
  return uint16_t(value.bitcastToAPInt().getZExtValue());
}

class HalfTest : public testing::TestWithParam<ElementKind> {};

TEST_P(HalfTest, ReadsEveryValue) {
  for (unsigned bits = 0; bits < 65536; ++bits) {
    uint16_t half = bits;
    double got = readElement(GetParam(), reinterpret_cast<char *>(&half));
    double wanted = convertBits(GetParam(), half);
    EXPECT_TRUE(got == wanted || (std::isnan(got) && std::isnan(wanted)))
        << bits;
  }
}

TEST_P(HalfTest, RoundsToNearestEven) {
  for (unsigned bits = 0; bits < 65535; ++bits) {
    double low = convertBits(GetParam(), bits);
    double high = convertBits(GetParam(), bits + 1);
    if (std::isnan(low) || !std::isfinite(high) || !std::isfinite(low))
      continue;
    for (double weight : {0.0, 0.25, 0.5, 0.75}) {
      double number = low + weight * (high - low);
      uint16_t half = 0;
      writeElement(GetParam(), reinterpret_cast<char *>(&half), number);
      EXPECT_EQ(half, roundToBits(GetParam(), number)) << number;
    }
  }
}

TEST_P(HalfTest, OverflowsToInfinity) {
  for (double number : {1e300, -1e300, double(INFINITY), 65519.99, 65520.0,
                        3.4e38, 3.3953e38, 3.3961e38}) {
    uint16_t half = 0;
    writeElement(GetParam(), reinterpret_cast<char *>(&half), number);
    EXPECT_EQ(half, roundToBits(GetParam(), number)) << number;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, HalfTest,
                         testing::Values(ElementKind::F16, ElementKind::BF16));

TEST(Array, RefusesWhatDoesNotFit) {
  llvm::Expected<Array> array =
      Array::create(ElementKind::F32, {int64_t(1) << 40, 1 << 20});
  ASSERT_FALSE(bool(array));
  EXPECT_EQ(
      llvm::toString(array.takeError()),
      "expected arrays that fit into memory, got 1099511627776x1048576xf32");
}

TEST(Array, CountsElements) {
  EXPECT_EQ(countElements({}), 1);
  EXPECT_EQ(countElements({3, 0, int64_t(1) << 62, 8}), 0);
  EXPECT_EQ(countElements({int64_t(1) << 62, 8}), std::nullopt);
}

} // namespace
