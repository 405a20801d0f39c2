//===- FakeDriver.h - tests that run on the fake driver ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The system finds a driver in LD_LIBRARY_PATH, which it reads when a process
// starts. So the test starts itself again with that set, and what another
// driver, or none, does is seen in a process of its own: a death test that
// exits.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_UNITTESTS_FAKEDRIVER_H
#define MQA_UNITTESTS_FAKEDRIVER_H

#include "FakeCuda.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <string>
#include <unistd.h>

namespace fake {

/// The folder of the folders `full`, `old`, `crippled` and `none`.
inline const std::string root = FAKE_CUDA_DIR;

/// Does LD_LIBRARY_PATH begin with a folder of fakes?
inline bool isInUse() {
  const char *path = getenv("LD_LIBRARY_PATH");
  return path && std::string(path).rfind(root, 0) == 0;
}

/// Lets processes that start from now on find the driver in `folder`.
inline void useDriver(const char *folder) {
  const char *path = getenv("LD_LIBRARY_PATH");
  std::string rest = path && *path ? ":" + std::string(path) : "";
  if (isInUse())
    rest.erase(0, std::min(rest.find(':', 1), rest.size()));
  setenv("LD_LIBRARY_PATH", (root + "/" + folder + rest).c_str(), 1);
}

/// Is any driver in this process?
inline bool isLoaded() {
  void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
  if (library)
    dlclose(library);
  return library != nullptr;
}

/// A function of FakeCuda.h, by name.
template <typename Function> Function *find(const char *name) {
  static void *library = dlopen("libcuda.so.1", RTLD_NOW);
  void *symbol = library ? dlsym(library, name) : nullptr;
  if (!symbol)
    abort();
  return reinterpret_cast<Function *>(symbol);
}
#define FAKE_CUDA(name) fake::find<decltype(name)>(#name)

inline void reset() { FAKE_CUDA(fake_cuda_reset)(); }
inline int count(const char *name) { return FAKE_CUDA(fake_cuda_count)(name); }
inline void failCalls(const char *name, int status) {
  FAKE_CUDA(fake_cuda_fail)(name, status);
}
inline void setContext(int number) { FAKE_CUDA(fake_cuda_set_context)(number); }
inline void recreateContext(int number) {
  FAKE_CUDA(fake_cuda_recreate_context)(number);
}
inline std::string log() {
  std::string text(1 << 16, '\0');
  FAKE_CUDA(fake_cuda_log)(text.data(), int(text.size()));
  text.resize(text.find('\0'));
  return text;
}

/// The main function of a test.
inline int runTests(int argc, char **argv) {
  if (!isInUse()) {
    useDriver("full");
    execv("/proc/self/exe", argv);
    return 1;
  }
  testing::InitGoogleTest(&argc, argv);
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  return RUN_ALL_TESTS();
}

} // namespace fake

#endif // MQA_UNITTESTS_FAKEDRIVER_H
