//===- PTXInterpreter.cpp - GPU kernels on a CPU ----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/PTXInterpreter/PTXInterpreter.h"
#include "Block.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>
#include <numeric>

using namespace mlir::mqa::ptx;

Module::Module(std::unique_ptr<Program> parsed) : program(std::move(parsed)) {
  for (const Kernel &kernel : program->kernels)
    kernels.push_back(kernel.signature);
}
Module::Module(Module &&) = default;
Module &Module::operator=(Module &&) = default;
Module::~Module() = default;

llvm::Expected<Module> Module::parse(llvm::StringRef text) {
  auto program = parseProgram(text);
  if (!program)
    return program.takeError();
  return Module(std::move(*program));
}

/// The parameters where the parser placed them.
static std::vector<uint8_t> layOut(const KernelSignature &signature,
                                   llvm::ArrayRef<const void *> parameters) {
  std::vector<uint8_t> bytes;
  for (auto [size, data] :
       llvm::zip_equal(signature.parameterSizes, parameters)) {
    uint64_t offset = llvm::alignTo(bytes.size(), 128);
    bytes.resize(offset + size);
    std::memcpy(bytes.data() + offset, data, size);
  }
  return bytes;
}

/// All blocks of the grid, in the order in which they run.
static std::vector<Dim3> getOrder(Dim3 grid, const LaunchOptions &options) {
  std::vector<Dim3> order;
  for (uint32_t z = 0; z < grid.z; ++z)
    for (uint32_t y = 0; y < grid.y; ++y)
      for (uint32_t x = 0; x < grid.x; ++x)
        order.push_back({x, y, z});
  std::mt19937_64 random(options.seed);
  if (options.adversarial)
    std::shuffle(order.begin(), order.end(), random);
  return order;
}

llvm::Expected<LaunchStatistics>
Module::launch(llvm::StringRef name, Dim3 grid, Dim3 block,
               uint32_t sharedBytes, llvm::ArrayRef<const void *> parameters,
               DeviceMemory &memory, const LaunchOptions &options) const {
  auto kernel = llvm::find_if(program->kernels, [&](const Kernel &candidate) {
    return candidate.signature.name == name;
  });
  if (kernel == program->kernels.end())
    return llvm::createStringError("expected a kernel of the module, got '" +
                                   name + "'");
  const KernelSignature &signature = kernel->signature;
  if (parameters.size() != signature.parameterSizes.size())
    return llvm::createStringError(
        llvm::formatv("{0}: expected {1} parameters, got {2}", name,
                      signature.parameterSizes.size(), parameters.size()));
  uint64_t most = signature.maxThreads ? signature.maxThreads : 1024;
  if (block.count() == 0 || block.count() > most)
    return llvm::createStringError(llvm::formatv(
        "{0}: expected 1 to {1} threads, got {2}", name, most, block.count()));
  std::vector<uint8_t> bytes = layOut(signature, parameters);
  Launch launch{*program, *kernel, grid,    block, sharedBytes,
                bytes,    memory,  options, {}};
  std::mt19937_64 seeds(options.seed + 1);
  for (Dim3 index : getOrder(grid, options))
    if (std::string error = Block(launch, index, seeds()).run(); !error.empty())
      return llvm::createStringError(error);
  return launch.statistics;
}
