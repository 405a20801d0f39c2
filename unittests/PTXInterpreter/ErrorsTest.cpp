//===- ErrorsTest.cpp - what the interpreter finds --------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each test is a kernel with one mistake, and, where it is not obvious, the
// same kernel without it.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include "llvm/ADT/StringRef.h"
#include "gtest/gtest.h"

using namespace mlir::mqa::ptx;

namespace {

const char *const shared = ".extern .shared .align 16 .b8 dyn[];";

/// Addresses of this thread's 16 bytes in shared and global memory.
const char *const places = R"(
  mov.u32 %r20, dyn;
  shl.b32 %r21, %r0, 4;
  add.s32 %r22, %r20, %r21;
  mul.wide.u32 %d1, %r0, 16;
  add.s64 %d1, %out, %d1;
)";

Outcome runShared(const std::string &body, unsigned threads = 32,
                  uint64_t seed = 0) {
  return run(makeKernel(places + body, shared), threads, threads * 4,
             threads * 16, seed);
}

void expectError(const Outcome &outcome, llvm::StringRef text) {
  EXPECT_NE(outcome.error.find(text.str()), std::string::npos)
      << "got '" << outcome.error << "'";
}

TEST(Errors, UnknownInstructionIsFoundWhenParsing) {
  expectError(run(makeKernel("frobnicate.b32 %r1, %r2;")),
              "line 19: expected an instruction that is known, got "
              "'frobnicate'");
  expectError(run(makeKernel("add.wrong.s32 %r1, %r2, %r3;")),
              "expected a modifier that is known, got 'wrong'");
  expectError(run(makeKernel("bra NOWHERE;")), "expected a label");
}

TEST(Errors, UnwrittenSharedMemory) {
  expectError(runShared("ld.shared.b32 %r1, [%r22];"),
              "expected shared memory that was written");
  EXPECT_EQ(runShared("st.shared.b32 [%r22], %r0;\n"
                      "ld.shared.b32 %r1, [%r22];")
                .error,
            "");
}

TEST(Errors, Bounds) {
  expectError(runShared("st.shared.b32 [%r22+512], %r0;"),
              "bytes of shared memory");
  expectError(runShared("st.global.b32 [%d1+512], %r0;"),
              "expected an address in a buffer");
  expectError(runShared("st.global.b64 [%d1+4], %d1;"),
              "expected an address that is a multiple of 8");
}

TEST(Errors, MessageNamesPlaceAndThread) {
  Outcome outcome = runShared("st.shared.b32 [%r22+16], %r0;");
  expectError(outcome, "k, line ");
  expectError(outcome, "'st.shared.b32 [%r22+16], %r0': block (0, 0, 0), "
                       "thread 31: ");
}

const char *const copyIn = "cp.async.cg.shared.global [%r22], [%d1], 16;\n"
                           "cp.async.commit_group;\n";

TEST(Errors, CopyIsNotThereBeforeItsWait) {
  std::string read = "ld.shared.b32 %r1, [%r22];\n";
  expectError(runShared(copyIn + read + "cp.async.wait_group 0;"),
              "before the copy to it is waited for");
  expectError(
      runShared(std::string(copyIn) + copyIn + "cp.async.wait_group 1;" + read),
      "expected no access before the copy");
  EXPECT_EQ(runShared(copyIn + ("cp.async.wait_group 0;\n" + read)).error, "");
}

TEST(Errors, CopyInFlightAtTheEnd) {
  expectError(runShared(copyIn), "expected all copies to be waited for");
}

TEST(Errors, CopyOfNothingDoesNotReadItsSource) {
  std::string body = "cp.async.cg.shared.global [%r22], [%d1+4096], 16, %r9;\n"
                     "cp.async.wait_all;\nld.shared.b32 %r1, [%r22];";
  EXPECT_EQ(runShared("mov.b32 %r9, 0;" + body).error, "");
  expectError(runShared("mov.b32 %r9, 16;" + body),
              "expected an address in a buffer");
}

/// Warp 0 writes what warp 1 reads.
std::string exchange(const std::string &between) {
  return "st.shared.b32 [%r22], %r0;\n" + between +
         "\nxor.b32 %r1, %r21, 512;\nadd.s32 %r1, %r1, %r20;\n"
         "ld.shared.b32 %r2, [%r1];";
}

TEST(Errors, MissingBarrierIsFoundWithEverySeed) {
  for (uint64_t seed = 0; seed < 8; ++seed) {
    Outcome outcome = runShared(exchange(""), 64, seed);
    // Either warp may be the first one.
    bool found =
        outcome.error.find("expected a barrier between") != std::string::npos ||
        outcome.error.find("expected shared memory that was "
                           "written") != std::string::npos;
    EXPECT_TRUE(found) << outcome.error;
    EXPECT_EQ(runShared(exchange("bar.sync 0;"), 64, seed).error, "");
  }
}

TEST(Errors, OverwritingWhatOthersRead) {
  std::string twice = exchange("bar.sync 0;") + "\n";
  expectError(runShared(twice + "st.shared.b32 [%r22], %r2;", 64),
              "expected a barrier between the ");
  EXPECT_EQ(
      runShared(twice + "bar.sync 0;\nst.shared.b32 [%r22], %r2;", 64).error,
      "");
}

TEST(Errors, ArrivalsOrderTheirPredecessorsOnly) {
  // Warp 0 arrives after its store, warp 1 waits: ordered that way round.
  std::string body = R"(
  shr.u32 %r5, %r0, 5;
  setp.eq.s32 %p1, %r5, 0;
  @%p1 bra FIRST;
  bar.sync 1, 64;
  ld.shared.b32 %r2, [%r22+-512];
  bra END;
FIRST:
  st.shared.b32 [%r22], %r0;
  bar.arrive 1, 64;
AFTER
END:)";
  auto with = [&](const std::string &after) {
    std::string text = body;
    text.replace(text.find("AFTER"), 5, after);
    return runShared(text, 64).error;
  };
  EXPECT_EQ(with(""), "");
  EXPECT_NE(with("  st.shared.b32 [%r22], %r0;"), "");
}

TEST(Errors, DivergentCollective) {
  std::string body = "setp.lt.u32 %p1, %r0, 7;\n@%p1 bar.sync 0;";
  expectError(runShared(body), "expected all lanes of the warp");
}

TEST(Errors, TooManyAtABarrier) {
  expectError(runShared("bar.sync 1, 32;\nbar.sync 1, 48;", 64),
              "expected a multiple of 32 threads");
}

TEST(Errors, Deadlock) {
  std::string body = R"(
  shr.u32 %r5, %r0, 5;
  setp.eq.s32 %p1, %r5, 0;
  @%p1 bra END;
  bar.sync 1, 64;
END:)";
  expectError(runShared(body, 64), "got a deadlock; warp 1 waits at line");
}

TEST(Errors, Trap) {
  expectError(runShared("setp.eq.s32 %p1, %r0, 3;\n@%p1 trap;"),
              "thread 3: expected no trap");
}

} // namespace
