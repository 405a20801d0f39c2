//===- CPUPipeline.cpp - attention to the LLVM dialect ----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Pipelines/CPUPipeline.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/Transforms/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Dialect/Vector/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "mqa/CodeGen/CPU/Passes.h"
#include "mqa/Conversion/MQAToLinalg/Passes.h"
#include "mqa/Dialect/MQA/Transforms/Passes.h"
#include "mqa/Schedule/Passes.h"
#include "mqa/Schedule/TargetDescription.h"

using namespace mlir;
using namespace mlir::mqa;

static void addCleanup(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

/// The description of `cpu`; an unknown one is reported by mqa-select-schedule.
static TargetDescription getTarget(StringRef cpu) {
  llvm::Expected<TargetDescription> target = TargetDescription::get(cpu);
  if (target)
    return *target;
  llvm::consumeError(target.takeError());
  return {};
}

void mlir::mqa::buildEntryPipeline(OpPassManager &pm) {
  // Entries first: what a result is written into is read off the program as it
  // was written, by the runner and the C header too.
  pm.addPass(createPrepareEntriesPass());
  pm.addPass(createInlinerPass());
  pm.addPass(createSymbolDCEPass());
}

/// In: functions on tensors or memrefs. Out: public functions on memrefs, no
/// calls, every attention on tensors and with a schedule.
static void addScheduleStage(OpPassManager &pm,
                             const CPUPipelineOptions &options) {
  buildEntryPipeline(pm);
  SelectSchedulePassOptions schedule;
  schedule.cpu = options.cpu;
  schedule.scheduleCache = options.scheduleCache;
  schedule.rowBlock = options.rowBlock;
  schedule.rowPanel = options.rowPanel;
  schedule.keyBlock = options.keyBlock;
  schedule.keyTile = options.keyTile;
  schedule.valueTile = options.valueTile;
  schedule.depthStep = options.depthStep;
  schedule.edgeBlock = options.edgeBlock;
  schedule.splitKeys = options.splitKeys;
  schedule.laneDepth = options.laneDepth;
  pm.addPass(createSelectSchedulePass(schedule));
}

/// In: scheduled attention on tensors. Out: online attention on static tiles
/// in task loops and loops over keys.
static void addStateStage(OpPassManager &pm) {
  pm.addPass(createConvertToOnlinePass());
  pm.addNestedPass<func::FuncOp>(createTilePass());
  addCleanup(pm);
}

/// In: online attention on static tiles. Out: linalg on register tiles.
static void addLinalgStage(OpPassManager &pm,
                           const CPUPipelineOptions &options) {
  TargetDescription target = getTarget(options.cpu);
  MicroTilePassOptions microTile;
  microTile.lanes = target.lanes;
  microTile.registers = target.registers;
  pm.addNestedPass<func::FuncOp>(createDecomposePass());
  pm.addNestedPass<func::FuncOp>(createMicroTilePass(microTile));
  // No canonicalizer here: it would turn elementwise copies, which vectorize,
  // into slices, which bufferize to copies.
  pm.addPass(createCSEPass());
}

/// In: linalg on register tiles. Out: vector.
static void addVectorStage(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(createVectorizePass());
  addCleanup(pm);
}

/// In: tensors. Out: memrefs, with the scratch of tasks on their stack.
static void addBufferStage(OpPassManager &pm) {
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  pm.addNestedPass<func::FuncOp>(createSlicePartialWritesPass());
  bufferization::OneShotBufferizePassOptions options;
  options.bufferizeFunctionBoundaries = true;
  options.functionBoundaryTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  pm.addPass(bufferization::createOneShotBufferizePass(options));
  addCleanup(pm);
  pm.addNestedPass<func::FuncOp>(createPlaceScratchPass());
  bufferization::BufferDeallocationPipelineOptions deallocation;
  bufferization::buildBufferDeallocationPipeline(pm, deallocation);
  // Not fold-memref-alias-ops: upstream's reads along the wrong dimension when
  // it folds an expanded slice into a vector read.
  addCleanup(pm);
}

/// In: task loops on memrefs. Out: task functions run by mqa_parallel_for.
static void addTaskStage(OpPassManager &pm) {
  // While the tasks still see the buffers that they capture.
  pm.addNestedPass<func::FuncOp>(createPrefetchPass());
  pm.addPass(createOutlineTasksPass());
  pm.addPass(createForallToForLoopPass());
  addCleanup(pm);
}

/// In: upstream dialects on memrefs and vectors. Out: the LLVM dialect.
static void addLLVMStage(OpPassManager &pm, StringRef cpu) {
  TargetDescription target = getTarget(cpu);
  // While transfers still have several dimensions.
  pm.addNestedPass<func::FuncOp>(createFlattenTransfersPass());
  VectorTransferToSCFOptions vectorToSCF;
  vectorToSCF.enableFullUnroll();
  pm.addPass(createConvertVectorToSCFPass(vectorToSCF));
  pm.addNestedPass<func::FuncOp>(createExpandCopiesPass());
  pm.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());
  // Arithmetic and math of 16-bit floats in regions is done in f32.
  pm.addPass(math::createMathExtendToSupportedTypes());
  arith::ArithEmulateUnsupportedFloatsOptions narrow;
  narrow.sourceTypeStrs = {"bf16", "f16"};
  narrow.targetTypeStr = "f32";
  pm.addPass(arith::createArithEmulateUnsupportedFloats(narrow));
  ExpandMathPassOptions math;
  math.avx512 = target.hasAVX512;
  math.fma = target.hasFma;
  pm.addNestedPass<func::FuncOp>(createExpandMathPass(math));
  addCleanup(pm);
  pm.addPass(createLoopInvariantCodeMotionPass());
  pm.addPass(affine::createAffineExpandIndexOpsPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  ConvertVectorToLLVMPassOptions vectorToLLVM;
  vectorToLLVM.vectorContractLowering =
      vector::VectorContractLowering::OuterProduct;
  vectorToLLVM.vectorTransposeLowering =
      vector::VectorTransposeLowering::Shuffle1D;
  vectorToLLVM.reassociateFPReductions = true;
  pm.addPass(createConvertVectorToLLVMPass(vectorToLLVM));
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  addCleanup(pm);
}

void mlir::mqa::buildCPUPipeline(OpPassManager &pm,
                                 const CPUPipelineOptions &options) {
  addScheduleStage(pm, options);
  addStateStage(pm);
  addLinalgStage(pm, options);
  addVectorStage(pm);
  addBufferStage(pm);
  addTaskStage(pm);
  addLLVMStage(pm, options.cpu);
}

void mlir::mqa::buildReferencePipeline(OpPassManager &pm) {
  buildEntryPipeline(pm);
  pm.addPass(createConvertMQAToLinalgPass());
  addBufferStage(pm);
  addLLVMStage(pm, "host");
}

void mlir::mqa::registerPipelines() {
  using Options = CPUPipelineOptions;
  PassPipelineRegistration<Options>("mqa-to-cpu-pipeline",
                                    "lower attention to fused, threaded CPU "
                                    "code in the LLVM dialect",
                                    buildCPUPipeline);
  PassPipelineRegistration<>("mqa-to-reference-pipeline",
                             "lower attention to plain loops in the LLVM "
                             "dialect: the oracle",
                             buildReferencePipeline);
  PassPipelineRegistration<Options>(
      "mqa-stage-1-schedule", "entries on memrefs, attention with schedules",
      addScheduleStage);
  PassPipelineRegistration<>("mqa-stage-2-state",
                             "online attention on static tiles", addStateStage);
  PassPipelineRegistration<Options>("mqa-stage-3-linalg",
                                    "linalg on register tiles", addLinalgStage);
  PassPipelineRegistration<>("mqa-stage-4-vector", "vectors", addVectorStage);
  PassPipelineRegistration<>("mqa-stage-5-buffer", "tensors to memrefs",
                             addBufferStage);
  PassPipelineRegistration<>("mqa-stage-6-tasks",
                             "task functions run by mqa_parallel_for",
                             addTaskStage);
  PassPipelineRegistration<Options>(
      "mqa-stage-7-llvm", "the LLVM dialect",
      [](OpPassManager &pm, const Options &options) {
        addLLVMStage(pm, options.cpu);
      });
}
