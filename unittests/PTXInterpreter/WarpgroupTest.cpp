//===- WarpgroupTest.cpp - bulk copies, mbarriers and wgmma -----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One small kernel of a warpgroup, C = A B^T with A of 64 x 64 and B of 16 x 64
// in bf16, made of lines that a test can drop or exchange: a mistake in any of
// them must be found, by an error or by wrong values.
//
//===----------------------------------------------------------------------===//

#include "mqa/PTXInterpreter/PTXInterpreter.h"
#include "mqa/PTXInterpreter/TensorMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"
#include "gtest/gtest.h"
#include <cstring>

using namespace mlir::mqa::ptx;

namespace {

constexpr int kRows = 64, kColumns = 16, kDepth = 64;

/// The lines of the kernel, by what they are for.
struct Lines {
  std::string init = "@%p0 mbarrier.init.shared.b64 [bar], 1;";
  std::string initBarrier = "bar.sync 0;";
  std::string expect =
      "@%p0 mbarrier.arrive.expect_tx.shared.b64 _, [bar], 10240;";
  std::string copyA =
      "@%p0 cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::"
      "complete_tx::bytes [dyn], [%d1, {%r8, %r8}], [bar];";
  std::string copyB =
      "@%p0 cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::"
      "complete_tx::bytes [dyn+8192], [%d2, {%r8, %r8}], [bar];";
  std::string wait = "{ LOOP: mbarrier.try_wait.parity.shared.b64 %p1, [bar], "
                     "0; @%p1 bra.uni DONE; bra.uni LOOP; DONE: }";
  std::string store, proxyFence;
  std::string fence = "wgmma.fence.sync.aligned;";
  std::string beforeWait;
  std::string commit = "wgmma.commit_group.sync.aligned;";
  std::string awaitProducts = "wgmma.wait_group.sync.aligned 0;";
  uint64_t swizzle = 1, stride = 1024;
};

std::string makeProducts(const Lines &lines) {
  std::string text;
  for (int step = 0; step < kDepth / 16; ++step) {
    // Descriptors of the chunks of this step; A at 1024, B behind it.
    auto descriptor = [&](uint64_t address) {
      return std::to_string(lines.swizzle << 62 | (lines.stride >> 4) << 32 |
                            (address + 32 * step) >> 4);
    };
    text += "wgmma.mma_async.sync.aligned.m64n16k16.f32.bf16.bf16 {%f0, %f1, "
            "%f2, %f3, %f4, %f5, %f6, %f7}, " +
            descriptor(1024) + ", " + descriptor(1024 + 8192) + ", " +
            (step ? "1" : "0") + ", 1, 1, 0, 0;\n";
  }
  return text;
}

std::string makeText(const Lines &lines) {
  std::string text = R"(
.version 8.0
.target sm_90a
.address_size 64
.extern .shared .align 1024 .b8 dyn[];
.visible .entry k(
  .param .u64 k_param_0,
  .param .align 64 .b8 k_param_1[128],
  .param .align 64 .b8 k_param_2[128]
)
.maxntid 128, 1, 1
{
  .reg .pred %p<9>;
  .reg .b32 %r<32>;
  .reg .f32 %f<32>;
  .reg .b64 %d<16>;
  .shared .align 8 .b8 bar[8];
  ld.param.u64 %d0, [k_param_0];
  mov.b64 %d1, k_param_1;
  cvta.param.u64 %d1, %d1;
  mov.b64 %d2, k_param_2;
  cvta.param.u64 %d2, %d2;
  mov.u32 %r0, %tid.x;
  mov.b32 %r8, 0;
  setp.eq.u32 %p0, %r0, 0;
)";
  for (const std::string *line :
       {&lines.init, &lines.initBarrier, &lines.expect, &lines.copyA,
        &lines.copyB, &lines.wait, &lines.store, &lines.proxyFence,
        &lines.fence})
    text += *line + "\n";
  text += makeProducts(lines) + lines.commit + "\n" + lines.beforeWait + "\n" +
          lines.awaitProducts + "\n";
  text += "mul.wide.u32 %d3, %r0, 32;\nadd.s64 %d3, %d3, %d0;\n";
  for (int i = 0; i < 8; ++i)
    text += "st.global.f32 [%d3+" + std::to_string(4 * i) + "], %f" +
            std::to_string(i) + ";\n";
  return text + "ret;\n}\n";
}

/// What a run gave: an error, or C.
struct Outcome {
  std::string error;
  std::vector<float> values = std::vector<float>(128 * 8);
  /// Whether C is right; the layout is that of the accumulator.
  bool isRight() const;
};

/// Small integers, which bf16 has exactly.
int getA(int row, int k) { return (row * 7 + k * 3) % 11 - 5; }
int getB(int column, int k) { return (column * 5 + k) % 7 - 3; }

uint16_t toBFloat(int value) {
  float number = value;
  uint32_t bits;
  std::memcpy(&bits, &number, 4);
  return bits >> 16;
}

bool Outcome::isRight() const {
  for (int thread = 0; thread < 128; ++thread)
    for (int i = 0; i < 8; ++i) {
      int lane = thread % 32;
      int row = thread / 32 * 16 + lane / 4 + 8 * (i / 2 % 2);
      int column = i / 4 * 8 + 2 * (lane % 4) + i % 2;
      int sum = 0;
      for (int k = 0; k < kDepth; ++k)
        sum += getA(row, k) * getB(column, k);
      if (values[thread * 8 + i] != sum)
        return false;
    }
  return true;
}

Outcome run(const Lines &lines, uint64_t seed = 0, int mapSwizzle = 128) {
  Outcome outcome;
  auto module = Module::parse(makeText(lines));
  if (!module) {
    outcome.error = llvm::toString(module.takeError());
    return outcome;
  }
  alignas(16) static uint16_t a[kRows * kDepth], b[kColumns * kDepth];
  for (int row = 0; row < kRows; ++row)
    for (int k = 0; k < kDepth; ++k)
      a[row * kDepth + k] = toBFloat(getA(row, k));
  for (int column = 0; column < kColumns; ++column)
    for (int k = 0; k < kDepth; ++k)
      b[column * kDepth + k] = toBFloat(getB(column, k));
  TensorMap maps[2];
  EXPECT_EQ(TensorMap::encode(maps[0], a, 2, {kDepth, kRows}, {kDepth * 2},
                              {kDepth, kRows}, mapSwizzle),
            "");
  EXPECT_EQ(TensorMap::encode(maps[1], b, 2, {kDepth, kColumns}, {kDepth * 2},
                              {kDepth, kColumns}, mapSwizzle),
            "");
  DeviceMemory memory;
  memory.addRange(a, sizeof a, false, true, "A");
  memory.addRange(b, sizeof b, false, true, "B");
  memory.addRange(outcome.values.data(), outcome.values.size() * 4, true, true,
                  "C");
  void *out = outcome.values.data();
  const void *parameters[] = {&out, &maps[0], &maps[1]};
  LaunchOptions options;
  options.seed = seed;
  auto done =
      module->launch("k", {}, {128, 1, 1}, 16384, parameters, memory, options);
  if (!done)
    outcome.error = llvm::toString(done.takeError());
  return outcome;
}

void expectError(const Lines &lines, llvm::StringRef text) {
  Outcome outcome = run(lines);
  EXPECT_NE(outcome.error.find(text.str()), std::string::npos)
      << "got '" << outcome.error << "'";
}

TEST(Warpgroup, Product) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    Outcome outcome = run({}, seed);
    EXPECT_EQ(outcome.error, "");
    EXPECT_TRUE(outcome.isRight());
  }
}

TEST(Warpgroup, WrongSwizzleOrStrideIsWrong) {
  EXPECT_FALSE(run({}, 0, /*mapSwizzle=*/0).isRight());
  Lines lines;
  lines.stride = 512;
  EXPECT_FALSE(run(lines).isRight());
  lines.swizzle = 0;
  expectError(lines, "expected a descriptor with a swizzle of 128 bytes");
}

/// A warp may come before the copy begins, or while it is under way.
void expectEarlyUse(const Lines &lines) {
  bool isInFlight = false;
  for (uint64_t seed = 0; seed < 8; ++seed) {
    std::string error = run(lines, seed).error;
    EXPECT_NE(error, "");
    isInFlight |= error.find("expected no access before the copy to it is "
                             "waited for") != std::string::npos;
  }
  EXPECT_TRUE(isInFlight);
}

TEST(Warpgroup, DroppedWaitForCopy) {
  Lines lines;
  lines.wait = "";
  expectEarlyUse(lines);
  // The other parity is over before anything has begun.
  lines.wait = Lines().wait;
  lines.wait.replace(lines.wait.find("], 0;") + 3, 1, "1");
  expectEarlyUse(lines);
}

TEST(Warpgroup, BytesThatNobodyCopies) {
  Lines lines;
  lines.copyB = "";
  expectError(lines, "got a deadlock");
  lines = {};
  lines.expect = "@%p0 mbarrier.arrive.shared.b64 _, [bar];";
  EXPECT_NE(run(lines).error, "");
}

TEST(Warpgroup, DroppedArrive) {
  Lines lines;
  lines.init = "@%p0 mbarrier.init.shared.b64 [bar], 2;";
  expectError(lines, "got a deadlock");
  lines.init = Lines().init;
  lines.expect += "\n" + lines.expect;
  EXPECT_NE(run(lines).error, "");
}

TEST(Warpgroup, BarrierMustBeInitialisedAndKnown) {
  Lines lines;
  lines.init = "";
  expectError(lines, "expected the address of an mbarrier that was "
                     "initialised");
  lines = {};
  lines.initBarrier = "";
  bool isFound = false;
  for (uint64_t seed = 0; seed < 5; ++seed)
    isFound |= !run(lines, seed).error.empty();
  EXPECT_TRUE(isFound);
}

TEST(Warpgroup, DroppedWaitForProducts) {
  Lines lines;
  lines.awaitProducts = "";
  expectError(lines, "expected wgmma.wait_group before a use of registers");
  // A group that was not committed is not waited for.
  lines = {};
  lines.commit = "";
  expectError(lines, "expected wgmma.wait_group before a use of registers");
  lines = {};
  lines.awaitProducts = "wgmma.wait_group.sync.aligned 1;";
  expectError(lines, "expected wgmma.wait_group before a use of registers");
}

TEST(Warpgroup, RegistersInFlight) {
  Lines lines;
  lines.beforeWait = "add.f32 %f9, %f0, %f1;";
  expectError(lines, "expected wgmma.wait_group before a use of registers");
  lines.beforeWait = "mov.b32 %f3, 0f00000000;";
  expectError(lines, "expected wgmma.wait_group before a use of registers");
  // A copy is a renaming, and happens at the wait.
  lines.beforeWait = "mov.b32 %f9, %f0;";
  lines.awaitProducts += "\nmov.b32 %f0, %f9;";
  Outcome outcome = run(lines);
  EXPECT_EQ(outcome.error, "");
  EXPECT_TRUE(outcome.isRight());
}

TEST(Warpgroup, DroppedFence) {
  Lines lines;
  lines.fence = "wgmma.fence.sync.aligned;\nmov.b32 %f0, 0f00000000;";
  expectError(lines, "expected wgmma.fence between a write to the accumulator");
  lines.fence += "\nwgmma.fence.sync.aligned;";
  EXPECT_EQ(run(lines).error, "");
}

TEST(Warpgroup, DroppedProxyFence) {
  // Every thread overwrites 4 bytes of a row of zeros with what is there.
  Lines lines;
  lines.store = "mul.lo.s32 %r1, %r0, 4;\nmov.u32 %r2, dyn;\n"
                "add.s32 %r2, %r2, %r1;\nld.shared.b32 %r3, [%r2];\n"
                "st.shared.b32 [%r2], %r3;";
  expectError(lines, "expected fence.proxy.async between the store");
  lines.proxyFence = "fence.proxy.async.shared::cta;\nbar.sync 0;";
  Outcome outcome = run(lines);
  EXPECT_EQ(outcome.error, "");
  EXPECT_TRUE(outcome.isRight());
  // The fence alone tells nothing to the other warps.
  lines.proxyFence = "fence.proxy.async.shared::cta;";
  bool isFound = false;
  for (uint64_t seed = 0; seed < 5; ++seed)
    isFound |= !run(lines, seed).error.empty();
  EXPECT_TRUE(isFound);
}

TEST(Warpgroup, PartOfAWarp) {
  Lines lines;
  lines.fence = "@%p0 bra SKIP;\nwgmma.fence.sync.aligned;\nSKIP:";
  expectError(lines, "expected all lanes of the warp");
}

TEST(TensorMaps, RulesOfTheDriver) {
  alignas(16) uint16_t data[128] = {};
  TensorMap map;
  auto encode = [&](const void *address, int64_t stride, int32_t width,
                    unsigned swizzle) {
    return TensorMap::encode(map, address, 2, {64, 2}, {stride}, {width, 2},
                             swizzle);
  };
  EXPECT_EQ(encode(data, 128, 64, 128), "");
  EXPECT_NE(encode(data + 1, 128, 64, 128), "");
  EXPECT_NE(encode(data, 120, 64, 128), "");
  EXPECT_NE(encode(data, 128, 257, 0), "");
  EXPECT_NE(encode(data, 128, 128, 128), "");
  EXPECT_NE(encode(data, 128, 4, 0), "");
  EXPECT_NE(encode(data, 128, 64, 48), "");
}

} // namespace
