//===- Passes.td - passes of the GPU code generator --------*- tablegen -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_CODEGEN_NVVM_PASSES_TD
#define MQA_CODEGEN_NVVM_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertMQAToNVGPUPass : Pass<"convert-mqa-to-nvgpu", "::mlir::ModuleOp"> {
  let summary = "Emit fused GPU kernels of attention ops, and their launches";
  let description = [{
    Replaces every `mqa.attention` on memrefs by the launch of a kernel that
    computes it in one go: scores exist for one block of rows and keys at a time.
    The mask analysis decides which blocks of keys a thread block visits; mask
    and score regions are inlined on register fragments. When the schedule
    splits the keys, a second kernel combines the splits.

    Before:

    ```mlir
    mqa.attention {indexing_maps = [...], mqa.gpu_schedule = #mqa.gpu_schedule<...>}
      ins(%q, %k, %v : memref<32x64xf16>, memref<?x64xf16>, memref<?x64xf16>)
      outs(%o : memref<32x64xf16>)
    ```

    After:

    ```mlir
    gpu.launch_func @kernels::@f_kernel blocks in (%n, %c1, %c1)
      threads in (%c128, %c1, %c1) dynamic_shared_memory_size %bytes args(...)
    ...
    gpu.module @kernels {
      llvm.func @f_kernel(...) attributes {nvvm.kernel, ...}
    }
    ```

    Requires: bufferized attention with `mqa.gpu_schedule`; f16 or bf16 queries,
    keys and values; one depth, one value and one key dimension. Guarantees: no
    attention is left, and nothing else reads or writes buffers: that would run
    on the host. Run `mqa-lower-device-math` and the lowering of the kernels to
    NVVM next.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
    "::mlir::cf::ControlFlowDialect", "::mlir::gpu::GPUDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect",
    "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect"];
}

def LowerDeviceMathPass : Pass<"mqa-lower-device-math", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Lower math ops of kernels without a device library";
  let description = [{
    Rewrites the `math` ops that score and mask regions bring into kernels:
    `exp`, `exp2`, `log`, `log2` and `rsqrt` in f32 become instructions of the
    special function unit, what the hardware or LLVM can do becomes intrinsics,
    and the rest the polynomials of the math dialect. An op for which there is
    nothing is an error.

    Before:

    ```mlir
    %y = math.exp2 %x : f32
    ```

    After:

    ```mlir
    %y = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f"(%x) : (f32) -> f32
    ```

    Requires: kernels of `convert-mqa-to-nvgpu`; 16-bit arithmetic already
    widened. Guarantees: no math op is left. Run the lowering to NVVM next.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
    "::mlir::vector::VectorDialect"];
}

def LowerLaunchesPass : Pass<"mqa-lower-launches", "::mlir::ModuleOp"> {
  let summary = "Lower kernel launches to calls of the CUDA runtime";
  let description = [{
    Gives every public function a last argument, the stream of the caller, and a
    last result, 0 or the error of the first launch that failed. Launches become
    calls of `mqa_cuda_launch` with the image of the kernel, which the runtime
    loads when it is first needed; buffers that the function allocates are
    device memory from `mqa_cuda_alloc`, ordered by the stream; a failed
    `cf.assert` becomes an error with its message. After an error nothing more
    is launched.

    Before:

    ```mlir
    func.func @f(%q: memref<8x64xf16>, ...) {
      gpu.launch_func @kernels::@f_kernel blocks in (...) threads in (...) args(...)
      return
    }
    gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_80">, assembly = "...">]
    ```

    After:

    ```mlir
    func.func @f(%q: memref<8x64xf16>, ..., %stream: !llvm.ptr) -> i32 {
      %status = llvm.call @mqa_cuda_launch(%kernel, ...)
      ...
    }
    ```

    Requires: kernels as `gpu.binary` (`gpu-module-to-binary`). Guarantees: no op
    of the gpu dialect is left. Run the lowering of the host code to LLVM next.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect"];
}

#endif // MQA_CODEGEN_NVVM_PASSES_TD
