//===- ParallelFor.c - the thread pool of compiled code -----------*- C -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A pool that claims: there is one job at a time, an atomic counter hands out
// its tasks, the caller works like everybody else and, when nothing is left to
// claim, waits only for the workers that joined. A worker that the system did
// not schedule in time is not waited for, so other processes cost little.
//
// `state` holds a job's number, whether it may be joined and how many workers
// are inside, in one word: a worker joins by a compare-and-swap that fails as
// soon as the job is closed or another one. The fields of a job are written
// while nobody can be inside and read only inside.
//
// Workers start when first needed, spin for some tens of microseconds between
// jobs and then sleep. They are detached and never end: leaving `main` does not
// wait for them. After a fork the child starts workers of its own; a child
// forked from inside a task must leave by exec or _exit.
//
//===----------------------------------------------------------------------===//

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#define EXPORT __attribute__((weak, visibility("default")))

void mqa_parallel_for(int64_t n, void (*task)(void *, int64_t), void *ctx);
void mqa_set_num_threads(int count);
int mqa_get_num_threads(void);

enum { MaxThreads = 1024, SpinCount = 4000, MaxPlaced = 16 };
enum { NoCPU = -1, UnknownCPU = -2 };
static const size_t workerStackSize = (size_t)8 << 20;

// CPUs; a cpu_set_t holds only 1024.
typedef struct {
  unsigned long words[128];
} CPUMask;
enum { WordBits = 8 * sizeof(unsigned long), MaxCPUs = 128 * WordBits };

// The layout of `state`: workers inside, then the open bit, then the number.
static const uint64_t insideMask = 0xffff;
static const uint64_t openBit = 0x10000;
static const uint64_t nextJob = 0x20000;

static struct {
  _Atomic uint64_t state;
  atomic_int busy;     // a caller owns the pool
  atomic_int helpers;  // workers below this index may join
  atomic_int sleepers; // workers asleep, or about to be
  atomic_int callerWaits;
  atomic_int numThreads; // 0: not set
  int started;           // workers, owned by `busy`
  int startFailed;
  pthread_t workers[MaxPlaced]; // the first ones
  CPUMask allowed;              // where workers may run
  int callerCPU;                // taken out of that, or NoCPU
  // The job.
  _Atomic int64_t nextTask;
  int64_t numTasks;
  void (*task)(void *, int64_t);
  void *ctx;
} pool;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t jobPosted = PTHREAD_COND_INITIALIZER;
static pthread_cond_t workerLeft = PTHREAD_COND_INITIALIZER;
static pthread_once_t atForkOnce = PTHREAD_ONCE_INIT;

// Is this thread inside a task? Not in a dynamic TLS block: no call to get it.
static _Thread_local int insideTask __attribute__((tls_model("initial-exec")));

static inline void spinPause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int clampThreads(long count) {
  return count > MaxThreads ? MaxThreads : (int)count;
}

// The CPUs that this thread may run on, and how many; 0 if the system does not
// tell.
static long getAllowedCPUs(CPUMask *mask) {
  *mask = (CPUMask){{0}};
  if (sched_getaffinity(0, sizeof *mask, (cpu_set_t *)(void *)mask) != 0)
    return 0;
  long count = 0;
  for (size_t i = 0; i < sizeof mask->words / sizeof *mask->words; ++i)
    count += __builtin_popcountl(mask->words[i]);
  return count;
}

// MQA_NUM_THREADS, else the CPUs that this process may run on.
static int defaultNumThreads(void) {
  const char *text = getenv("MQA_NUM_THREADS");
  if (text) {
    char *end;
    long count = strtol(text, &end, 10);
    if (end != text && *end == '\0' && count >= 1)
      return clampThreads(count);
  }
  CPUMask mask;
  long count = getAllowedCPUs(&mask);
  return count < 1 ? 1 : clampThreads(count);
}

EXPORT int mqa_get_num_threads(void) {
  int count = atomic_load_explicit(&pool.numThreads, memory_order_relaxed);
  if (count > 0)
    return count;
  int expected = count, wanted = defaultNumThreads();
  atomic_compare_exchange_strong(&pool.numThreads, &expected, wanted);
  return expected > 0 ? expected : wanted;
}

EXPORT void mqa_set_num_threads(int count) {
  atomic_store(&pool.numThreads, count < 1 ? 0 : clampThreads(count));
}

// Claims and runs tasks of the current job until none is left.
static void runClaimedTasks(void) {
  const int64_t n = pool.numTasks;
  void (*const task)(void *, int64_t) = pool.task;
  void *const ctx = pool.ctx;
  for (;;) {
    int64_t i =
        atomic_fetch_add_explicit(&pool.nextTask, 1, memory_order_relaxed);
    if (i >= n)
      return;
    task(ctx, i);
  }
}

// Is `state` a job that worker `index` has not been in, and may join?
static int canJoin(uint64_t state, uint64_t lastJob, int index) {
  return (state & openBit) && state / nextJob != lastJob &&
         index < atomic_load_explicit(&pool.helpers, memory_order_relaxed);
}

// Waits, first spinning and then asleep, for a job to join.
static uint64_t awaitJob(uint64_t lastJob, int index) {
  for (int spin = 0; spin < SpinCount; ++spin) {
    uint64_t state = atomic_load(&pool.state);
    if (canJoin(state, lastJob, index))
      return state;
    spinPause();
  }
  pthread_mutex_lock(&mutex);
  atomic_fetch_add(&pool.sleepers, 1);
  uint64_t state;
  while (!canJoin(state = atomic_load(&pool.state), lastJob, index))
    pthread_cond_wait(&jobPosted, &mutex);
  atomic_fetch_sub(&pool.sleepers, 1);
  pthread_mutex_unlock(&mutex);
  return state;
}

// Leaves the job; the last one out wakes the caller if it sleeps.
static void leaveJob(void) {
  uint64_t left = atomic_fetch_sub(&pool.state, 1) - 1;
  if ((left & (insideMask | openBit)) == 0 && atomic_load(&pool.callerWaits)) {
    pthread_mutex_lock(&mutex);
    pthread_cond_broadcast(&workerLeft);
    pthread_mutex_unlock(&mutex);
  }
}

static void *workerMain(void *argument) {
  const int index = (int)(intptr_t)argument;
  uint64_t lastJob = 0;
  insideTask = 1;
  for (;;) {
    uint64_t state = awaitJob(lastJob, index);
    if (!atomic_compare_exchange_strong(&pool.state, &state, state + 1))
      continue;
    runClaimedTasks();
    lastJob = state / nextJob;
    leaveJob();
  }
  return NULL;
}

// A child has none of its parent's workers, and nobody holds its locks.
static void resetInChild(void) {
  pthread_mutex_init(&mutex, NULL);
  pthread_cond_init(&jobPosted, NULL);
  pthread_cond_init(&workerLeft, NULL);
  atomic_store(&pool.state, 0);
  atomic_store(&pool.sleepers, 0);
  atomic_store(&pool.callerWaits, 0);
  pool.started = 0;
  pool.startFailed = 0;
  pool.callerCPU = UnknownCPU;
  atomic_store(&pool.busy, 0);
}

static void registerAtFork(void) { pthread_atfork(NULL, NULL, resetInChild); }

// Keeps the workers off the CPU of the caller, if there are few of them and
// another CPU; when they become many, nothing is forbidden to the first ones
// any more. Where the system refuses, they stay where they are.
static void leaveCPUToCaller(void) {
  const int isFew = pool.started <= MaxPlaced;
  int cpu = isFew ? sched_getcpu() : NoCPU;
  if (cpu == pool.callerCPU)
    return;
  pool.callerCPU = cpu;
  CPUMask others = pool.allowed;
  if (cpu >= 0 && cpu < MaxCPUs)
    others.words[cpu / WordBits] &= ~(1UL << (cpu % WordBits));
  for (int i = 0; i < (isFew ? pool.started : MaxPlaced); ++i)
    (void)pthread_setaffinity_np(pool.workers[i], sizeof others,
                                 (const cpu_set_t *)(const void *)&others);
}

// Starts workers until there are `count`, or the system refuses; the number
// there are. They take no signals: these belong to the host's threads.
static int startWorkers(int count) {
  if (pool.started >= count || pool.startFailed)
    return pool.started < count ? pool.started : count;
  pthread_once(&atForkOnce, registerAtFork);
  if (pool.started == 0)
    (void)getAllowedCPUs(&pool.allowed);
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, workerStackSize);
  while (pool.started < count && !pool.startFailed) {
    pthread_t thread;
    void *index = (void *)(intptr_t)pool.started;
    if (pthread_create(&thread, &attributes, workerMain, index) != 0) {
      pool.startFailed = 1;
      break;
    }
    if (pool.started < MaxPlaced)
      pool.workers[pool.started] = thread;
    ++pool.started;
  }
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  pool.callerCPU = UnknownCPU;
  leaveCPUToCaller();
  return pool.started;
}

static void runSerially(int64_t n, void (*task)(void *, int64_t), void *ctx) {
  for (int64_t i = 0; i < n; ++i)
    task(ctx, i);
}

// Makes the job visible and wakes who sleeps.
static void postJob(int64_t n, void (*task)(void *, int64_t), void *ctx,
                    int helpers) {
  pool.numTasks = n;
  pool.task = task;
  pool.ctx = ctx;
  atomic_store_explicit(&pool.nextTask, 0, memory_order_relaxed);
  atomic_store_explicit(&pool.helpers, helpers, memory_order_relaxed);
  uint64_t job = atomic_load(&pool.state) / nextJob + 1;
  atomic_store(&pool.state, job * nextJob | openBit);
  if (atomic_load(&pool.sleepers) > 0) {
    leaveCPUToCaller();
    pthread_mutex_lock(&mutex);
    pthread_cond_broadcast(&jobPosted);
    pthread_mutex_unlock(&mutex);
  }
}

// Lets nobody join any more and waits for those inside.
static void closeJob(void) {
  atomic_fetch_and(&pool.state, ~openBit);
  for (int spin = 0; spin < SpinCount; ++spin) {
    if ((atomic_load(&pool.state) & insideMask) == 0)
      return;
    spinPause();
  }
  pthread_mutex_lock(&mutex);
  atomic_store(&pool.callerWaits, 1);
  while (atomic_load(&pool.state) & insideMask)
    pthread_cond_wait(&workerLeft, &mutex);
  atomic_store(&pool.callerWaits, 0);
  pthread_mutex_unlock(&mutex);
}

EXPORT void mqa_parallel_for(int64_t n, void (*task)(void *, int64_t),
                             void *ctx) {
  if (n <= 0)
    return;
  const int wasInside = insideTask;
  insideTask = 1;
  int threads = n > 1 && !wasInside ? mqa_get_num_threads() : 1;
  if (threads > n)
    threads = (int)n;
  if (threads == 1 ||
      atomic_exchange_explicit(&pool.busy, 1, memory_order_acquire)) {
    runSerially(n, task, ctx);
  } else {
    int helpers = startWorkers(threads - 1);
    postJob(n, task, ctx, helpers);
    runClaimedTasks();
    closeJob();
    atomic_store_explicit(&pool.busy, 0, memory_order_release);
  }
  insideTask = wasInside;
}
