// RUN: mqa-opt %s --mqa-lower-device-math | FileCheck %s
// Functions of the special function unit, intrinsics, polynomials; nothing that
// would call a device library.

gpu.module @kernels {
  // CHECK-LABEL: llvm.func @special
  // CHECK: %[[LOG2E:.*]] = arith.constant 1.44269502 : f32
  // CHECK: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f"
  // CHECK: arith.mulf %{{.*}}, %[[LOG2E]]
  // CHECK: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f"
  // CHECK: llvm.call_intrinsic "llvm.nvvm.lg2.approx.ftz.f"
  // CHECK: llvm.call_intrinsic "llvm.nvvm.rsqrt.approx.ftz.f"
  llvm.func @special(%x: f32) -> f32 {
    %a = math.exp2 %x : f32
    %b = math.exp %a : f32
    %c = math.log %b : f32
    %d = math.rsqrt %c : f32
    llvm.return %d : f32
  }
  // CHECK-LABEL: llvm.func @intrinsics
  // CHECK: llvm.call_intrinsic "llvm.fabs"
  // CHECK: llvm.call_intrinsic "llvm.fma"
  // CHECK: llvm.call_intrinsic "llvm.maxnum"
  // CHECK: llvm.call_intrinsic "llvm.floor"
  llvm.func @intrinsics(%x: f32, %y: f32) -> f32 {
    %a = math.absf %x : f32
    %b = math.fma %a, %y, %x : f32
    %c = arith.maxnumf %b, %y : f32
    %d = math.floor %c : f32
    llvm.return %d : f32
  }
  // CHECK-LABEL: llvm.func @polynomial
  // CHECK-NOT: math.
  // CHECK: llvm.call_intrinsic "llvm.fma"
  // CHECK-NOT: math.
  // CHECK: llvm.return
  llvm.func @polynomial(%x: f32) -> f32 {
    %a = math.tanh %x : f32
    %b = math.erf %a : f32
    llvm.return %b : f32
  }
}
