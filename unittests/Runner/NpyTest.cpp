//===- NpyTest.cpp - files of NumPy -----------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/Npy.h"
#include "gtest/gtest.h"
#include <cstring>

using namespace mlir;
using namespace mlir::mqa;

namespace {

/// A file of version 1 with this dictionary and data.
std::string makeFile(llvm::StringRef dictionary, llvm::StringRef data) {
  std::string file("\x93NUMPY\x01\x00", 8);
  file += char(dictionary.size() & 255);
  file += char(dictionary.size() >> 8);
  return file + dictionary.str() + data.str();
}

std::string getError(llvm::StringRef file, ElementKind kind) {
  llvm::Expected<Array> array = parseNpy(file, kind);
  return array ? "" : llvm::toString(array.takeError());
}

std::string getBytes(llvm::ArrayRef<float> values) {
  return std::string(reinterpret_cast<const char *>(values.data()),
                     values.size() * sizeof(float));
}

TEST(Npy, ReadsWhatItWrites) {
  std::string header = printNpyHeader(ElementKind::F32, {2, 3});
  EXPECT_EQ(header.size() % 64, 0u);
  EXPECT_EQ(header.back(), '\n');
  std::string file = header + getBytes({1, 2, 3, 4, 5, 6});
  llvm::Expected<Array> array = parseNpy(file, ElementKind::F32);
  ASSERT_TRUE(bool(array)) << llvm::toString(array.takeError());
  EXPECT_EQ(array->getShape(), llvm::ArrayRef<int64_t>({2, 3}));
  EXPECT_EQ(array->read(4), 5.0);
}

TEST(Npy, WritesTuplesAsPythonDoes) {
  EXPECT_NE(printNpyHeader(ElementKind::F32, {}).find("'shape': (), }"),
            std::string::npos);
  EXPECT_NE(printNpyHeader(ElementKind::BF16, {7}).find("'shape': (7,), }"),
            std::string::npos);
  EXPECT_NE(printNpyHeader(ElementKind::BF16, {7}).find("'<V2'"),
            std::string::npos);
}

TEST(Npy, ConvertsFortranOrder) {
  std::string file =
      makeFile("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }\n",
               getBytes({1, 4, 2, 5, 3, 6}));
  llvm::Expected<Array> array = parseNpy(file, ElementKind::F32);
  ASSERT_TRUE(bool(array)) << llvm::toString(array.takeError());
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(array->read(i), i + 1.0);
}

TEST(Npy, ReadsVersion2AndAnyOrderOfKeys) {
  std::string text = "{\"shape\":(1,),'descr':'<u2' ,'fortran_order':False}";
  std::string file("\x93NUMPY\x02\x00", 8);
  file += char(text.size());
  file += std::string(3, '\0') + text + std::string("\x80\x3f", 2);
  llvm::Expected<Array> array = parseNpy(file, ElementKind::BF16);
  ASSERT_TRUE(bool(array)) << llvm::toString(array.takeError());
  EXPECT_EQ(array->read(0), 1.0);
}

TEST(Npy, NormalisesBooleans) {
  std::string file =
      makeFile("{'descr': '|b1', 'fortran_order': False, 'shape': (3,)}",
               "\x02\x01\x7f");
  llvm::Expected<Array> array = parseNpy(file, ElementKind::I1);
  ASSERT_TRUE(bool(array)) << llvm::toString(array.takeError());
  EXPECT_EQ(std::memcmp(array->getData(), "\1\1\1", 3), 0);
}

TEST(Npy, RefusesOtherDtypes) {
  std::string file = makeFile(
      "{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}", "abcd");
  EXPECT_EQ(getError(file, ElementKind::F32),
            "expected dtype '<f4' for f32, got '>f4'");
  file = makeFile(
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}",
      "abcd");
  EXPECT_EQ(getError(file, ElementKind::F32),
            "expected a plain dtype, got a structured one");
}

TEST(Npy, RefusesShapesThatOverflow) {
  for (const char *shape :
       {"(4611686018427387904, 4)", "(9223372036854775807,)",
        "(4294967296, 4294967296, 2)", "(2305843009213693952,)"}) {
    std::string file =
        makeFile(("{'descr': '<f4', 'fortran_order': False, 'shape': " +
                  std::string(shape) + "}"),
                 "abcd");
    EXPECT_NE(getError(file, ElementKind::F32).find("malformed .npy: expected"),
              std::string::npos)
        << shape;
  }
}

TEST(Npy, RefusesBadShapes) {
  for (const char *shape :
       {"(-1,)", "(1", "1", "(99999999999999999999,)", "(1 2)", "(,)", "(a)"}) {
    std::string file =
        makeFile(("{'descr': '<f4', 'fortran_order': False, 'shape': " +
                  std::string(shape) + "}"),
                 "abcd");
    EXPECT_NE(getError(file, ElementKind::F32), "") << shape;
  }
}

TEST(Npy, SurvivesTruncationEverywhere) {
  std::string file =
      printNpyHeader(ElementKind::F32, {2, 3}) + getBytes({1, 2, 3, 4, 5, 6});
  for (size_t size = 0; size < file.size(); ++size)
    EXPECT_NE(
        getError(llvm::StringRef(file).take_front(size), ElementKind::F32), "");
  EXPECT_NE(getError(file + "x", ElementKind::F32), "");
}

TEST(Npy, SurvivesEveryChangedByte) {
  std::string file =
      printNpyHeader(ElementKind::F32, {2, 3}) + getBytes({1, 2, 3, 4, 5, 6});
  for (size_t i = 0; i < file.size(); ++i)
    for (unsigned value = 0; value < 256; value += 3) {
      std::string changed = file;
      changed[i] = char(value);
      getError(changed, ElementKind::F32);
    }
}

TEST(Npy, ReadsEmptyArrays) {
  std::string file = makeFile("{'descr': '<f4', 'fortran_order': True, "
                              "'shape': (0, 9223372036854775807, 3)}",
                              "");
  llvm::Expected<Array> array = parseNpy(file, ElementKind::F32);
  ASSERT_TRUE(bool(array)) << llvm::toString(array.takeError());
  EXPECT_EQ(array->getNumElements(), 0);
}

} // namespace
