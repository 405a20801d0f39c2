//===- NVVMPipeline.h - attention to NVIDIA GPUs ----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_PIPELINES_NVVMPIPELINE_H
#define MQA_PIPELINES_NVVMPIPELINE_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::mqa {

/// Options of `mqa-to-nvvm-pipeline` and of its stages. Sizes are in elements;
/// 0 lets the chip decide.
struct NVVMPipelineOptions : PassPipelineOptions<NVVMPipelineOptions> {
  PassOptions::Option<std::string> chip{
      *this, "chip", llvm::cl::desc("GPU to compile for: sm_80 and later"),
      llvm::cl::init("sm_80")};
  PassOptions::Option<std::string> format{
      *this, "format",
      llvm::cl::desc("what the host code holds: isa (PTX) or bin (a cubin, "
                     "which needs ptxas)"),
      llvm::cl::init("isa")};
  PassOptions::Option<std::string> kernel{
      *this, "kernel",
      llvm::cl::desc("mma or wgmma (sm_90a alone; empty: the schedule "
                     "decides)"),
      llvm::cl::init("")};
  PassOptions::Option<int64_t> rowBlock{
      *this, "row-block", llvm::cl::desc("rows of a thread block"),
      llvm::cl::init(0)};
  PassOptions::Option<int64_t> keyBlock{
      *this, "key-block", llvm::cl::desc("keys of a block"), llvm::cl::init(0)};
  PassOptions::Option<int64_t> stages{*this, "stages",
                                      llvm::cl::desc("blocks in shared memory"),
                                      llvm::cl::init(0)};
  PassOptions::Option<int64_t> splitKeys{
      *this, "split-keys",
      llvm::cl::desc("keys of a row that one thread block takes (0: all, -1: "
                     "the schedule decides)"),
      llvm::cl::init(-1)};
};

/// `mqa-to-nvvm-pipeline`: a module of functions on tensors or memrefs with
/// attention ops, to host code in the LLVM dialect that holds the kernels as
/// PTX or cubin and launches them on buffers in device memory.
void buildNVVMPipeline(OpPassManager &pm, const NVVMPipelineOptions &options);

/// The part of it that ends with kernels in the NVVM dialect, in gpu.module,
/// and launches.
void buildKernelPipeline(OpPassManager &pm, const NVVMPipelineOptions &options);

/// Registers the pipeline and its stages.
void registerNVVMPipelines();

} // namespace mlir::mqa

#endif // MQA_PIPELINES_NVVMPIPELINE_H
