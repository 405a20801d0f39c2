//===- KernelMutationTest.cpp - broken kernels are found --------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tests of kernels are worth what they find. Here the PTX of a kernel that
// is right is broken in one place; the interpreter must stop with an error, or
// the values must be wrong.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mqa/Compiler/Compiler.h"
#include "mqa/PTXInterpreter/PTXInterpreter.h"
#include "llvm/ADT/bit.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace mlir;
using namespace mlir::mqa;

namespace {

constexpr int kRows = 70, kKeys = 150, kWidth = 64;

/// Causal attention, keys beyond the rows too: full, partial and empty blocks.
const char *const attention = R"(
#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @f(%q: tensor<70x64xbf16>, %k: tensor<150x64xbf16>,
             %v: tensor<150x64xbf16>, %out: tensor<70x64xbf16>) -> tensor<70x64xbf16> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.125 : f32}
         ins(%q, %k, %v : tensor<70x64xbf16>, tensor<150x64xbf16>, tensor<150x64xbf16>)
         outs(%out : tensor<70x64xbf16>)
         mask {
         ^bb0(%m: index, %n: index):
           %c70 = arith.constant 70 : index
           %last = arith.addi %m, %c70 : index
           %keep = arith.cmpi ule, %n, %last : index
           mqa.yield %keep : i1
         } -> tensor<70x64xbf16>
  return %o : tensor<70x64xbf16>
})";

/// How a kernel is compiled and launched.
struct Variant {
  const char *target, *schedule;
  unsigned threads, sharedBytes;
};
/// Tiles of Q, and two stages of K and V; barriers.
constexpr unsigned kTileBytes = (64 + 2 * 2 * 32) * kWidth * 2;
const Variant kMma{"sm_80", "row-block=64,key-block=32,stages=2", 128,
                   kTileBytes};
const Variant kWgmma{"sm_90a", "row-block=64,key-block=32,stages=2", 256,
                     kTileBytes + 2 * 4 * 8};

std::string compileKernel(const Variant &variant) {
  DialectRegistry registry;
  registerCompiler(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  auto module = parseSourceString<ModuleOp>(attention, &context);
  CompileOptions options;
  options.target = variant.target;
  options.schedule = variant.schedule;
  return llvm::cantFail(generateImage(*module, options, /*isCubin=*/false));
}

float fromBF16(uint16_t bits) {
  return llvm::bit_cast<float>(uint32_t(bits) << 16);
}

/// Rows of bf16, aligned as device memory is.
struct alignas(16) Matrix {
  std::vector<std::array<uint16_t, 8>> chunks;
  explicit Matrix(int rows) : chunks(rows * kWidth / 8) {}
  uint16_t &at(int row, int column) {
    return chunks[(row * kWidth + column) / 8][column % 8];
  }
  void *data() { return chunks.data(); }
  uint64_t bytes() { return chunks.size() * 16; }
};

struct Problem {
  Matrix q{kRows}, k{kKeys}, v{kKeys}, o{kRows};
  std::vector<double> expected;

  Problem() : expected(kRows * kWidth) {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    for (Matrix *matrix : {&q, &k, &v})
      for (auto &chunk : matrix->chunks)
        for (uint16_t &x : chunk)
          x = llvm::bit_cast<uint32_t>(normal(random)) >> 16;
    for (int m = 0; m < kRows; ++m)
      computeRow(m);
  }

  void computeRow(int m) {
    int live = std::min(kKeys, m + 71);
    std::vector<double> p(live);
    double sum = 0;
    for (int n = 0; n < live; ++n) {
      double s = 0;
      for (int d = 0; d < kWidth; ++d)
        s += double(fromBF16(q.at(m, d))) * fromBF16(k.at(n, d));
      sum += p[n] = std::exp(0.125 * s);
    }
    for (int e = 0; e < kWidth; ++e)
      for (int n = 0; n < live; ++n)
        expected[m * kWidth + e] += p[n] / sum * fromBF16(v.at(n, e));
  }

  /// Empty if `text` computes the right values.
  std::string run(const std::string &text, const Variant &variant,
                  uint64_t seed) {
    auto module = ptx::Module::parse(text);
    if (!module)
      return llvm::toString(module.takeError());
    ptx::DeviceMemory memory;
    const void *pointers[4];
    Matrix *matrices[] = {&q, &k, &v, &o};
    const void *parameters[4];
    for (int i = 0; i < 4; ++i) {
      memory.addRange(matrices[i]->data(), matrices[i]->bytes(), i == 3, i != 3,
                      "a matrix");
      pointers[i] = matrices[i]->data();
      parameters[i] = &pointers[i];
    }
    ptx::LaunchOptions options;
    options.seed = seed;
    options.maxInstructions = 1000000;
    auto done =
        module->launch("f_kernel", {2, 1, 1}, {variant.threads, 1, 1},
                       variant.sharedBytes, parameters, memory, options);
    if (!done)
      return llvm::toString(done.takeError());
    for (int m = 0; m < kRows; ++m)
      for (int e = 0; e < kWidth; ++e)
        if (!(std::fabs(fromBF16(o.at(m, e)) - expected[m * kWidth + e]) <
              0.02))
          return "wrong values";
    return "";
  }
};

/// A kernel of one variant, and what breaks it.
template <const Variant &variant> class Mutation : public testing::Test {
protected:
  static void SetUpTestSuite() {
    kernel = new std::string(compileKernel(variant));
    problem = new Problem();
  }
  static void TearDownTestSuite() {
    delete kernel;
    delete problem;
  }

  static std::string run(const std::string &text, uint64_t seed) {
    return problem->run(text, variant, seed);
  }

  /// Breaks occurrence after occurrence of `from`; each must be found.
  static void expectAllFound(const std::string &from, const std::string &to,
                             unsigned least, unsigned most = ~0u) {
    unsigned count = 0;
    for (size_t at = kernel->find(from);
         at != std::string::npos && count < most;
         at = kernel->find(from, at + 1)) {
      std::string broken = *kernel;
      broken.replace(at, from.size(), to);
      std::string found;
      for (uint64_t seed = 0; seed < 4 && found.empty(); ++seed)
        found = run(broken, seed);
      EXPECT_NE(found, "") << "occurrence " << count << " of '" << from << "'";
      ++count;
    }
    EXPECT_GE(count, least);
  }

  static inline std::string *kernel;
  static inline Problem *problem;
};
using KernelMutation = Mutation<kMma>;
using WarpgroupMutation = Mutation<kWgmma>;

TEST_F(KernelMutation, NoneIsRight) {
  for (uint64_t seed = 0; seed < 4; ++seed)
    EXPECT_EQ(run(*kernel, seed), "");
}

TEST_F(KernelMutation, DroppedBarrier) {
  expectAllFound("bar.sync \t0;", ";mov.b32 %r1, %r1;", 1);
}

TEST_F(KernelMutation, DroppedWait) {
  // The other one is for tasks that visit no block.
  expectAllFound("cp.async.wait_group \t0;", "cp.async.wait_group 1;", 1,
                 /*most=*/1);
}

TEST_F(KernelMutation, DroppedCommit) {
  expectAllFound("cp.async.commit_group;", "", 2);
}

TEST_F(KernelMutation, DroppedCopy) {
  // The guarded ones; others begin with a predicate.
  expectAllFound("cp.async.cg.shared.global ", "//", 10);
}

TEST_F(KernelMutation, WrongFragments) {
  expectAllFound("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16",
                 "ldmatrix.sync.aligned.m8n8.x4.shared.b16", 8);
}

TEST_F(KernelMutation, WrongSwizzle) {
  // The chunk of a row that a copy goes to, or a matrix comes from.
  expectAllFound("xor.b32", "or.b32", 4);
}

TEST_F(KernelMutation, MaskOffByOne) {
  std::string broken = *kernel;
  size_t begin = broken.find("mma.sync");
  unsigned count = 0;
  for (const char *from :
       {"setp.gt.u64", "setp.lt.u64", "setp.le.u64", "setp.ge.u64"}) {
    const std::string to =
        from[5] == 'g' ? (from[6] == 't' ? "setp.ge.u64" : "setp.gt.u64")
                       : (from[6] == 't' ? "setp.le.u64" : "setp.lt.u64");
    for (size_t at = broken.find(from, begin); at != std::string::npos;
         at = broken.find(from, at + 1)) {
      broken.replace(at, to.size(), to);
      ++count;
    }
  }
  EXPECT_GE(count, 16u);
  EXPECT_EQ(run(broken, 0), "wrong values");
}

TEST_F(WarpgroupMutation, NoneIsRight) {
  for (uint64_t seed = 0; seed < 4; ++seed)
    EXPECT_EQ(run(*kernel, seed), "");
}

TEST_F(WarpgroupMutation, DroppedArrive) {
  expectAllFound("mbarrier.arrive.shared.b64", "//", 5);
}

TEST_F(WarpgroupMutation, DroppedWait) {
  // For stages that are full, and for stages that are empty.
  expectAllFound("mbarrier.try_wait.parity.shared.b64 p,",
                 "setp.eq.u32 p, 0, 0; //", 6);
}

TEST_F(WarpgroupMutation, DroppedWaitForProducts) {
  expectAllFound("wgmma.wait_group.sync.aligned 0;", "", 3);
  expectAllFound("wgmma.wait_group.sync.aligned 1;", "", 1);
}

TEST_F(WarpgroupMutation, DroppedCommit) {
  expectAllFound("wgmma.commit_group.sync.aligned;", "", 4);
}

TEST_F(WarpgroupMutation, DroppedProxyFence) {
  // All of them: that of values is also the one of the keys after them.
  std::string broken = *kernel;
  for (size_t at; (at = broken.find("fence.proxy.async")) != std::string::npos;)
    broken.replace(at, 2, "//");
  EXPECT_NE(run(broken, 0).find("expected fence.proxy.async"),
            std::string::npos);
}

TEST_F(WarpgroupMutation, WrongOperand) {
  // Values that are not transposed, or keys that are. The last values are of
  // keys that no row sees.
  expectAllFound(", 1, 1, 1, 1;", ", 1, 1, 1, 0;", 3, /*most=*/3);
  expectAllFound(", 1, 1, 0, 0;", ", 1, 1, 0, 1;", 4);
}

TEST_F(WarpgroupMutation, WrongSwizzle) {
  expectAllFound("xor.b32", "or.b32", 2, /*most=*/2);
}

} // namespace
