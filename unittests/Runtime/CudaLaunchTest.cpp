//===- CudaLaunchTest.cpp - the CUDA driver for compiled code -------------===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Runtime/CudaLaunch.h"
#include "FakeCuda/FakeDriver.h"
#include <atomic>
#include <cstring>
#include <deque>
#include <thread>
#include <vector>

namespace {

const char ptx[] = ".version 8.0\n.entry first()\n.entry second()\n";
const char otherPTX[] = ".version 8.0\n.entry first() {}\n";
const char wrongPTX[] = ".version 8.0\nerror\n.entry first()\n";

/// A kernel that stays, as in a compiled object.
template <size_t Size>
mqa_cuda_kernel &makeKernel(const char (&image)[Size], const char *name) {
  static auto *kernels = new std::deque<mqa_cuda_kernel>();
  kernels->push_back({image, int64_t(Size - 1), name, nullptr});
  return kernels->back();
}

/// A launch of 2 x 3 x 4 blocks of 128 threads.
int32_t launch(mqa_cuda_kernel &kernel, int64_t sharedBytes = 0,
               void *stream = nullptr) {
  return mqa_cuda_launch(&kernel, 2, 3, 4, 128, sharedBytes, stream, nullptr);
}

void *handle(uintptr_t value) { return reinterpret_cast<void *>(value); }

/// On the full fake, with nothing loaded in any context.
class CudaLaunch : public testing::Test {
protected:
  void SetUp() override {
    fake::reset();
    ASSERT_EQ(mqa_cuda_available(), 1);
  }
  void TearDown() override { fake::reset(); }
};

/// In a process of its own, where nothing has been called.
class CudaLaunchDeathTest : public testing::Test {
protected:
  void TearDown() override {
    fake::useDriver("full");
    unsetenv("FAKE_CUDA_DEVICES");
    unsetenv("FAKE_CUDA_FAIL");
  }
};

/// Ends the process with a status after printing the last error.
[[noreturn]] void exitWith(int32_t status) {
  fprintf(stderr, "<%s>\n", mqa_cuda_last_error());
  _exit(status & 0xff);
}

testing::ExitedWithCode exited(int32_t status) {
  return testing::ExitedWithCode(status & 0xff);
}

//===----------------------------------------------------------------------===//
// Drivers
//===----------------------------------------------------------------------===//

[[noreturn]] void checkLaziness() {
  mqa_cuda_kernel &kernel = makeKernel(ptx, "first");
  bool well = strcmp(mqa_cuda_last_error(), "") == 0;
  void *pointer = nullptr;
  well &= mqa_cuda_launch(&kernel, 0, 1, 1, 128, 0, nullptr, nullptr) == 0;
  well &= mqa_cuda_alloc(&pointer, 0, nullptr) == 0;
  well &= mqa_cuda_free(nullptr, nullptr) == 0 && !fake::isLoaded();
  well &= launch(kernel) == 0 && fake::isLoaded();
  _exit(well ? 0 : 1);
}

TEST_F(CudaLaunchDeathTest, LoadsTheDriverAtTheFirstUse) {
  EXPECT_EXIT(checkLaziness(), exited(0), "");
}

/// The primary context is retained once, and current in each thread that had
/// none.
[[noreturn]] void checkPrimary() {
  mqa_cuda_kernel &kernel = makeKernel(ptx, "first");
  auto launchTwice = [&] { (void)(launch(kernel) || launch(kernel)); };
  std::thread other(launchTwice);
  launchTwice();
  other.join();
  fprintf(stderr, "<%d launches, %d retained, %d set>\n",
          fake::count("cuLaunchKernel"),
          fake::count("cuDevicePrimaryCtxRetain"),
          fake::count("cuCtxSetCurrent"));
  _exit(0);
}

TEST_F(CudaLaunchDeathTest, UsesThePrimaryContextWhereThereIsNone) {
  EXPECT_EXIT(checkPrimary(), exited(0), "<4 launches, 1 retained, 2 set>");
}

TEST_F(CudaLaunchDeathTest, TellsThatThereIsNoDriver) {
  fake::useDriver("none");
  const char *message = "<expected a CUDA driver .libcuda.so.1. and a device, "
                        "got none: .*libcuda.so.1.*>";
  mqa_cuda_kernel &kernel = makeKernel(ptx, "first");
  EXPECT_EXIT(exitWith(launch(kernel)), exited(MQA_CUDA_NO_DRIVER), message);
  void *pointer;
  EXPECT_EXIT(exitWith(mqa_cuda_alloc(&pointer, 8, nullptr)),
              exited(MQA_CUDA_NO_DRIVER), message);
  EXPECT_EXIT(exitWith(mqa_cuda_free(handle(8), nullptr)),
              exited(MQA_CUDA_NO_DRIVER), message);
  // Asking is no error.
  EXPECT_EXIT(exitWith(mqa_cuda_available()), exited(0), "<>");
}

/// A failure is not forgotten, and every thread gets its text.
[[noreturn]] void failTwice() {
  mqa_cuda_kernel &kernel = makeKernel(ptx, "first");
  std::thread([&] { (void)launch(kernel); }).join();
  exitWith(launch(kernel));
}

TEST_F(CudaLaunchDeathTest, TellsThatThereIsNoDriverAgain) {
  fake::useDriver("none");
  EXPECT_EXIT(failTwice(), exited(MQA_CUDA_NO_DRIVER), "<expected a CUDA");
}

TEST_F(CudaLaunchDeathTest, TellsThatThereIsNoDevice) {
  mqa_cuda_kernel &kernel = makeKernel(ptx, "first");
  setenv("FAKE_CUDA_DEVICES", "0", 1);
  EXPECT_EXIT(exitWith(launch(kernel)), exited(MQA_CUDA_NO_DRIVER),
              "got none: cuDeviceGetCount: no device>");
  setenv("FAKE_CUDA_FAIL", "cuInit=100", 1);
  EXPECT_EXIT(exitWith(launch(kernel)), exited(MQA_CUDA_NO_DRIVER),
              "got none: cuInit: CUDA_ERROR_NO_DEVICE .100.: no CUDA-capable");
}

TEST_F(CudaLaunchDeathTest, TellsThatTheDriverDoesNotStart) {
  mqa_cuda_kernel &kernel = makeKernel(ptx, "first");
  setenv("FAKE_CUDA_FAIL", "cuInit=803", 1);
  EXPECT_EXIT(exitWith(launch(kernel)), exited(803),
              "<cuInit: CUresult .803.: unknown error>");
  EXPECT_EXIT(exitWith(mqa_cuda_available()), exited(0), "<>");
}

int32_t encode() {
  alignas(64) char map[128];
  int64_t sizes[] = {64, 2}, strides[] = {128};
  int32_t box[] = {64, 1};
  return mqa_cuda_encode_tiled(map, handle(256), 16, 0, 2, sizes, strides, box,
                               128);
}

TEST_F(CudaLaunchDeathTest, NamesWhatAnOldDriverLacks) {
  fake::useDriver("old");
  EXPECT_EXIT(exitWith(encode()), exited(36),
              "<expected a CUDA driver with cuTensorMapEncodeTiled, got one "
              "for CUDA 11.1>");
  void *pointer;
  EXPECT_EXIT(exitWith(mqa_cuda_alloc(&pointer, 8, nullptr)), exited(36),
              "<expected a CUDA driver with cuMemAllocAsync, got one");
  EXPECT_EXIT(exitWith(mqa_cuda_free(handle(8), nullptr)), exited(36),
              "<expected a CUDA driver with cuMemFreeAsync, got one");
  // It launches, though it has no ids of contexts.
  mqa_cuda_kernel &kernel = makeKernel(ptx, "first");
  EXPECT_EXIT(exitWith(launch(kernel) + launch(kernel)), exited(0), "<>");
}

TEST_F(CudaLaunchDeathTest, NamesWhatEachCallNeeds) {
  fake::useDriver("crippled");
  void *pointer;
  EXPECT_EXIT(exitWith(mqa_cuda_alloc(&pointer, 8, nullptr)), exited(36),
              "<expected a CUDA driver with cuLaunchKernel, got one for CUDA "
              "13.0>");
  EXPECT_EXIT(exitWith(mqa_cuda_available()), exited(0), "<>");
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

TEST_F(CudaLaunch, PassesWhatItIsGiven) {
  mqa_cuda_kernel &kernel = makeKernel(ptx, "second");
  int value = 42;
  void *params[] = {&value};
  fake::setContext(1);
  EXPECT_EQ(mqa_cuda_launch(&kernel, 2147483647, 65535, 4, 96, 49152,
                            handle(0x77), params),
            0);
  EXPECT_EQ(fake::log(),
            "load in context 1\n"
            "launch second in 1: grid 2147483647 65535 4 block 96 1 1 shared "
            "49152 stream 0x77 first 42\n");
  EXPECT_EQ(fake::count("cuFuncSetAttribute"), 0);
}

TEST_F(CudaLaunch, LaunchesNothingForAnEmptyGrid) {
  mqa_cuda_kernel &kernel = makeKernel(ptx, "first");
  for (int dim = 0; dim < 3; ++dim)
    EXPECT_EQ(mqa_cuda_launch(&kernel, dim != 0, dim != 1, dim != 2, 32, 0,
                              nullptr, nullptr),
              0);
  EXPECT_EQ(fake::log(), "");
  EXPECT_EQ(kernel.state, nullptr);
}

TEST_F(CudaLaunch, RefusesWhatNoDeviceCanDo) {
  mqa_cuda_kernel &kernel = makeKernel(ptx, "first");
  auto refuses = [&](int64_t x, int64_t y, int64_t z, int64_t block,
                     int64_t bytes, const char *message) {
    EXPECT_EQ(mqa_cuda_launch(&kernel, x, y, z, block, bytes, nullptr, nullptr),
              MQA_CUDA_INVALID);
    EXPECT_STREQ(mqa_cuda_last_error(), message);
  };
  refuses(2147483648, 1, 1, 32, 0,
          "first: expected grid_x from 0 to 2147483647, got 2147483648");
  refuses(0, 65536, 1, 32, 0,
          "first: expected grid_y from 0 to 65535, got 65536");
  refuses(1, 1, -1, 32, 0, "first: expected grid_z from 0 to 65535, got -1");
  refuses(1, 1, 1, 1025, 0, "first: expected block_x from 1 to 1024, got 1025");
  refuses(1, 1, 1, 32, -8,
          "first: expected shared_bytes from 0 to 2147483647, got -8");
  kernel.image = nullptr;
  refuses(1, 1, 1, 32, 0,
          "mqa_cuda_launch: expected a kernel with an image and a name, got "
          "none");
  EXPECT_EQ(fake::log(), "");
}

TEST_F(CudaLaunch, LoadsOnceForAllThreads) {
  mqa_cuda_kernel &kernel = makeKernel(ptx, "first");
  std::atomic<int> waiting(8), errors(0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      fake::setContext(i % 2);
      --waiting;
      while (waiting > 0)
        std::this_thread::yield();
      for (int repeat = 0; repeat < 50; ++repeat)
        errors += launch(kernel, 50000 + 1000 * repeat) != 0;
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(errors, 0);
  EXPECT_EQ(fake::count("cuLaunchKernel"), 400);
  EXPECT_EQ(fake::count("cuModuleLoadDataEx"), 2);
  EXPECT_EQ(fake::count("cuModuleGetFunction"), 2);
  EXPECT_LE(fake::count("cuFuncSetAttribute"), 100);
}

TEST_F(CudaLaunch, LoadsOncePerContext) {
  mqa_cuda_kernel &kernel = makeKernel(ptx, "first");
  for (int context : {1, 2, 1, 2, 1}) {
    fake::setContext(context);
    EXPECT_EQ(launch(kernel), 0) << mqa_cuda_last_error();
  }
  EXPECT_EQ(fake::count("cuModuleLoadDataEx"), 2);
  EXPECT_EQ(fake::count("cuDevicePrimaryCtxRetain"), 0);
}

TEST_F(CudaLaunch, LoadsAgainInAContextWithAnOldHandle) {
  mqa_cuda_kernel &kernel = makeKernel(ptx, "first");
  fake::setContext(1);
  EXPECT_EQ(launch(kernel, 100000), 0);
  fake::recreateContext(1);
  EXPECT_EQ(launch(kernel, 100000), 0) << mqa_cuda_last_error();
  EXPECT_EQ(launch(kernel, 100000), 0);
  EXPECT_EQ(fake::count("cuModuleLoadDataEx"), 2);
  EXPECT_EQ(fake::count("cuFuncSetAttribute"), 2);
}

TEST_F(CudaLaunch, SharesAModuleBetweenKernelsOfAnImage) {
  mqa_cuda_kernel &first = makeKernel(ptx, "first");
  mqa_cuda_kernel &second = makeKernel(ptx, "second");
  EXPECT_EQ(launch(first), 0);
  EXPECT_EQ(launch(second), 0);
  EXPECT_EQ(fake::count("cuModuleLoadDataEx"), 1);
  EXPECT_EQ(fake::count("cuModuleGetFunction"), 2);
}

TEST_F(CudaLaunch, TellsImagesAtOneAddressApart) {
  char image[sizeof ptx];
  memcpy(image, ptx, sizeof ptx);
  mqa_cuda_kernel &kernel = makeKernel(image, "first");
  EXPECT_EQ(launch(kernel), 0);
  memset(image, 0, sizeof image);
  memcpy(image, otherPTX, sizeof otherPTX);
  EXPECT_EQ(launch(makeKernel(image, "first")), 0);
  EXPECT_EQ(fake::count("cuModuleLoadDataEx"), 2);
}

TEST_F(CudaLaunch, AllowsMuchSharedMemoryOnce) {
  mqa_cuda_kernel &kernel = makeKernel(ptx, "first");
  for (int64_t bytes : {49152, 49153, 49153, 100000, 60000, 100000})
    EXPECT_EQ(launch(kernel, bytes), 0) << mqa_cuda_last_error();
  EXPECT_EQ(fake::count("cuFuncSetAttribute"), 2);
  EXPECT_NE(fake::log().find("allow first 49153 bytes\nlaunch"),
            std::string::npos);
  EXPECT_NE(fake::log().find("allow first 100000 bytes\nlaunch"),
            std::string::npos);
  EXPECT_EQ(launch(kernel, 300000), 1);
  EXPECT_STREQ(mqa_cuda_last_error(),
               "cuFuncSetAttribute: CUDA_ERROR_INVALID_VALUE (1): invalid "
               "argument: first, 300000 bytes of shared memory");
}

TEST_F(CudaLaunch, CarriesTheLogOfTheCompiler) {
  mqa_cuda_kernel &kernel = makeKernel(wrongPTX, "first");
  EXPECT_EQ(launch(kernel), 218);
  const char *message =
      "cuModuleLoadDataEx: CUDA_ERROR_INVALID_PTX (218): a PTX JIT compilation "
      "failed: ptxas application ptx input, line 2; fatal : Parsing error near "
      "'error'\nptxas fatal : Ptx assembly aborted due to errors";
  EXPECT_STREQ(mqa_cuda_last_error(), message);
  // It stays, whatever goes well after it, and the kernel stays unloaded.
  EXPECT_EQ(mqa_cuda_free(nullptr, nullptr), 0);
  EXPECT_STREQ(mqa_cuda_last_error(), message);
  EXPECT_EQ(kernel.state, nullptr);
}

TEST_F(CudaLaunch, TriesAgainAfterAFailure) {
  mqa_cuda_kernel &kernel = makeKernel(ptx, "first");
  fake::failCalls("cuModuleLoadDataEx", 2);
  EXPECT_EQ(launch(kernel), 2);
  EXPECT_STREQ(mqa_cuda_last_error(), "cuModuleLoadDataEx: "
                                      "CUDA_ERROR_OUT_OF_MEMORY (2): out of "
                                      "memory");
  fake::failCalls("cuModuleLoadDataEx", 0);
  EXPECT_EQ(launch(kernel), 0);
}

TEST_F(CudaLaunch, NamesTheKernelThatFails) {
  mqa_cuda_kernel &none = makeKernel(ptx, "third");
  EXPECT_EQ(launch(none), 500);
  EXPECT_STREQ(mqa_cuda_last_error(),
               "cuModuleGetFunction: CUDA_ERROR_NOT_FOUND (500): named symbol "
               "not found: third");
  mqa_cuda_kernel &kernel = makeKernel(ptx, "first");
  fake::failCalls("cuLaunchKernel", 700);
  EXPECT_EQ(launch(kernel), 700);
  EXPECT_STREQ(mqa_cuda_last_error(),
               "cuLaunchKernel: CUDA_ERROR_ILLEGAL_ADDRESS (700): an illegal "
               "memory access was encountered: first");
}

TEST_F(CudaLaunch, ReportsEachCallOfTheDriver) {
  fake::setContext(1); // so that a context is not retained, but found
  for (const char *name : {"cuCtxGetCurrent", "cuCtxGetId"}) {
    mqa_cuda_kernel &kernel = makeKernel(ptx, "first");
    fake::failCalls(name, 201);
    EXPECT_EQ(launch(kernel), 201);
    EXPECT_EQ(mqa_cuda_last_error(),
              name + std::string(": CUDA_ERROR_INVALID_CONTEXT (201): invalid "
                                 "device context"));
    fake::failCalls(name, 0);
    EXPECT_EQ(launch(kernel), 0);
  }
}

//===----------------------------------------------------------------------===//
// Memory, tensor maps, messages
//===----------------------------------------------------------------------===//

TEST_F(CudaLaunch, AllocatesInTheOrderOfAStream) {
  fake::setContext(1);
  void *pointer = nullptr;
  EXPECT_EQ(mqa_cuda_alloc(&pointer, 1234, handle(0xab)), 0);
  ASSERT_NE(pointer, nullptr);
  EXPECT_EQ(mqa_cuda_free(pointer, handle(0xcd)), 0);
  EXPECT_EQ(fake::log(), "alloc 1234 bytes stream 0xab\nfree stream 0xcd\n");
  EXPECT_EQ(mqa_cuda_alloc(&pointer, 0, handle(0xab)), 0);
  EXPECT_EQ(pointer, nullptr);
  EXPECT_EQ(mqa_cuda_alloc(&pointer, -1, nullptr), MQA_CUDA_INVALID);
  EXPECT_EQ(mqa_cuda_alloc(nullptr, 1, nullptr), MQA_CUDA_INVALID);
  fake::failCalls("cuMemAllocAsync", 2);
  pointer = handle(1);
  EXPECT_EQ(mqa_cuda_alloc(&pointer, 77, nullptr), 2);
  EXPECT_EQ(pointer, nullptr);
  EXPECT_STREQ(mqa_cuda_last_error(), "cuMemAllocAsync: "
                                      "CUDA_ERROR_OUT_OF_MEMORY (2): out of "
                                      "memory: 77 bytes");
}

struct Map {
  alignas(64) char bytes[128] = {};
  int64_t sizes[5] = {128, 4294967296, 5, 7, 9};
  int64_t strides[4] = {256, 4096, 65536, 1048576};
  int32_t box[5] = {64, 256, 1, 2, 3};
  int32_t encode(int32_t bits, int32_t isBF16, int32_t rank, int32_t swizzle) {
    return mqa_cuda_encode_tiled(bytes, handle(0x1000), bits, isBF16, rank,
                                 sizes, strides, box, swizzle);
  }
};

TEST_F(CudaLaunch, EncodesSizesFromTheFastest) {
  Map map;
  EXPECT_EQ(map.encode(16, 1, 5, 128), 0) << mqa_cuda_last_error();
  EXPECT_EQ(map.encode(16, 0, 1, 0), 0) << mqa_cuda_last_error();
  map.box[0] = 16;
  EXPECT_EQ(map.encode(32, 0, 2, 64), 0) << mqa_cuda_last_error();
  EXPECT_EQ(map.encode(8, 0, 2, 32), 0) << mqa_cuda_last_error();
  EXPECT_EQ(fake::log(),
            "encode type 9 rank 5 at 0x1000 dims 128 4294967296 5 7 9 strides "
            "256 4096 65536 1048576 box 64 256 1 2 3 steps 1 1 1 1 1 "
            "interleave 0 swizzle 3 promotion 3 fill 0\n"
            "encode type 6 rank 1 at 0x1000 dims 128 strides box 64 steps 1 "
            "interleave 0 swizzle 0 promotion 3 fill 0\n"
            "encode type 7 rank 2 at 0x1000 dims 128 4294967296 strides 256 "
            "box 16 256 steps 1 1 interleave 0 swizzle 2 promotion 3 fill 0\n"
            "encode type 0 rank 2 at 0x1000 dims 128 4294967296 strides 256 "
            "box 16 256 steps 1 1 interleave 0 swizzle 1 promotion 3 fill 0\n");
  for (char byte : map.bytes)
    EXPECT_EQ(byte, 0x5a);
}

TEST_F(CudaLaunch, RefusesWhatNoTensorMapCanSay) {
  auto refuses = [](Map &map, const std::string &message, int32_t bits = 16,
                    int32_t isBF16 = 0, int32_t rank = 3,
                    int32_t swizzle = 128) {
    EXPECT_EQ(map.encode(bits, isBF16, rank, swizzle), MQA_CUDA_INVALID);
    EXPECT_EQ(mqa_cuda_last_error(), "mqa_cuda_encode_tiled: " + message);
    map = Map();
  };
  Map map;
  refuses(map, "expected elements of 16 bits, got 32", 32, 1);
  refuses(map, "expected elements of 8, 16, 32 or 64 bits, got 4", 4);
  refuses(map, "expected rank from 1 to 5, got 6", 16, 0, 6);
  refuses(map, "expected swizzle_bytes 0, 32, 64 or 128, got 16", 16, 0, 3, 16);
  refuses(map, "expected the bytes of box[0] from 16 to 64, got 128", 16, 0, 3,
          64);
  map.box[0] = 4;
  refuses(map, "expected the bytes of box[0] to be a multiple of 16, got 8");
  map.box[1] = 257;
  refuses(map, "expected box[1] from 1 to 256, got 257");
  map.sizes[2] = 0;
  refuses(map, "expected sizes[2] from 1 to 4294967296, got 0");
  map.strides[1] = 24;
  refuses(map, "expected byte_strides[1] to be a multiple of 16, got 24");
  map.strides[0] = int64_t(1) << 40;
  refuses(map, "expected byte_strides[0] from 0 to 1099511627775, got "
               "1099511627776");
  EXPECT_EQ(mqa_cuda_encode_tiled(map.bytes + 8, handle(16), 16, 0, 1,
                                  map.sizes, map.strides, map.box, 0),
            MQA_CUDA_INVALID);
  EXPECT_EQ(mqa_cuda_encode_tiled(map.bytes, handle(8), 16, 0, 1, map.sizes,
                                  map.strides, map.box, 0),
            MQA_CUDA_INVALID);
  EXPECT_STREQ(mqa_cuda_last_error(),
               "mqa_cuda_encode_tiled: expected the address of the tensor to "
               "be a multiple of 16, got 8");
  EXPECT_EQ(fake::log(), "");
}

TEST_F(CudaLaunch, KeepsAMessageForEachThread) {
  EXPECT_EQ(mqa_cuda_fail("expected 3 rows, got 4"), MQA_CUDA_INVALID);
  std::thread([] {
    EXPECT_STREQ(mqa_cuda_last_error(), "");
    EXPECT_EQ(mqa_cuda_fail("100 %s"), MQA_CUDA_INVALID);
    EXPECT_STREQ(mqa_cuda_last_error(), "100 %s");
  }).join();
  EXPECT_STREQ(mqa_cuda_last_error(), "expected 3 rows, got 4");
  EXPECT_EQ(mqa_cuda_fail(mqa_cuda_last_error()), MQA_CUDA_INVALID);
  EXPECT_STREQ(mqa_cuda_last_error(), "expected 3 rows, got 4");
  std::string endless(5000, 'x');
  EXPECT_EQ(mqa_cuda_fail(endless.c_str()), MQA_CUDA_INVALID);
  EXPECT_EQ(strlen(mqa_cuda_last_error()), 2047u);
}

} // namespace

int main(int argc, char **argv) { return fake::runTests(argc, argv); }
