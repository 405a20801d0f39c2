//===- Bench.cpp - timing with the same-run peak ----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/Bench.h"
#include "mqa/Runner/PeakProbe.h"
#include "mqa/Runtime/ParallelFor.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TargetParser/Host.h"
#include <algorithm>
#include <chrono>
#include <cmath>

using namespace mlir;
using namespace mlir::mqa;

static double timeCall(Invocation &invocation) {
  auto begin = std::chrono::steady_clock::now();
  invocation.call();
  auto end = std::chrono::steady_clock::now();
  invocation.release();
  return std::chrono::duration<double>(end - begin).count();
}

BenchReport mqa::timeCalls(Invocation &invocation, const RunOptions &options) {
  BenchReport report;
  report.threads = mqa_get_num_threads();
  report.warmup = options.warmup;
  report.repeats = options.repeats;
  PeakProbe probe(report.threads);
  report.vectors = probe.getVectors();
  invocation.release();
  for (int64_t i = 0; i < report.warmup; ++i)
    timeCall(invocation);
  if (report.repeats < 0)
    report.repeats = std::clamp(int64_t(1.0 / timeCall(invocation)), int64_t(5),
                                int64_t(100));
  probe.burst(20);
  std::vector<double> times;
  for (int64_t i = 0; i < report.repeats; ++i) {
    times.push_back(timeCall(invocation));
    probe.burst(3);
  }
  report.peak = probe.getPeak();
  llvm::sort(times);
  report.minSeconds = times.front();
  size_t middle = times.size() / 2;
  report.medianSeconds = times.size() % 2
                             ? times[middle]
                             : (times[middle - 1] + times[middle]) / 2;
  return report;
}

std::string mqa::getCPUName() {
  if (auto info = llvm::MemoryBuffer::getFileAsStream("/proc/cpuinfo")) {
    auto [before, rest] = (*info)->getBuffer().split("model name");
    StringRef line = rest.split('\n').first;
    if (!line.empty())
      return line.ltrim(" \t:").str();
  }
  return llvm::sys::getHostCPUName().str();
}

/// A number with six digits, null if it is none.
static std::string toJSON(double value) {
  if (!std::isfinite(value))
    return "null";
  char text[32];
  snprintf(text, sizeof(text), "%.6g", value);
  return text;
}

static void printNumber(llvm::json::OStream &json, StringRef key,
                        double value) {
  json.attributeBegin(key);
  json.rawValue(toJSON(value));
  json.attributeEnd();
}

static void printCheck(const CheckReport &check, double flops,
                       llvm::json::OStream &json) {
  json.attribute("check", check.passed() ? "pass" : "fail");
  json.attributeArray("errors", [&] {
    for (const ResultCheck &result : check.results)
      json.rawValue(toJSON(result.error));
  });
  json.attributeArray("unfused_errors", [&] {
    for (const ResultCheck &result : check.results)
      json.rawValue(toJSON(result.unfused));
  });
  printNumber(json, "naive_s", check.unfusedSeconds);
  printNumber(json, "naive_gflops", flops / check.unfusedSeconds * 1e-9);
}

void mqa::printJSON(const BenchReport &report, const LiveWork &work,
                    const Entry &entry, const CheckReport *check,
                    llvm::raw_ostream &os) {
  double flops = double(work.flops), rate = flops / report.minSeconds;
  llvm::json::OStream json(os);
  json.object([&] {
    json.attribute("entry", entry.name);
    json.attribute("cpu", getCPUName());
    json.attribute("vectors", report.vectors);
    json.attribute("threads", report.threads);
    json.attribute("warmup", report.warmup);
    json.attribute("repeats", report.repeats);
    printNumber(json, "median_s", report.medianSeconds);
    printNumber(json, "min_s", report.minSeconds);
    json.attribute("live_pairs", work.pairs);
    json.attribute("flops", work.flops);
    printNumber(json, "gflops", rate * 1e-9);
    printNumber(json, "median_gflops", flops / report.medianSeconds * 1e-9);
    printNumber(json, "peak_gflops", report.peak * 1e-9);
    printNumber(json, "fraction_of_peak",
                work.flops ? rate / report.peak : double(NAN));
    if (check)
      printCheck(*check, flops, json);
  });
  os << "\n";
}
