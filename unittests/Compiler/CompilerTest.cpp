//===- CompilerTest.cpp - compiling as a library does it ------------------===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Compiler/Compiler.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mqa/Compiler/Jit.h"
#include "gtest/gtest.h"
#include <thread>

using namespace mlir;
using namespace mlir::mqa;

namespace {

/// One query head of depth 2 over two keys; values have 1 column.
const char *const attention = R"(
#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @f(%q: tensor<?x2xf32>, %k: tensor<2x2xf32>, %v: tensor<2x1xf32>,
             %out: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<?x2xf32>, tensor<2x2xf32>, tensor<2x1xf32>)
         outs(%out : tensor<?x1xf32>) -> tensor<?x1xf32>
  return %o : tensor<?x1xf32>
})";

template <typename T> struct Buffer2 {
  T *allocated, *aligned;
  int64_t offset, sizes[2], strides[2];

  Buffer2(T *data, int64_t rows, int64_t columns)
      : allocated(data), aligned(data), offset(0), sizes{rows, columns},
        strides{columns, 1} {}
};

class Compiler : public testing::Test {
protected:
  Compiler() {
    DialectRegistry registry;
    registerCompiler(registry);
    context.appendDialectRegistry(registry);
  }

  std::unique_ptr<CompiledModule> compile(const char *source,
                                          CompileOptions options = {}) {
    auto module = parseSourceString<ModuleOp>(source, &context);
    auto compiled = CompiledModule::create(*module, options);
    if (compiled)
      return std::move(*compiled);
    ADD_FAILURE() << llvm::toString(compiled.takeError());
    return nullptr;
  }

  std::string getError(const char *source, CompileOptions options = {}) {
    auto module = parseSourceString<ModuleOp>(source, &context);
    auto compiled = CompiledModule::create(*module, options);
    return compiled ? "" : llvm::toString(compiled.takeError());
  }

  MLIRContext context{MLIRContext::Threading::DISABLED};
};

/// Calls @f with keys that give the weights 1/2, 1/2 and values 1 and 3.
template <typename T> T attend(const CompiledModule &compiled) {
  T q[2] = {1, 1}, k[4] = {1, 0, 0, 1}, v[2] = {1, 3}, out[1] = {-1};
  Buffer2<T> qb(q, 1, 2), kb(k, 2, 2), vb(v, 2, 1), ob(out, 1, 1);
  using Entry = void (*)(void *, void *, void *, void *);
  reinterpret_cast<Entry>(compiled.lookup("_mlir_ciface_f"))(&qb, &kb, &vb,
                                                             &ob);
  return out[0];
}

TEST_F(Compiler, RunsTheFusedLowering) {
  auto compiled = compile(attention);
  ASSERT_TRUE(compiled);
  EXPECT_NEAR(attend<float>(*compiled), 2.0f, 1e-6);
  EXPECT_EQ(compiled->lookup("f"), nullptr) << "only the C entry is visible";
  EXPECT_EQ(compiled->lookup("g"), nullptr);
}

TEST_F(Compiler, RunsTheReferenceLowerings) {
  CompileOptions options;
  options.lowering = Lowering::Reference;
  if (auto compiled = compile(attention, options))
    EXPECT_NEAR(attend<float>(*compiled), 2.0f, 1e-6);
  options.lowering = Lowering::Oracle;
  if (auto compiled = compile(attention, options))
    EXPECT_NEAR(attend<double>(*compiled), 2.0, 1e-14);
}

TEST_F(Compiler, RunsEveryOptimisationLevel) {
  for (unsigned level = 0; level <= 3; ++level) {
    CompileOptions options;
    options.optLevel = level;
    if (auto compiled = compile(attention, options))
      EXPECT_NEAR(attend<float>(*compiled), 2.0f, 1e-6) << level;
  }
}

TEST_F(Compiler, KeepsSeveralModulesApart) {
  auto first = compile(attention), second = compile(attention);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->lookup("_mlir_ciface_f"), second->lookup("_mlir_ciface_f"));
  first.reset();
  EXPECT_NEAR(attend<float>(*second), 2.0f, 1e-6);
}

TEST_F(Compiler, CompilesInSeveralThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([] {
      DialectRegistry registry;
      registerCompiler(registry);
      MLIRContext context(registry, MLIRContext::Threading::DISABLED);
      auto module = parseSourceString<ModuleOp>(attention, &context);
      auto compiled = CompiledModule::create(*module);
      ASSERT_TRUE(bool(compiled));
      EXPECT_NEAR(attend<float>(**compiled), 2.0f, 1e-6);
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST_F(Compiler, SaysWhichOptionIsWrong) {
  auto check = [](CompileOptions options) {
    return llvm::toString(checkOptions(options));
  };
  CompileOptions options;
  EXPECT_EQ(check(options), "");
  options.schedule = "row-block=32 key-block=64,";
  EXPECT_EQ(check(options), "");
  EXPECT_EQ(getPipelineText(options), "builtin.module(mqa-to-cpu-pipeline{"
                                      "cpu=host row-block=32 key-block=64})");
  for (const char *bad : {"row-block=x", "row-block", "=3", "cpu=3",
                          "row-block=3}", "row-block=99999999999999999999"}) {
    options.schedule = bad;
    EXPECT_EQ(check(options),
              "expected schedule fields of the form name=number, got '" +
                  std::string(bad) + "'");
  }
  options = {};
  options.optLevel = 4;
  EXPECT_EQ(check(options),
            "expected an optimisation level from 0 to 3, got 4");
}

TEST_F(Compiler, SaysWhereAModuleIsWrong) {
  EXPECT_EQ(getError("module {}"),
            "expected a public func.func with a body, got none");
}

TEST_F(Compiler, ReadsTheKindFromTheEnding) {
  EXPECT_EQ(llvm::cantFail(getOutputKind("a/b.o")), OutputKind::Object);
  EXPECT_EQ(llvm::cantFail(getOutputKind("b.so")), OutputKind::SharedLibrary);
  EXPECT_EQ(llvm::cantFail(getOutputKind("b.s")), OutputKind::Assembly);
  EXPECT_EQ(llvm::cantFail(getOutputKind("b.ll")), OutputKind::LLVMIR);
  EXPECT_TRUE(llvm::errorToBool(getOutputKind("b").takeError()));
}

} // namespace
