//===- ScheduleFieldsTest.cpp - pins and what fits them ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Schedule/ScheduleFields.h"
#include "gtest/gtest.h"
#include <random>

using namespace mlir;
using namespace mlir::mqa;

namespace {

const ScheduleFields kAVX2 = {64, 16, 96, 6, 4, 4, 24, 0, 1};
const ScheduleFields kDecode = {8, 8, 64, 8, 16, 4, 0, 2048, 2};

class Fitting : public testing::Test {
protected:
  Fitting() { context.loadDialect<MQADialect>(); }

  bool isValid(const ScheduleFields &fields) {
    ScopedDiagnosticHandler handler(&context,
                                    [](Diagnostic &) { return success(); });
    return bool(fields.getAttr(
        &context, [&] { return emitError(UnknownLoc::get(&context)); }));
  }

  MLIRContext context;
};

TEST_F(Fitting, LeavesAChoiceAlone) {
  EXPECT_EQ(fitToPins(kAVX2, {}), kAVX2);
  EXPECT_EQ(fitToPins(kDecode, {}), kDecode);
  EXPECT_EQ(fitToPins(kAVX2, kAVX2), kAVX2);
}

TEST_F(Fitting, ChangesWhatHasTo) {
  ScheduleFields pins;
  pins.keyBlock = 64;
  ScheduleFields fit = fitToPins(kAVX2, pins);
  EXPECT_EQ(fit.print(),
            "row-block=64,row-panel=16,key-block=64,key-tile=4,value-tile=4,"
            "depth-step=4,edge-block=16,split-keys=0,lane-depth=1");
  pins = {};
  pins.rowPanel = 48;
  EXPECT_EQ(fitToPins(kAVX2, pins).rowBlock, 96);
  pins = {};
  pins.rowBlock = 24;
  EXPECT_EQ(fitToPins(kAVX2, pins).rowPanel, 8);
  pins = {};
  pins.laneDepth = 1;
  EXPECT_EQ(fitToPins(kDecode, pins).rowPanel, 16);
  EXPECT_EQ(fitToPins(kDecode, pins).valueTile, 8);
  pins = {};
  pins.rowPanel = 16;
  EXPECT_EQ(fitToPins(kDecode, pins).laneDepth, 1);
  pins = {};
  pins.splitKeys = 100;
  EXPECT_EQ(100 % fitToPins(kDecode, pins).keyBlock, 0);
}

/// Any one pin can be had, whatever its value; two that fit each other too.
TEST_F(Fitting, IsValidWheneverThePinsAre) {
  std::mt19937 random(7);
  auto pick = [&](int most) { return 1 + int64_t(random() % most); };
  for (int i = 0; i < 3000; ++i) {
    const ScheduleFields &chosen = i % 2 ? kAVX2 : kDecode;
    ScheduleFields pins;
    const ScheduleField &one = getScheduleFields()[random() % 9];
    pins.*one.member = pick(200);
    if (i % 3 == 0) {
      // A multiple of the first one, for those that must be.
      pins = {};
      int64_t tile = pick(12), times = pick(6), more = pick(6);
      pins.keyTile = tile;
      pins.edgeBlock = random() % 2 ? tile * times : pins.edgeBlock;
      pins.keyBlock = random() % 2 ? tile * times * more : pins.keyBlock;
    }
    ScheduleFields fit = fitToPins(chosen, pins);
    EXPECT_TRUE(fit.agreesWith(pins));
    EXPECT_TRUE(isValid(fit)) << pins.print() << " -> " << fit.print();
  }
}

TEST_F(Fitting, KeepsPinsThatDoNotFit) {
  ScheduleFields pins;
  pins.keyBlock = 30;
  pins.keyTile = 4;
  EXPECT_TRUE(fitToPins(kAVX2, pins).agreesWith(pins));
  EXPECT_FALSE(isValid(fitToPins(kAVX2, pins)));
}

} // namespace
