// RUN: mqa-opt %s --mqa-lower-launches | FileCheck %s
// The stream is the last argument, the status the last result. After an error
// nothing is launched, and what was allocated is still freed.

module attributes {gpu.container_module} {
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_80">, assembly = "// text">]

  // CHECK-DAG: llvm.mlir.global internal constant @kernels_image("// text\00")
  // CHECK-DAG: llvm.mlir.global internal @kernels_k() {{.*}} : !llvm.struct<(ptr, i64, ptr, ptr)>
  // CHECK-DAG: llvm.func @mqa_cuda_launch(!llvm.ptr, i64, i64, i64, i64, i64, !llvm.ptr, !llvm.ptr) -> i32
  // CHECK-NOT: gpu.

  // CHECK-LABEL: func.func @launch(
  // CHECK-SAME: %[[N:.*]]: i64, %[[STREAM:.*]]: !llvm.ptr) -> i32
  // CHECK: %[[STATUS:.*]] = llvm.alloca {{.*}} x i32
  // CHECK: %[[OLD:.*]] = llvm.load %[[STATUS]]
  // CHECK: %[[WELL:.*]] = arith.cmpi eq, %[[OLD]]
  // CHECK: scf.if %[[WELL]] {
  // CHECK:   %[[NEW:.*]] = llvm.call @mqa_cuda_launch({{.*}}, %[[STREAM]], %{{.*}})
  // CHECK:   llvm.store %[[NEW]], %[[STATUS]]
  // CHECK: %[[LAST:.*]] = llvm.load %[[STATUS]]
  // CHECK: return %[[LAST]] : i32
  func.func @launch(%n: i64) {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    gpu.launch_func @kernels::@k blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%n : i64)
    return
  }

  // CHECK-LABEL: func.func @scratch(
  // CHECK: scf.if
  // CHECK: llvm.call @mqa_cuda_alloc
  // CHECK: llvm.call @mqa_cuda_free
  // CHECK-NEXT: llvm.load
  // CHECK-NOT: memref.alloc
  func.func @scratch(%n: index) {
    %buffer = memref.alloc(%n) : memref<?x4xf32>
    %address = memref.extract_aligned_pointer_as_index %buffer : memref<?x4xf32> -> index
    return
  }

  // CHECK-LABEL: func.func @result(
  // CHECK-SAME: -> (memref<5xf32>, i32)
  // CHECK: llvm.call @mqa_cuda_alloc
  // CHECK-NOT: llvm.call @mqa_cuda_free
  // CHECK: return
  func.func @result() -> memref<5xf32> {
    %buffer = memref.alloc() : memref<5xf32>
    return %buffer : memref<5xf32>
  }

  // CHECK-LABEL: func.func @assertion(
  // CHECK: llvm.mlir.addressof @mqa_message
  // CHECK: llvm.call @mqa_cuda_fail
  // CHECK-NOT: cf.assert
  func.func @assertion(%flag: i1) {
    cf.assert %flag, "expected truth, got none"
    return
  }
}
