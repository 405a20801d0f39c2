//===- OpenDevice.h - the device that a run asks for ------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_RUNNER_OPENDEVICE_H
#define MQA_LIB_RUNNER_OPENDEVICE_H

#include "mqa/Runner/Bench.h"
#include "mqa/Runner/CudaDevice.h"
#include "mqa/Runner/RunOptions.h"

namespace mlir::mqa {

/// The device of a run, and what is known of it.
struct OpenedDevice {
  std::unique_ptr<Device> device; ///< Null: the CPU.
  CudaDevice *cuda = nullptr;     ///< The same, if it is one.
};

/// Opens it; `options` learns the chip to compile for.
llvm::Expected<OpenedDevice> openDevice(RunOptions &options);

/// Times calls on a device and prints one line, a JSON object; `check` may be
/// null.
llvm::Error benchOnDevice(CudaDevice &device, Invocation &invocation,
                          const RunOptions &options, const LiveWork &work,
                          const Entry &entry, const CheckReport *check);

} // namespace mlir::mqa

#endif // MQA_LIB_RUNNER_OPENDEVICE_H
