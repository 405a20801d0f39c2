//===- CPUPipeline.h - attention to the LLVM dialect ------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_PIPELINES_CPUPIPELINE_H
#define MQA_PIPELINES_CPUPIPELINE_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::mqa {

/// Options of `mqa-to-cpu-pipeline` and of its stages. Sizes are in elements;
/// 0 lets the target decide.
struct CPUPipelineOptions : PassPipelineOptions<CPUPipelineOptions> {
  PassOptions::Option<std::string> cpu{
      *this, "cpu",
      llvm::cl::desc("CPU to compile for: host or a name that LLVM knows"),
      llvm::cl::init("host")};
  PassOptions::Option<std::string> scheduleCache{
      *this, "schedule-cache",
      llvm::cl::desc("file of schedules that mqa-tune has found"),
      llvm::cl::init("")};
  PassOptions::Option<int64_t> rowBlock{
      *this, "row-block", llvm::cl::desc("rows of a task"), llvm::cl::init(0)};
  PassOptions::Option<int64_t> rowPanel{*this, "row-panel",
                                        llvm::cl::desc("rows in vector lanes"),
                                        llvm::cl::init(0)};
  PassOptions::Option<int64_t> keyBlock{
      *this, "key-block", llvm::cl::desc("keys of a block"), llvm::cl::init(0)};
  PassOptions::Option<int64_t> keyTile{
      *this, "key-tile", llvm::cl::desc("keys of a register tile"),
      llvm::cl::init(0)};
  PassOptions::Option<int64_t> valueTile{
      *this, "value-tile", llvm::cl::desc("value columns of a register tile"),
      llvm::cl::init(0)};
  PassOptions::Option<int64_t> depthStep{
      *this, "depth-step", llvm::cl::desc("unrolled reduction steps"),
      llvm::cl::init(0)};
  PassOptions::Option<int64_t> edgeBlock{
      *this, "edge-block",
      llvm::cl::desc("keys of a block at the edge of a mask (0: key-block, "
                     "-1: the target decides)"),
      llvm::cl::init(-1)};
  PassOptions::Option<int64_t> splitKeys{
      *this, "split-keys",
      llvm::cl::desc("keys of a row that one task takes (0: all, -1: the "
                     "target decides)"),
      llvm::cl::init(-1)};
  PassOptions::Option<int64_t> laneDepth{
      *this, "lane-depth",
      llvm::cl::desc("elements of depth and value in vector lanes"),
      llvm::cl::init(0)};
};

/// What `mqa-to-cpu-pipeline` does before `mqa-select-schedule`, which sees the
/// attention that this leaves.
void buildEntryPipeline(OpPassManager &pm);

/// `mqa-to-cpu-pipeline`: a module of functions on tensors or memrefs with
/// attention ops, to the LLVM dialect. Fused: scores exist for one block of
/// rows and keys at a time.
void buildCPUPipeline(OpPassManager &pm, const CPUPipelineOptions &options);

/// `mqa-to-reference-pipeline`: the same contract, through
/// `convert-mqa-to-linalg` and loops. It is the oracle, never the product.
void buildReferencePipeline(OpPassManager &pm);

/// Registers the pipelines and their stages.
void registerPipelines();

} // namespace mlir::mqa

#endif // MQA_PIPELINES_CPUPIPELINE_H
