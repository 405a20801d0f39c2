//===- ParallelForTest.cpp - the thread pool of compiled code -------------===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Runtime/ParallelFor.h"
#include "gtest/gtest.h"
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

/// Calls the pool with a C++ callable.
template <typename Fn> void parallelFor(int64_t n, Fn fn) {
  mqa_parallel_for(
      n, [](void *ctx, int64_t i) { (*static_cast<Fn *>(ctx))(i); }, &fn);
}

class ParallelFor : public testing::Test {
protected:
  void SetUp() override { mqa_set_num_threads(4); }
  void TearDown() override { mqa_set_num_threads(0); }
};

TEST_F(ParallelFor, RunsNothingForNoTasks) {
  int calls = 0;
  parallelFor(0, [&](int64_t) { ++calls; });
  parallelFor(-3, [&](int64_t) { ++calls; });
  EXPECT_EQ(calls, 0);
}

TEST_F(ParallelFor, RunsOneTaskInTheCaller) {
  std::thread::id id;
  parallelFor(1, [&](int64_t i) {
    EXPECT_EQ(i, 0);
    id = std::this_thread::get_id();
  });
  EXPECT_EQ(id, std::this_thread::get_id());
}

TEST_F(ParallelFor, RunsEveryTaskOnce) {
  for (int64_t n : {2, 3, 4, 5, 64, 1000, 100000}) {
    std::vector<int> counts(n);
    parallelFor(n, [&](int64_t i) { ++counts[i]; });
    EXPECT_EQ(counts, std::vector<int>(n, 1)) << n;
  }
}

TEST_F(ParallelFor, SeesWhatTasksWrote) {
  // Plain memory, both ways: a data race here is a bug of the pool.
  std::vector<int64_t> in(64), out(64);
  for (int64_t round = 0; round < 20000; ++round) {
    for (int64_t i = 0; i < 64; ++i)
      in[i] = round + i;
    parallelFor(64, [&](int64_t i) { out[i] = in[i] + 1; });
    for (int64_t i = 0; i < 64; ++i)
      ASSERT_EQ(out[i], round + i + 1);
  }
}

TEST_F(ParallelFor, UsesSeveralThreads) {
  std::mutex mutex;
  std::set<std::thread::id> ids;
  // Tasks that wait for company; a loaded machine may need more than one try.
  for (int attempt = 0; attempt < 100 && ids.size() < 2; ++attempt)
    parallelFor(8, [&](int64_t) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      std::lock_guard<std::mutex> lock(mutex);
      ids.insert(std::this_thread::get_id());
    });
  EXPECT_GE(ids.size(), 2u);
}

TEST_F(ParallelFor, UsesNoMoreThreadsThanAsked) {
  mqa_set_num_threads(2);
  std::mutex mutex;
  std::set<std::thread::id> ids;
  for (int round = 0; round < 50; ++round) {
    ids.clear();
    parallelFor(16, [&](int64_t) {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
      std::lock_guard<std::mutex> lock(mutex);
      ids.insert(std::this_thread::get_id());
    });
    EXPECT_LE(ids.size(), 2u);
  }
  mqa_set_num_threads(1);
  ids.clear();
  parallelFor(16, [&](int64_t) { ids.insert(std::this_thread::get_id()); });
  EXPECT_EQ(ids, std::set<std::thread::id>{std::this_thread::get_id()});
}

TEST_F(ParallelFor, WakesSleepingWorkers) {
  for (int round = 0; round < 20; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    std::atomic<int> count{0};
    parallelFor(100, [&](int64_t) { ++count; });
    EXPECT_EQ(count, 100);
  }
}

TEST_F(ParallelFor, RunsNestedCallsInPlace) {
  std::atomic<int> count{0};
  parallelFor(8, [&](int64_t) {
    std::thread::id outer = std::this_thread::get_id();
    parallelFor(8, [&](int64_t) {
      EXPECT_EQ(std::this_thread::get_id(), outer);
      parallelFor(2, [&](int64_t) { ++count; });
    });
  });
  EXPECT_EQ(count, 8 * 8 * 2);
}

TEST_F(ParallelFor, ServesConcurrentCallers) {
  std::vector<std::thread> hosts;
  std::atomic<int64_t> total{0};
  for (int host = 0; host < 6; ++host)
    hosts.emplace_back([&, host] {
      for (int round = 0; round < 1000; ++round) {
        std::vector<int64_t> out(17);
        parallelFor(17, [&](int64_t i) { out[i] = host + i; });
        for (int64_t i = 0; i < 17; ++i)
          total += out[i] == host + i;
      }
    });
  for (std::thread &host : hosts)
    host.join();
  EXPECT_EQ(total, 6 * 1000 * 17);
}

TEST_F(ParallelFor, TakesNewThreadNumbersAtAnyTime) {
  std::atomic<bool> stop{false};
  std::thread setter([&] {
    for (int count = 1; !stop; count = count % 7 + 1)
      mqa_set_num_threads(count);
  });
  for (int round = 0; round < 5000; ++round) {
    std::atomic<int> count{0};
    parallelFor(9, [&](int64_t) { ++count; });
    ASSERT_EQ(count, 9);
  }
  stop = true;
  setter.join();
}

/// Touches a megabyte of stack, as a task with large tiles does.
__attribute__((noinline)) int useStack(int64_t seed) {
  volatile char buffer[1 << 20];
  for (size_t i = 0; i < sizeof buffer; i += 512)
    buffer[i] = static_cast<char>(seed);
  return buffer[512 * 7];
}

TEST_F(ParallelFor, GivesTasksAMegabyteOfStack) {
  std::atomic<int> sum{0};
  for (int round = 0; round < 20; ++round)
    parallelFor(32, [&](int64_t) { sum += useStack(1); });
  EXPECT_EQ(sum, 20 * 32);
}

TEST_F(ParallelFor, KnowsItsThreadNumber) {
  mqa_set_num_threads(3);
  EXPECT_EQ(mqa_get_num_threads(), 3);
  ::setenv("MQA_NUM_THREADS", "5", 1);
  mqa_set_num_threads(0);
  EXPECT_EQ(mqa_get_num_threads(), 5);
  for (const char *bad : {"", "0", "-2", "many", "2x"}) {
    ::setenv("MQA_NUM_THREADS", bad, 1);
    mqa_set_num_threads(-1);
    EXPECT_GE(mqa_get_num_threads(), 1) << bad;
  }
  ::setenv("MQA_NUM_THREADS", "1000000", 1);
  mqa_set_num_threads(0);
  EXPECT_EQ(mqa_get_num_threads(), 1024);
  ::unsetenv("MQA_NUM_THREADS");
}

#ifndef __SANITIZE_THREAD__
#if !defined(__has_feature) || !__has_feature(thread_sanitizer)
TEST_F(ParallelFor, WorksInAForkedChild) {
  parallelFor(64, [&](int64_t) {});
  for (int round = 0; round < 10; ++round) {
    pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      std::atomic<int> count{0};
      for (int i = 0; i < 10; ++i)
        parallelFor(64, [&](int64_t) { ++count; });
      ::_exit(count == 640 ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
}
#endif
#endif

} // namespace
