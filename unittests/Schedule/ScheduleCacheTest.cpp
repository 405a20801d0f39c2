//===- ScheduleCacheTest.cpp - files of schedules ---------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Schedule/ScheduleCache.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::mqa;

namespace {

ScheduleCacheEntry makeEntry(llvm::StringRef cpu, int64_t rows) {
  ScheduleCacheEntry entry;
  entry.cpu = cpu.str();
  entry.problem.rows = rows;
  entry.problem.depth = entry.problem.value = 64;
  entry.problem.queryType = "f32";
  entry.problem.keyType = entry.problem.valueType = "bf16";
  entry.problem.mask = MaskKind::Bounded;
  entry.schedule = {64, 16, 96, 6, 4, 4, 24, 0, 1};
  entry.seconds = 0.125;
  entry.threads = 2;
  entry.dims = "n=4096";
  return entry;
}

std::string print(const ScheduleCache &cache) {
  std::string text;
  llvm::raw_string_ostream os(text);
  cache.print(os);
  return text;
}

/// The first entry of a text that holds one, with `from` replaced.
std::string printWith(llvm::StringRef from, llvm::StringRef to) {
  ScheduleCache cache;
  cache.add(makeEntry("znver3", 100));
  std::string text = print(cache);
  size_t at = text.find(from.str());
  EXPECT_NE(at, std::string::npos) << from.str();
  return text.replace(at, from.size(), to.str());
}

/// "line:column: message" of a text that is wrong.
std::string getError(llvm::StringRef text) {
  std::vector<CacheMessage> remarks;
  auto parsed = parseScheduleCache(text, remarks);
  auto *error = std::get_if<CacheMessage>(&parsed);
  if (!error)
    return "none";
  return std::to_string(error->line) + ":" + std::to_string(error->column) +
         ": " + error->text;
}

TEST(ScheduleCache, ReadsWhatItPrints) {
  ScheduleCache cache;
  cache.add(makeEntry("znver3", 100));
  cache.add(makeEntry("znver3", ShapedType::kDynamic));
  cache.add(makeEntry("znver5", 100));
  std::vector<CacheMessage> remarks;
  auto parsed = parseScheduleCache(print(cache), remarks);
  ASSERT_TRUE(std::holds_alternative<ScheduleCache>(parsed));
  EXPECT_TRUE(remarks.empty());
  const ScheduleCache &read = std::get<ScheduleCache>(parsed);
  EXPECT_EQ(print(read), print(cache));
  ASSERT_EQ(read.entries.size(), 3u);
  EXPECT_EQ(read.entries[1].line, 4u);
  EXPECT_TRUE(read.entries[1].problem == cache.entries[1].problem);
  EXPECT_EQ(read.entries[0].schedule, cache.entries[0].schedule);
}

TEST(ScheduleCache, FindsByCPUAndProblem) {
  ScheduleCache cache;
  cache.add(makeEntry("znver3", 100));
  ProblemSize problem = makeEntry("", 100).problem;
  EXPECT_EQ(cache.find("znver3", problem), cache.entries.data());
  EXPECT_EQ(cache.find("znver5", problem), nullptr);
  problem.mask = MaskKind::None;
  EXPECT_EQ(cache.find("znver3", problem), nullptr);
}

TEST(ScheduleCache, ReplacesAnEntry) {
  ScheduleCache cache;
  cache.add(makeEntry("znver3", 100));
  ScheduleCacheEntry other = makeEntry("znver3", 100);
  other.schedule.rowBlock = 128;
  cache.add(other);
  ASSERT_EQ(cache.entries.size(), 1u);
  EXPECT_EQ(cache.entries[0].schedule.rowBlock, 128);
}

TEST(ScheduleCache, RejectsSyntax) {
  EXPECT_EQ(getError("{\n  \"a\": 1,,\n}").substr(0, 4), "2:10");
  EXPECT_NE(getError("").find("expected a schedule cache in JSON, got: "),
            std::string::npos);
}

TEST(ScheduleCache, RejectsOtherFilesAndVersions) {
  EXPECT_EQ(getError("[]"), "1:1: expected an object with the member "
                            "\"mqa_schedule_cache\", got none");
  EXPECT_EQ(getError("{\"mqa_schedule_cache\": 2}"),
            "1:1: expected version 1, got 2");
  EXPECT_EQ(getError("{\"mqa_schedule_cache\": 1}"),
            "1:1: expected an array for \"entries\", got none");
}

TEST(ScheduleCache, RejectsEntriesWithTheirLine) {
  EXPECT_EQ(getError("{\"mqa_schedule_cache\": 1,\n \"entries\": [\n\n []]}"),
            "4:1: expected an object as an entry, got []");
  EXPECT_EQ(getError(printWith("\"rows\":100", "\"rows\":\"x\"")),
            "3:1: expected a size or \"?\" for \"rows\", got \"x\"");
  EXPECT_EQ(getError(printWith("\"cpu\":\"znver3\"", "\"cpu\":3")),
            "3:1: expected a string for \"cpu\", got 3");
  EXPECT_EQ(getError(printWith("\"mask\":\"bounded\"", "\"mask\":\"half\"")),
            "3:1: expected \"none\", \"bounded\" or \"classified\" for "
            "\"mask\", got \"half\"");
  EXPECT_EQ(getError(printWith("\"key_tile\":6,", "")),
            "3:1: expected a whole number of at least 0 for \"key_tile\", got "
            "none");
  EXPECT_EQ(getError(printWith("\"row_block\":64", "\"row_block\":-64")),
            "3:1: expected a whole number of at least 0 for \"row_block\", got "
            "-64");
}

TEST(ScheduleCache, LeavesUnknownEntriesOut) {
  std::vector<CacheMessage> remarks;
  auto parsed = parseScheduleCache(
      printWith("\"lane_depth\":1", "\"lane_depth\":1,\"warp\":4"), remarks);
  ASSERT_TRUE(std::holds_alternative<ScheduleCache>(parsed));
  EXPECT_TRUE(std::get<ScheduleCache>(parsed).entries.empty());
  ASSERT_EQ(remarks.size(), 1u);
  EXPECT_EQ(remarks[0].line, 3u);
  EXPECT_EQ(remarks[0].text,
            "left out: an entry with the unknown member \"warp\"");
}

TEST(ScheduleCache, FindsLinesBehindOtherMembers) {
  // Brackets in strings and arrays before the entries are not entries.
  std::string text = "{\"note\": [{\"a\": \"]{\\\"\"}],\n"
                     "\"mqa_schedule_cache\": 1, \"entries\": [\n\n"
                     "{\"cpu\": 1}]}";
  EXPECT_EQ(getError(text), "4:1: expected a string for \"cpu\", got 1");
}

} // namespace
