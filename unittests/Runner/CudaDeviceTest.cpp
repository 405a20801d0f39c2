//===- CudaDeviceTest.cpp - kernels on a GPU ------------------------------===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/CudaDevice.h"
#include "FakeDriver.h"
#include "mqa/Runtime/CudaLaunch.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir::mqa;

namespace {

/// "" for success.
std::string getText(llvm::Error error) {
  return error ? llvm::toString(std::move(error)) : "";
}

/// On the full fake.
class CudaDevices : public testing::Test {
protected:
  void SetUp() override {
    fake::reset();
    auto created = CudaDevice::create();
    ASSERT_TRUE(bool(created)) << getText(created.takeError());
    device = std::move(*created);
  }
  void TearDown() override {
    device.reset();
    fake::reset();
  }
  std::unique_ptr<CudaDevice> device;
};

/// In a process of its own.
class CudaDevicesDeathTest : public testing::Test {
protected:
  void TearDown() override {
    fake::useDriver("full");
    unsetenv("FAKE_CUDA_DEVICES");
    unsetenv("FAKE_CUDA_FAIL");
  }
};

/// Exits with 77 if there is no device, 1 for another error.
[[noreturn]] void createAndExit() {
  auto device = CudaDevice::create();
  int status = device ? 0 : 1;
  if (!device) {
    llvm::Error error = device.takeError();
    if (error.isA<NoCudaDeviceError>())
      status = 77;
    llvm::errs() << "<" << llvm::toString(std::move(error)) << ">\n";
  }
  _exit(status);
}

TEST_F(CudaDevicesDeathTest, TellsThatThereIsNone) {
  fake::useDriver("none");
  EXPECT_EXIT(createAndExit(), testing::ExitedWithCode(77),
              "<expected a CUDA driver .libcuda.so.1. and a device, got none: "
              ".*libcuda.so.1.*>");
  fake::useDriver("full");
  setenv("FAKE_CUDA_DEVICES", "0", 1);
  EXPECT_EXIT(createAndExit(), testing::ExitedWithCode(77),
              "got none: cuDeviceGetCount: no device>");
  setenv("FAKE_CUDA_FAIL", "cuInit=100", 1);
  EXPECT_EXIT(createAndExit(), testing::ExitedWithCode(77),
              "got none: cuInit: CUDA_ERROR_NO_DEVICE .100.: no CUDA-capable");
}

TEST_F(CudaDevicesDeathTest, TellsOtherErrorsApart) {
  fake::useDriver("old");
  EXPECT_EXIT(createAndExit(), testing::ExitedWithCode(1),
              "<expected a CUDA driver with cuMemAllocAsync, got one for CUDA "
              "11.1>");
  fake::useDriver("full");
  setenv("FAKE_CUDA_FAIL", "cuDevicePrimaryCtxRetain=2", 1);
  EXPECT_EXIT(createAndExit(), testing::ExitedWithCode(1),
              "<cuDevicePrimaryCtxRetain: CUDA_ERROR_OUT_OF_MEMORY .2.: out of "
              "memory>");
}

TEST_F(CudaDevices, DescribesItself) {
  EXPECT_EQ(device->getName(), "Fake GPU 0");
  EXPECT_EQ(device->getComputeCapability(), std::make_pair(9, 0));
  EXPECT_EQ(device->getDriverVersion(), std::make_pair(13, 0));
  EXPECT_NE(device->getStream(), nullptr);
  device.reset();
  EXPECT_EQ(fake::log(), "retain primary of 0\nset context 0\nnew stream flags "
                         "1\nset context -1\nrelease primary of 0\n");
}

TEST_F(CudaDevices, CopiesThereAndBack) {
  char there[] = "hello, device", back[sizeof there] = "";
  auto memory = device->upload(there, sizeof there, false, "q");
  ASSERT_TRUE(bool(memory)) << getText(memory.takeError());
  EXPECT_EQ(getText(device->copyToDevice(*memory, "J", 1)), "");
  EXPECT_EQ(getText(device->download(back, *memory, sizeof back)), "");
  EXPECT_STREQ(back, "Jello, device");
  EXPECT_EQ(getText(device->free(*memory)), "");
  EXPECT_EQ(fake::count("cuMemFreeAsync"), 1);
}

TEST_F(CudaDevices, NeedsNoMemoryForNoBytes) {
  auto memory = device->upload(nullptr, 0, true, "q");
  ASSERT_TRUE(bool(memory)) << getText(memory.takeError());
  EXPECT_EQ(*memory, nullptr);
  EXPECT_EQ(getText(device->download(nullptr, *memory, 0)), "");
  device->release(*memory);
  EXPECT_EQ(fake::count("cuMemAllocAsync"), 0);
  EXPECT_EQ(fake::count("cuMemFreeAsync"), 0);
}

TEST_F(CudaDevices, NamesWhatDoesNotFit) {
  fake::failCalls("cuMemAllocAsync", 2);
  int value = 0;
  auto memory = device->upload(&value, sizeof value, false, "argument 3");
  ASSERT_FALSE(bool(memory));
  EXPECT_EQ(getText(memory.takeError()),
            "argument 3: cuMemAllocAsync: CUDA_ERROR_OUT_OF_MEMORY (2): out of "
            "memory: 4 bytes");
}

TEST_F(CudaDevices, ReportsWhatFailedInTheStream) {
  fake::failCalls("cuStreamSynchronize", 700);
  const char *message = "cuStreamSynchronize: CUDA_ERROR_ILLEGAL_ADDRESS "
                        "(700): an illegal memory access was encountered";
  EXPECT_EQ(getText(device->synchronize()), message);
  char back[1];
  EXPECT_EQ(getText(device->download(back, back, 1)), message);
  auto times = device->timeCalls(1, [] { return llvm::Error::success(); });
  EXPECT_EQ(getText(times.takeError()), message);
}

TEST_F(CudaDevices, TimesCallsByEvents) {
  int calls = 0;
  // Event n is n * n milliseconds after the start, so a call takes 4 n + 1.
  auto times = device->timeCalls(4, [&] {
    ++calls;
    return llvm::Error::success();
  });
  ASSERT_TRUE(bool(times)) << getText(times.takeError());
  EXPECT_EQ(calls, 4);
  EXPECT_FLOAT_EQ(times->minSeconds, 1e-3);
  EXPECT_FLOAT_EQ(times->medianSeconds, 7e-3);
  EXPECT_EQ(fake::count("cuEventCreate"), fake::count("cuEventDestroy_v2"));
  auto failed =
      device->timeCalls(3, [] { return llvm::createStringError("no kernel"); });
  EXPECT_EQ(getText(failed.takeError()), "no kernel");
  auto none = device->timeCalls(0, [] { return llvm::Error::success(); });
  EXPECT_EQ(getText(none.takeError()),
            "expected at least 1 call to time, got 0");
}

/// What compiled code is linked with is the runtime, in the same context.
TEST_F(CudaDevices, OffersTheRuntime) {
  static const char ptx[] = ".version 8.0\n.entry first()\n";
  static mqa_cuda_kernel kernel = {ptx, sizeof ptx - 1, "first", nullptr};
  for (auto [name, address] : device->getSymbols()) {
    EXPECT_NE(address, nullptr) << name.str();
    if (name != "mqa_cuda_launch")
      continue;
    auto launch = reinterpret_cast<decltype(&mqa_cuda_launch)>(address);
    EXPECT_EQ(launch(&kernel, 1, 1, 1, 32, 0, device->getStream(), nullptr), 0);
    EXPECT_EQ(launch(&kernel, -1, 1, 1, 32, 0, nullptr, nullptr),
              MQA_CUDA_INVALID);
  }
  EXPECT_EQ(fake::count("cuLaunchKernel"), 1);
  EXPECT_EQ(fake::count("cuDevicePrimaryCtxRetain"), 1);
  EXPECT_EQ(device->getLastError(),
            "first: expected grid_x from 0 to 2147483647, got -1");
}

} // namespace

int main(int argc, char **argv) { return fake::runTests(argc, argv); }
