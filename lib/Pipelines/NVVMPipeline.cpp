//===- NVVMPipeline.cpp - attention to NVIDIA GPUs --------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Pipelines/NVVMPipeline.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/Transforms/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "mqa/CodeGen/NVVM/Passes.h"
#include "mqa/Pipelines/CPUPipeline.h"
#include "mqa/Schedule/GpuTarget.h"
#include "mqa/Schedule/Passes.h"

using namespace mlir;
using namespace mlir::mqa;

static void addCleanup(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

/// In: functions on tensors or memrefs. Out: public functions on memrefs, no
/// calls, every attention on memrefs and with a GPU schedule.
static void addBufferStage(OpPassManager &pm,
                           const NVVMPipelineOptions &options) {
  buildEntryPipeline(pm);
  // Destinations that were filled are not worth a kernel.
  addCleanup(pm);
  SelectGpuSchedulePassOptions schedule;
  schedule.chip = options.chip;
  schedule.kernel = options.kernel;
  schedule.rowBlock = options.rowBlock;
  schedule.keyBlock = options.keyBlock;
  schedule.stages = options.stages;
  schedule.splitKeys = options.splitKeys;
  pm.addPass(createSelectGpuSchedulePass(schedule));
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  bufferization::OneShotBufferizePassOptions bufferize;
  bufferize.bufferizeFunctionBoundaries = true;
  bufferize.functionBoundaryTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  pm.addPass(bufferization::createOneShotBufferizePass(bufferize));
  addCleanup(pm);
}

/// In: kernels of scalar upstream dialects. Out: kernels in the NVVM dialect.
static void addDeviceStage(OpPassManager &pm,
                           const NVVMPipelineOptions &options) {
  auto &kernels = pm.nest<gpu::GPUModuleOp>();
  addCleanup(kernels);
  // Arithmetic and math of 16-bit floats in regions is done in f32.
  kernels.addPass(math::createMathExtendToSupportedTypes());
  arith::ArithEmulateUnsupportedFloatsOptions narrow;
  narrow.sourceTypeStrs = {"bf16", "f16"};
  narrow.targetTypeStr = "f32";
  kernels.addPass(arith::createArithEmulateUnsupportedFloats(narrow));
  kernels.addPass(createLowerDeviceMathPass());
  kernels.addPass(createLowerAffinePass());
  kernels.addPass(memref::createExpandStridedMetadataPass());
  kernels.addPass(createLowerAffinePass());
  kernels.addPass(createSCFToControlFlowPass());
  kernels.addPass(createConvertGpuOpsToNVVMOps());
  kernels.addPass(createConvertIndexToLLVMPass());
  kernels.addPass(createArithToLLVMConversionPass());
  kernels.addPass(createConvertNVVMToLLVMPass());
  kernels.addPass(createReconcileUnrealizedCastsPass());
  addCleanup(kernels);
  GpuNVVMAttachTargetOptions target;
  target.chip = options.chip;
  target.optLevel = 3;
  llvm::Expected<GpuTarget> known = GpuTarget::get(options.chip);
  if (known)
    target.features = known->features;
  else // mqa-select-gpu-schedule reports it.
    llvm::consumeError(known.takeError());
  pm.addPass(createGpuNVVMAttachTarget(target));
}

/// In: kernels in the NVVM dialect. Out: their images.
static void addImageStage(OpPassManager &pm,
                          const NVVMPipelineOptions &options) {
  GpuModuleToBinaryPassOptions binary;
  binary.compilationTarget = options.format;
  pm.addPass(createGpuModuleToBinaryPass(binary));
}

/// In: launches of images. Out: the LLVM dialect.
static void addHostStage(OpPassManager &pm) {
  pm.addPass(createLowerLaunchesPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(affine::createAffineExpandIndexOpsPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  addCleanup(pm);
}

void mlir::mqa::buildKernelPipeline(OpPassManager &pm,
                                    const NVVMPipelineOptions &options) {
  addBufferStage(pm, options);
  pm.addPass(createConvertMQAToNVGPUPass());
  addDeviceStage(pm, options);
}

void mlir::mqa::buildNVVMPipeline(OpPassManager &pm,
                                  const NVVMPipelineOptions &options) {
  buildKernelPipeline(pm, options);
  addImageStage(pm, options);
  addHostStage(pm);
}

void mlir::mqa::registerNVVMPipelines() {
  using Options = NVVMPipelineOptions;
  PassPipelineRegistration<Options>("mqa-to-nvvm-pipeline",
                                    "lower attention to fused GPU kernels, and "
                                    "host code that launches them",
                                    buildNVVMPipeline);
  PassPipelineRegistration<Options>(
      "mqa-to-images-pipeline",
      "lower attention to GPU kernels as PTX or cubin, and launches",
      [](OpPassManager &pm, const Options &options) {
        buildKernelPipeline(pm, options);
        addImageStage(pm, options);
      });
  PassPipelineRegistration<Options>("mqa-to-kernels-pipeline",
                                    "lower attention to GPU kernels in the "
                                    "NVVM dialect, and launches",
                                    buildKernelPipeline);
}
