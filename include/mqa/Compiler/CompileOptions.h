//===- CompileOptions.h - what to compile for, and how ----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_COMPILER_COMPILEOPTIONS_H
#define MQA_COMPILER_COMPILEOPTIONS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir::mqa {

/// Which road a module takes to the LLVM dialect.
enum class Lowering {
  /// The product: `mqa-to-cpu-pipeline`.
  Fused,
  /// The unfused computation in the module's own types: `convert-mqa-to-linalg`
  /// and loops.
  Reference,
  /// The reference with every float promoted to f64: arguments and results
  /// of the entries are f64 too.
  Oracle,
};

/// The options of one compilation. A default value compiles for this machine.
struct CompileOptions {
  /// What to compile for: "cpu", or a chip as `GpuTarget` knows it ("sm_80",
  /// "sm_90a", ...); the host code of a GPU target is for `cpu`.
  std::string target = "cpu";
  /// "host" (this machine, with all its features), a name as `clang -march=`
  /// or `-mcpu=` takes it ("x86-64-v3", "znver3", "neoverse-v1", ...), or
  /// "aarch64".
  std::string cpu = "host";
  /// LLVM's optimisation level, 0 to 3.
  unsigned optLevel = 3;
  /// What the host code of a GPU target holds: "isa" (PTX) or "bin" (a cubin,
  /// which needs ptxas on PATH or in the CUDA toolkit).
  std::string imageFormat = "isa";
  /// Options of the pipeline that pin parts of the schedule, separated by
  /// commas or spaces: "row-block=32,key-block=64". Empty: the cost model
  /// decides. The reference lowerings have no schedule and ignore it.
  std::string schedule;
  /// A file that mqa-tune wrote, for what `schedule` leaves open; may be empty.
  std::string scheduleCache;
  /// Which road the module takes.
  Lowering lowering = Lowering::Fused;

  /// Whether kernels are made; the reference lowerings run on the CPU.
  bool isGpu() const { return target != "cpu" && lowering == Lowering::Fused; }
};

/// Checks what can be checked without a module: target, cpu, level and the
/// form of the schedule. One line "expected X, got Y" otherwise.
llvm::Error checkOptions(const CompileOptions &options);

/// The text of the pass pipeline that `options` stand for, anchored on
/// `builtin.module`.
std::string getPipelineText(const CompileOptions &options);

/// The same, for the kernels of a GPU target alone.
std::string getKernelPipelineText(const CompileOptions &options, bool isCubin);

} // namespace mlir::mqa

#endif // MQA_COMPILER_COMPILEOPTIONS_H
