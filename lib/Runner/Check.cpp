//===- Check.cpp - results against the reference ----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/Check.h"
#include "mqa/Runner/Arguments.h"
#include "mqa/Runner/Invoke.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::mqa;

static double getTolerance(ElementKind kind) {
  switch (kind) {
  case ElementKind::F16:
    return 1e-3;
  case ElementKind::BF16:
    return 1e-2;
  case ElementKind::F32:
    return 1e-6;
  case ElementKind::F64:
    return 1e-12;
  default:
    return 0;
  }
}

static double getDistance(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b)))
    return 0;
  double distance = std::fabs(a - b);
  return std::isnan(distance) ? std::numeric_limits<double>::infinity()
                              : distance;
}

ResultCheck mqa::compareResult(const Array &result, const Array &unfused,
                               const Array &oracle) {
  ResultCheck check;
  check.type = printShape(result.getShape(), result.getKind());
  double infinity = std::numeric_limits<double>::infinity();
  if (result.getShape() != oracle.getShape() ||
      unfused.getShape() != oracle.getShape()) {
    check.error = infinity;
    return check;
  }
  double largest = 1;
  for (int64_t i = 0, e = oracle.getNumElements(); i < e; ++i) {
    double wanted = oracle.read(i);
    if (std::isfinite(wanted))
      largest = std::max(largest, std::fabs(wanted));
    check.error = std::max(check.error, getDistance(result.read(i), wanted));
    // Where the unfused computation overflows, it allows nothing.
    double distance = getDistance(unfused.read(i), wanted);
    if (std::isfinite(distance))
      check.unfused = std::max(check.unfused, distance);
  }
  check.allowed = 2 * check.unfused + getTolerance(result.getKind()) * largest;
  return check;
}

/// Runs `module` with `lowering`; `seconds`, if given, is the best time.
static llvm::Expected<std::vector<Array>>
runReference(ModuleOp module, const Entry &entry,
             const std::vector<Array> &arguments, CompileOptions options,
             Lowering lowering, double *seconds) {
  options.lowering = lowering;
  auto compiled = CompiledEntry::create(
      module, entry, options,
      /*rearrange=*/lowering == Lowering::Reference && !seconds);
  if (!compiled)
    return compiled.takeError();
  const Entry &called = (*compiled)->getEntry();
  llvm::Expected<std::vector<Array>> copies = copyArguments(called, arguments);
  if (!copies)
    return copies.takeError();
  Invocation invocation(**compiled, *copies);
  auto time = [&] {
    auto begin = std::chrono::steady_clock::now();
    invocation.run();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         begin)
        .count();
  };
  double best = time();
  llvm::Expected<std::vector<Array>> outputs = invocation.getOutputs();
  if (!outputs || !seconds)
    return outputs;
  for (int i = 0; i < 3 && best < 0.5; ++i)
    best = std::min(best, time());
  *seconds = best;
  return outputs;
}

llvm::Expected<CheckReport>
mqa::checkResults(ModuleOp module, const Entry &entry,
                  const std::vector<Array> &arguments,
                  const std::vector<Array> &results,
                  const CompileOptions &options, bool timed) {
  CheckReport report;
  auto oracle = runReference(module, entry, arguments, options,
                             Lowering::Oracle, nullptr);
  if (!oracle)
    return oracle.takeError();
  auto unfused =
      runReference(module, entry, arguments, options, Lowering::Reference,
                   timed ? &report.unfusedSeconds : nullptr);
  if (!unfused)
    return unfused.takeError();
  for (size_t i = 0; i < results.size(); ++i)
    report.results.push_back(
        compareResult(results[i], (*unfused)[i], (*oracle)[i]));
  return report;
}

void mqa::printReport(const CheckReport &report, llvm::raw_ostream &os) {
  for (auto [i, check] : llvm::enumerate(report.results))
    os << "check: result " << i << " (" << check.type << "): error "
       << llvm::format("%.3e", check.error) << ", unfused "
       << llvm::format("%.3e", check.unfused) << ", allowed "
       << llvm::format("%.3e", check.allowed) << ": "
       << (check.passed() ? "PASS" : "FAIL") << "\n";
}
