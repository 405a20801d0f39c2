//===- Kernels.h - small kernels for tests ----------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_UNITTESTS_PTXINTERPRETER_KERNELS_H
#define MQA_UNITTESTS_PTXINTERPRETER_KERNELS_H

#include "mqa/PTXInterpreter/PTXInterpreter.h"
#include <string>
#include <vector>

namespace mlir::mqa::ptx {

/// A kernel `k` with one pointer, in %out, and registers of all kinds.
inline std::string makeKernel(const std::string &body,
                              const std::string &variables = "") {
  return ".version 8.0\n.target sm_80\n.address_size 64\n" + variables +
         "\n.visible .entry k(\n  .param .u64 k_param_0\n)\n"
         ".maxntid 128, 1, 1\n{\n"
         "  .reg .pred %p<9>;\n  .reg .b16 %h<9>;\n  .reg .b32 %r<32>;\n"
         "  .reg .f32 %f<32>;\n  .reg .b64 %d<16>;\n  .reg .b64 %out;\n"
         "  ld.param.u64 %out, [k_param_0];\n"
         "  cvta.to.global.u64 %out, %out;\n  mov.u32 %r0, %tid.x;\n" +
         body + "\n  ret;\n}\n";
}

/// What a run gave: an error, or values.
struct Outcome {
  std::string error;
  std::vector<uint32_t> values;
};

/// Runs `text` on `threads` threads with `count` words of output.
inline Outcome run(const std::string &text, unsigned threads = 32,
                   unsigned count = 32, unsigned sharedBytes = 0,
                   uint64_t seed = 0) {
  Outcome outcome;
  // Aligned for accesses of 16 bytes.
  std::vector<uint64_t> storage(count / 2 + 3, 0);
  auto address = (reinterpret_cast<uintptr_t>(storage.data()) + 15) & ~15;
  auto *words = reinterpret_cast<uint32_t *>(address);
  auto module = Module::parse(text);
  if (!module) {
    outcome.error = llvm::toString(module.takeError());
    return outcome;
  }
  DeviceMemory memory;
  memory.addRange(words, count * 4, true, true, "the output");
  LaunchOptions options;
  options.seed = seed;
  const void *parameters[] = {&words};
  auto done = module->launch("k", {}, {threads, 1, 1}, sharedBytes, parameters,
                             memory, options);
  if (!done)
    outcome.error = llvm::toString(done.takeError());
  outcome.values.assign(words, words + count);
  return outcome;
}

} // namespace mlir::mqa::ptx

#endif // MQA_UNITTESTS_PTXINTERPRETER_KERNELS_H
