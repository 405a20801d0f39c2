//===- CostModelTest.cpp - choices of the cost model ------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Schedule/CostModel.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::mqa;

namespace {

TargetDescription getTarget(llvm::StringRef cpu) {
  return llvm::cantFail(TargetDescription::get(cpu));
}

TEST(TargetDescription, KnowsVectorsAndCaches) {
  TargetDescription haswell = getTarget("haswell");
  EXPECT_EQ(haswell.lanes, 8);
  EXPECT_EQ(haswell.registers, 16);
  EXPECT_EQ(haswell.caches.l1, 32 << 10);
  EXPECT_EQ(haswell.caches.l2, 256 << 10);
  EXPECT_TRUE(haswell.hasFma);
  TargetDescription rapids = getTarget("sapphirerapids");
  EXPECT_EQ(rapids.lanes, 16);
  EXPECT_EQ(rapids.registers, 32);
  EXPECT_TRUE(rapids.hasAVX512);
  EXPECT_EQ(rapids.caches.l1, 48 << 10);
  EXPECT_EQ(rapids.caches.l2, 2048 << 10);
  EXPECT_FALSE(getTarget("x86-64").hasFma);
}

TEST(TargetDescription, DetectsTheHost) {
  TargetDescription host = getTarget("host");
  EXPECT_GE(host.threads, 1u);
  EXPECT_GE(host.caches.l1, 8 << 10);
  EXPECT_GE(host.caches.l2, host.caches.l1);
  EXPECT_NE(host.cpu, "host");
}

TEST(TargetDescription, FollowsTheCPUToItsArchitecture) {
  auto arm = TargetDescription::get("neoverse-v1");
  if (!arm) { // An LLVM without that code generator.
    llvm::consumeError(arm.takeError());
    GTEST_SKIP();
  }
  EXPECT_EQ(arm->triple.substr(0, 7), "aarch64");
  EXPECT_EQ(arm->lanes, 4);
  EXPECT_TRUE(arm->hasLaneFma);
  EXPECT_EQ(getTarget("aarch64").cpu, "generic");
}

TEST(RegisterTile, HoldsEnoughAccumulators) {
  for (llvm::StringRef cpu : {"x86-64-v3", "x86-64-v4", "znver3", "znver5"}) {
    TargetDescription target = getTarget(cpu);
    RegisterTile tile = chooseRegisterTile(target, ShapedType::kDynamic);
    // The FMA pipes are the limit, and nothing spills.
    EXPECT_EQ(tile.estimateCycles(target), 0.5) << cpu.str();
    EXPECT_LE(tile.countRegisters(target), target.registers) << cpu.str();
    EXPECT_LE(tile.countLoads(target), 0.75) << cpu.str();
  }
}

TEST(RegisterTile, IsNotWiderThanTheRows) {
  TargetDescription target = getTarget("x86-64-v4");
  for (int64_t rows = 1; rows <= 200; ++rows) {
    RegisterTile tile = chooseRegisterTile(target, rows);
    if (tile.vectors > 1)
      EXPECT_GT(rows, tile.vectors / 2 * target.lanes);
  }
}

/// Valid for every target and size, and the same for any batch.
TEST(CostModel, ChoosesValidSchedules) {
  MLIRContext context;
  context.loadDialect<MQADialect>();
  for (llvm::StringRef cpu :
       {"x86-64", "x86-64-v3", "x86-64-v4", "haswell", "skylake-avx512",
        "icelake-server", "sapphirerapids", "znver3", "znver4", "znver5"})
    for (int64_t rows : {-1, 0, 1, 3, 8, 17, 33, 71, 4096})
      for (int64_t keys : {-1, 0, 1, 100, 2048, 100000})
        for (int64_t size : {1, 4, 10, 20, 64, 80, 128, 256, 512})
          for (MaskKind mask :
               {MaskKind::None, MaskKind::Bounded, MaskKind::Classified}) {
            ProblemSize problem;
            problem.rows = rows < 0 ? ShapedType::kDynamic : rows;
            problem.keys = keys < 0 ? ShapedType::kDynamic : keys;
            problem.depth = problem.value = size;
            problem.queryType = problem.keyType = problem.valueType = "f32";
            problem.mask = mask;
            ScheduleFields chosen = chooseSchedule(getTarget(cpu), problem);
            EXPECT_TRUE(chosen.getAttr(
                &context, [&] { return emitError(UnknownLoc::get(&context)); }))
                << cpu.str() << " " << problem.print() << ": "
                << chosen.print();
          }
}

} // namespace
