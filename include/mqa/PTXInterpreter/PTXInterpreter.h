//===- PTXInterpreter.h - GPU kernels on a CPU ------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Executes PTX functionally, block after block, to prove kernels right on
// machines without a GPU. It knows nothing of what the kernels compute, and has
// no notion of time.
//
// What hardware may do late happens as late as the program allows, and what it
// may do in any order happens in an order that a seed chooses. Errors, not
// values, are what comes of: reads of shared memory that was never written or
// is being written asynchronously, uses of registers of a wgmma that is not
// waited for, stores that the asynchronous proxy sees without a fence, accesses
// out of bounds or not aligned, conflicting accesses of two warps that nothing
// orders (a missing barrier), collective instructions of an incomplete warp,
// barriers that too many arrive at, deadlock, and blocks that end with copies
// in flight. An instruction or a modifier that is not known is an error when a
// module is parsed.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_PTXINTERPRETER_PTXINTERPRETER_H
#define MQA_PTXINTERPRETER_PTXINTERPRETER_H

#include "mqa/PTXInterpreter/DeviceMemory.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace mlir::mqa::ptx {

/// The size of a grid or of a block.
struct Dim3 {
  uint32_t x = 1, y = 1, z = 1;
  uint64_t count() const { return uint64_t(x) * y * z; }
};

struct LaunchOptions {
  /// Asynchronous work completes at the latest moment, warps and blocks run in
  /// random order; otherwise at once and in order.
  bool adversarial = true;
  uint64_t seed = 0;
  /// Instructions of warps after which the launch fails; 0: no limit.
  uint64_t maxInstructions = 0;
};

/// What a launch did.
struct LaunchStatistics {
  uint64_t warpInstructions = 0;
  uint64_t matrixInstructions = 0;
  uint64_t asyncCopyBytes = 0;
};

/// A kernel's signature.
struct KernelSignature {
  std::string name;
  /// Bytes of each parameter.
  std::vector<uint32_t> parameterSizes;
  /// Most threads of a block; 0: not said.
  uint32_t maxThreads = 0;
};

struct Program;

/// A parsed PTX module.
class Module {
public:
  /// An error names the line of the text.
  static llvm::Expected<Module> parse(llvm::StringRef text);
  Module(Module &&);
  Module &operator=(Module &&);
  ~Module();

  const std::vector<KernelSignature> &getKernels() const { return kernels; }

  /// Runs `kernel`. `parameters[i]` points to the bytes of parameter i, as for
  /// cuLaunchKernel; addresses in them are those of `memory`. An error names
  /// kernel, line and text of the instruction, block and thread.
  llvm::Expected<LaunchStatistics>
  launch(llvm::StringRef kernel, Dim3 grid, Dim3 block, uint32_t sharedBytes,
         llvm::ArrayRef<const void *> parameters, DeviceMemory &memory,
         const LaunchOptions &options = {}) const;

private:
  explicit Module(std::unique_ptr<Program> program);
  std::unique_ptr<Program> program;
  std::vector<KernelSignature> kernels;
};

} // namespace mlir::mqa::ptx

#endif // MQA_PTXINTERPRETER_PTXINTERPRETER_H
