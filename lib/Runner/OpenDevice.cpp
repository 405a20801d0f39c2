//===- OpenDevice.cpp - the device that a run asks for ----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpenDevice.h"
#include "mqa/Runner/InterpretedDevice.h"
#include "mqa/Schedule/GpuTarget.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::mqa;

llvm::Expected<OpenedDevice> mqa::openDevice(RunOptions &options) {
  OpenedDevice opened;
  if (!options.compile.isGpu())
    return opened;
  if (options.interpret) {
    opened.device = std::make_unique<InterpretedDevice>(*options.interpret);
    return opened;
  }
  auto cuda = CudaDevice::create();
  if (!cuda)
    return cuda.takeError();
  std::pair<int, int> capability = (*cuda)->getComputeCapability();
  auto chip = GpuTarget::ofCapability(capability.first, capability.second);
  if (!chip)
    return chip.takeError();
  options.compile.target = chip->chip;
  opened.cuda = cuda->get();
  opened.device = std::move(*cuda);
  return opened;
}

llvm::Error mqa::benchOnDevice(CudaDevice &device, Invocation &invocation,
                               const RunOptions &options, const LiveWork &work,
                               const Entry &entry, const CheckReport *check) {
  auto call = [&]() -> llvm::Error {
    invocation.run();
    return invocation.getStatus();
  };
  for (int64_t i = 0; i < options.warmup; ++i)
    if (llvm::Error error = call())
      return error;
  int64_t repeats = options.repeats < 0 ? 50 : options.repeats;
  auto times = device.timeCalls(repeats, call);
  if (!times)
    return times.takeError();
  std::pair<int, int> capability = device.getComputeCapability();
  llvm::json::OStream json(llvm::outs());
  json.object([&] {
    json.attribute("entry", entry.name);
    json.attribute("device", device.getName());
    json.attribute("compute_capability", std::to_string(capability.first) +
                                             "." +
                                             std::to_string(capability.second));
    json.attribute("chip", options.compile.target);
    json.attribute("repeats", repeats);
    json.attribute("median_s", times->medianSeconds);
    json.attribute("min_s", times->minSeconds);
    json.attribute("live_pairs", work.pairs);
    json.attribute("flops", work.flops);
    json.attribute("median_gflops",
                   double(work.flops) / times->medianSeconds * 1e-9);
    if (check)
      json.attribute("check", check->passed() ? "pass" : "fail");
  });
  llvm::outs() << "\n";
  return llvm::Error::success();
}
