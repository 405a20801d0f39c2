// Marked loops become tasks, other foralls become loops.
// RUN: mqa-opt %s --mqa-stage-6-tasks | FileCheck %s --implicit-check-not=scf.forall

// CHECK-LABEL: func.func private @f_task(
// CHECK: memref.store
// CHECK-LABEL: func.func @f(
// CHECK: call @mqa_parallel_for
// CHECK: scf.for
// CHECK: memref.store
// CHECK: func.func private @mqa_parallel_for(i64, !llvm.ptr, !llvm.ptr)
func.func @f(%a: memref<?xf32>, %n: index, %x: f32) {
  scf.forall (%i) in (%n) {
    memref.store %x, %a[%i] : memref<?xf32>
  } {mqa.tasks}
  scf.forall (%i) in (%n) {
    memref.store %x, %a[%i] : memref<?xf32>
  }
  return
}
