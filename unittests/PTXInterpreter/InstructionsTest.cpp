//===- InstructionsTest.cpp - values of PTX instructions --------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include "llvm/ADT/bit.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace mlir::mqa::ptx;

namespace {

/// %r9 of every thread, after `body`.
std::vector<uint32_t> compute(const std::string &body, unsigned threads = 32) {
  Outcome outcome = run(makeKernel(body + R"(
  mul.wide.u32 %d9, %r0, 4;
  add.s64 %d9, %out, %d9;
  st.global.b32 [%d9], %r9;)"),
                        threads, threads);
  EXPECT_EQ(outcome.error, "");
  return outcome.values;
}

uint32_t computeOne(const std::string &body) { return compute(body)[0]; }

float computeFloat(const std::string &body) {
  return llvm::bit_cast<float>(computeOne(body + "\nmov.b32 %r9, %f9;"));
}

TEST(Integers, WrapAndWiden) {
  EXPECT_EQ(computeOne("mov.b32 %r1, -1; add.s32 %r9, %r1, 3;"), 2u);
  EXPECT_EQ(computeOne("mov.b32 %r1, -2; shr.s32 %r9, %r1, 1;"), 0xffffffffu);
  EXPECT_EQ(computeOne("mov.b32 %r1, -2; shr.u32 %r9, %r1, 1;"), 0x7fffffffu);
  EXPECT_EQ(computeOne("mov.b32 %r1, 5; shl.b32 %r9, %r1, 40;"), 0u);
  EXPECT_EQ(computeOne("mov.b32 %r1, -7; div.s32 %r9, %r1, 2;"), uint32_t(-3));
  EXPECT_EQ(computeOne("mov.b32 %r1, -7; rem.s32 %r9, %r1, 4;"), uint32_t(-3));
  EXPECT_EQ(computeOne("mov.b32 %r1, -1; mul.hi.u32 %r9, %r1, %r1;"),
            0xfffffffeu);
  EXPECT_EQ(computeOne("mov.b32 %r1, -3; mul.wide.s32 %d1, %r1, 5; "
                       "shr.u64 %d1, %d1, 32; cvt.u32.u64 %r9, %d1;"),
            0xffffffffu);
  EXPECT_EQ(computeOne("mov.b32 %r1, -3; max.s32 %r9, %r1, 2;"), 2u);
  EXPECT_EQ(computeOne("mov.b32 %r1, -3; max.u32 %r9, %r1, 2;"), uint32_t(-3));
}

TEST(Integers, Bits) {
  EXPECT_EQ(computeOne("mov.b32 %r1, 0xabcd; bfe.u32 %r9, %r1, 4, 8;"), 0xbcu);
  EXPECT_EQ(computeOne("mov.b32 %r1, 0xf; bfi.b32 %r9, %r1, 0, 8, 4;"), 0xf00u);
  EXPECT_EQ(computeOne("mov.b32 %r1, 0x03020100; mov.b32 %r2, 0x07060504; "
                       "prmt.b32 %r9, %r1, %r2, 0x7531;"),
            0x07050301u);
  EXPECT_EQ(computeOne("mov.b32 %r1, 12; mov.b32 %r2, 10; mov.b32 %r3, 6; "
                       "lop3.b32 %r9, %r1, %r2, %r3, 0x96;"),
            12u ^ 10u ^ 6u);
  EXPECT_EQ(computeOne("mov.b32 %r1, 0xf0; popc.b32 %r9, %r1;"), 4u);
  EXPECT_EQ(computeOne("mov.b32 %r1, 0xf0; clz.b32 %r9, %r1;"), 24u);
  EXPECT_EQ(computeOne("mov.b32 %r1, 0x80000001; mov.b32 %r2, 1; "
                       "shf.l.wrap.b32 %r9, %r1, %r2, 1;"),
            3u);
}

TEST(Floats, RoundOnce) {
  // 1 + 2^-24 rounds to 1; the fused sum keeps the product's low bits.
  EXPECT_EQ(computeFloat("mov.f32 %f1, 0f3F800001; "
                         "fma.rn.f32 %f9, %f1, %f1, 0fBF800000;"),
            std::fma(1.00000012f, 1.00000012f, -1.0f));
  EXPECT_EQ(computeFloat("mov.f32 %f1, 0f3F800000; div.rn.f32 %f9, %f1, "
                         "0f40400000;"),
            1.0f / 3.0f);
}

TEST(Floats, FlushOnlyWhereTold) {
  EXPECT_EQ(computeOne("mov.f32 %f1, 0f00000001; add.f32 %f9, %f1, %f1; "
                       "mov.b32 %r9, %f9;"),
            2u);
  EXPECT_EQ(computeOne("mov.f32 %f1, 0f00000001; add.ftz.f32 %f9, %f1, %f1; "
                       "mov.b32 %r9, %f9;"),
            0u);
}

TEST(Floats, ExtremesAndNaN) {
  const std::string nan = "mov.f32 %f1, 0f7FC00000; ";
  EXPECT_EQ(computeFloat(nan + "max.f32 %f9, %f1, 0f40000000;"), 2.0f);
  EXPECT_TRUE(
      std::isnan(computeFloat(nan + "max.NaN.f32 %f9, %f1, 0f40000000;")));
  EXPECT_EQ(computeOne(nan + "setp.lt.f32 %p1, %f1, 0f40000000; "
                             "selp.b32 %r9, 1, 2, %p1;"),
            2u);
  EXPECT_EQ(computeOne(nan + "setp.ltu.f32 %p1, %f1, 0f40000000; "
                             "selp.b32 %r9, 1, 2, %p1;"),
            1u);
  EXPECT_EQ(computeFloat("mov.f32 %f1, 0fFF800000; ex2.approx.ftz.f32 %f9, "
                         "%f1;"),
            0.0f);
}

TEST(Conversions, NarrowFloats) {
  // 1.00390625 is halfway between two bf16: to even. The first operand is the
  // upper half.
  EXPECT_EQ(computeOne("mov.f32 %f1, 0f40000000; mov.f32 %f2, 0f3F808000; "
                       "cvt.rn.bf16x2.f32 %r9, %f1, %f2;"),
            0x40003f80u);
  EXPECT_EQ(computeOne("mov.f32 %f1, 0f3F800000; mov.f32 %f2, 0f477FE000; "
                       "cvt.rn.f16x2.f32 %r9, %f1, %f2;"),
            0x3c007bffu);
  EXPECT_EQ(computeOne("mov.f32 %f1, 0fC0200000; cvt.rzi.s32.f32 %r9, %f1;"),
            uint32_t(-2));
  EXPECT_EQ(computeOne("mov.f32 %f1, 0fC0200000; cvt.rzi.u32.f32 %r9, %f1;"),
            0u);
  EXPECT_EQ(computeOne("mov.b16 %h1, 0x3C01; cvt.f32.f16 %f9, %h1; "
                       "mov.b32 %r9, %f9;"),
            0x3f802000u);
}

TEST(Control, LanesMeetBehindBranches) {
  std::vector<uint32_t> values = compute(R"(
  mov.u32 %r9, 0;
  and.b32 %r1, %r0, 3;
LOOP:
  add.s32 %r9, %r9, 1;
  add.s32 %r1, %r1, -1;
  setp.ge.s32 %p1, %r1, 0;
  @%p1 bra LOOP;
  bar.sync 0;
  shfl.sync.bfly.b32 %r2, %r9, 1, 31, -1;
  mad.lo.s32 %r9, %r2, 100, %r9;)");
  for (unsigned i = 0; i < 32; ++i)
    EXPECT_EQ(values[i], ((i ^ 1) % 4 + 1) * 100 + i % 4 + 1);
}

TEST(Control, ExchangesOfAWarp) {
  std::vector<uint32_t> values = compute(R"(
  shfl.sync.idx.b32 %r1|%p1, %r0, 5, 31, -1;
  shfl.sync.up.b32 %r2|%p2, %r0, 1, 0, -1;
  setp.gt.u32 %p3, %r0, 29;
  vote.sync.ballot.b32 %r3, %p3, -1;
  selp.b32 %r4, 1, 0, %p2;
  shr.u32 %r3, %r3, 28;
  shl.b32 %r2, %r2, 8;
  shl.b32 %r4, %r4, 16;
  shl.b32 %r3, %r3, 20;
  or.b32 %r9, %r1, %r2;
  or.b32 %r9, %r9, %r4;
  or.b32 %r9, %r9, %r3;)");
  EXPECT_EQ(values[0], 0xc00005u);
  EXPECT_EQ(values[31], 0xc11e05u);
}

TEST(Memory, VectorsAndNarrowElements) {
  Outcome outcome = run(makeKernel(R"(
  setp.ne.s32 %p1, %r0, 0;
  @%p1 bra END;
  mov.b32 %r1, 0x80;
  st.global.b8 [%out+17], %r1;
  ld.global.s8 %r2, [%out+17];
  ld.global.u8 %r3, [%out+17];
  st.global.v2.b32 [%out+8], {%r2, %r3};
END:)"));
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.values[2], 0xffffff80u);
  EXPECT_EQ(outcome.values[3], 0x80u);
  EXPECT_EQ(outcome.values[4], 0x8000u);
}

TEST(Matrix, MultipliesFragments) {
  // A = identity rows scaled by 1, B[k][n] = n for all k: C[m][n] = n.
  Outcome outcome = run(makeKernel(R"(
  shr.u32 %r1, %r0, 2;
  and.b32 %r2, %r0, 3;
  shl.b32 %r2, %r2, 1;
  sub.s32 %r3, %r1, %r2;
  setp.eq.s32 %p1, %r3, 0;
  setp.eq.s32 %p2, %r3, 1;
  selp.b32 %r4, 0x3F80, 0, %p1;
  selp.b32 %r4, 0x3F800000, %r4, %p2;
  cvt.rn.f32.u32 %f1, %r1;
  cvt.rn.bf16x2.f32 %r5, %f1, %f1;
  mov.b32 %r6, 0;
  mov.f32 %f2, 0f00000000;
  mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f3, %f4, %f5, %f6}, {%r4, %r6, %r6, %r4}, {%r5, %r5}, {%f2, %f2, %f2, %f2};
  add.f32 %f7, %f3, %f4;
  mul.wide.u32 %d1, %r0, 4;
  add.s64 %d1, %out, %d1;
  st.global.f32 [%d1], %f7;)"));
  EXPECT_EQ(outcome.error, "");
  for (unsigned lane = 0; lane < 32; ++lane)
    EXPECT_EQ(llvm::bit_cast<float>(outcome.values[lane]),
              float(2 * (lane % 4) * 2 + 1));
}

} // namespace
