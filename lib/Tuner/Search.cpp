//===- Search.cpp - the best schedule of a problem --------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Tuner/Search.h"
#include <chrono>

using namespace mlir;
using namespace mlir::mqa;

/// Seconds of calls of a candidate, and in a round of the final.
static constexpr double kTrialSeconds = 0.03, kRoundSeconds = 0.02;
/// The final: so many candidates in turns, so often.
static constexpr size_t kFinalists = 5;
static constexpr int kRounds = 8;
/// A winner that is not faster than this is noise: the cost model's choice
/// wins.
static constexpr double kNoise = 0.01;

static double now() {
  std::chrono::duration<double> time =
      std::chrono::steady_clock::now().time_since_epoch();
  return time.count();
}

Search::Search(const CandidateSpace &space, Stopwatch &stopwatch,
               const TuneOptions &options, const ScheduleCache &found)
    : space(space), stopwatch(stopwatch), options(options), found(found),
      end(options.seconds ? now() + options.seconds
                          : std::numeric_limits<double>::infinity()) {}

bool Search::isOver() const { return now() >= end; }

llvm::Expected<std::unique_ptr<TimedCall>>
Search::compile(const ScheduleFields &schedule) {
  ScheduleCache cache = found;
  ScheduleCacheEntry entry;
  entry.cpu = space.target.cpu;
  entry.problem = space.problem;
  entry.schedule = schedule;
  cache.add(std::move(entry));
  return stopwatch.compile(cache);
}

llvm::Error Search::tryOne(const ScheduleFields &schedule) {
  if (llvm::is_contained(tried, schedule))
    return llvm::Error::success();
  tried.push_back(schedule);
  auto call = compile(schedule);
  if (!call)
    return call.takeError();
  (*call)->run(kTrialSeconds);
  SearchResult result;
  result.schedule = schedule;
  result.seconds = (*call)->getSeconds();
  trials.push_back({result, std::move(*call)});
  sort();
  // Code of what will not come into the final is not needed any more.
  for (Trial &trial :
       llvm::drop_begin(trials, std::min(trials.size(), 2 * kFinalists)))
    if (!trial.result.isDefault)
      trial.call.reset();
  return llvm::Error::success();
}

void Search::tryAll(ArrayRef<ScheduleFields> candidates) {
  for (const ScheduleFields &schedule : candidates) {
    if (isOver())
      return;
    if (llvm::Error error = tryOne(schedule)) {
      std::string message = llvm::toString(std::move(error));
      if (!refused++)
        refusal = schedule.print() + ": " + message;
    }
  }
}

void Search::descend() {
  // Twice: what is best for the first group depends on the last.
  for (int round = 0; round < 2; ++round) {
    ScheduleFields before = trials.front().result.schedule;
    for (ArrayRef<StringLiteral> group : space.getGroups())
      tryAll(space.vary(trials.front().result.schedule, group));
    if (trials.front().result.schedule == before)
      return;
  }
}

void Search::runFinal() {
  // In turns, and each from the beginning: a quiet moment favours nobody.
  std::vector<std::pair<Trial *, std::unique_ptr<TimedCall>>> finalists;
  for (auto [i, trial] : llvm::enumerate(trials))
    if ((i < kFinalists || trial.result.isDefault) && trial.call)
      finalists.emplace_back(&trial, std::move(trial.call));
  for (auto &[trial, call] : finalists)
    call->restart();
  for (int round = 0; round < kRounds; ++round)
    for (auto &[trial, call] : finalists)
      call->run(kRoundSeconds);
  for (auto &[trial, call] : finalists) {
    trial->result.seconds = call->getSeconds();
    trial->result.isFinalist = true;
  }
  sort();
}

void Search::sort() {
  llvm::sort(trials, [](const Trial &a, const Trial &b) {
    return std::make_pair(!a.result.isFinalist, a.result.seconds) <
           std::make_pair(!b.result.isFinalist, b.result.seconds);
  });
}

llvm::Expected<std::vector<SearchResult>> Search::run() {
  if (llvm::Error error = tryOne(space.getDefault()))
    return error;
  trials.front().result.isDefault = true;
  if (options.exhaustive)
    tryAll(space.enumerate());
  else
    descend();
  runFinal();
  std::vector<SearchResult> results;
  for (Trial &trial : trials)
    results.push_back(trial.result);
  auto byModel = llvm::find_if(
      results, [](const SearchResult &result) { return result.isDefault; });
  if (byModel->seconds <= results.front().seconds * (1 + kNoise))
    std::rotate(results.begin(), byModel, byModel + 1);
  return results;
}
