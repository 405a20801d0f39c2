// Static scratch of a task goes to the start of the task.
// RUN: mqa-opt %s --mqa-place-scratch | FileCheck %s

// CHECK-LABEL: func.func @task
// CHECK-NOT: alloca
// CHECK: scf.forall
// CHECK-NEXT: %[[S:.*]] = memref.alloca() {alignment = 64 : i64} : memref<8x16xf32>
// CHECK-NEXT: scf.for
// CHECK-NOT: memref.alloc
// CHECK: memref.store %{{.*}}, %[[S]]
// CHECK-NOT: memref.dealloc
func.func @task(%n: index, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%i) in (%n) {
    scf.for %k = %c0 to %n step %c1 {
      %s = memref.alloc() : memref<8x16xf32>
      memref.store %x, %s[%c0, %c1] : memref<8x16xf32>
      memref.dealloc %s : memref<8x16xf32>
    }
  } {mqa.tasks}
  return
}

// A task that lost its loop: the function's stack, if it is not much.
// CHECK-LABEL: func.func @single_task
// CHECK-NEXT: memref.alloca() {alignment = 64 : i64} : memref<64x512xf32>
// CHECK: memref.alloc() : memref<64x513xf32>
func.func @single_task(%x: f32) {
  %c0 = arith.constant 0 : index
  %s = memref.alloc() : memref<64x512xf32>
  memref.store %x, %s[%c0, %c0] : memref<64x512xf32>
  %t = memref.alloc() : memref<64x513xf32>
  memref.store %x, %t[%c0, %c0] : memref<64x513xf32>
  return
}

// The stack of a task is bounded: what does not fit is allocated, once per task.
// CHECK-LABEL: func.func @large_task
// CHECK: scf.forall
// CHECK-NOT: scf.for
// CHECK-DAG: memref.alloc() {alignment = 64 : i64} : memref<1024x257xf32>
// CHECK-DAG: memref.alloca() {alignment = 64 : i64} : memref<8xf32>
// CHECK: scf.for
// CHECK-NOT: memref.alloc
func.func @large_task(%n: index, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%i) in (%n) {
    scf.for %k = %c0 to %n step %c1 {
      %s = memref.alloc() : memref<1024x257xf32>
      memref.store %x, %s[%c0, %c1] : memref<1024x257xf32>
      %t = memref.alloc() : memref<8xf32>
      memref.store %x, %t[%c0] : memref<8xf32>
    }
  } {mqa.tasks}
  return
}

// Not moved: dynamic sizes, a layout, what a loop carries, what is returned or
// passed on, also through a view.
// CHECK-LABEL: func.func @stay
// CHECK-NOT: alloca
func.func @stay(%n: index) -> memref<5xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%i) in (%n) {
    %d = memref.alloc(%n) : memref<?xf32>
    %l = memref.alloc() : memref<5xf32, strided<[2]>>
    %a = memref.alloc() : memref<5xf32>
    %r = scf.for %k = %c0 to %n step %c1 iter_args(%x = %a) -> (memref<5xf32>) {
      %b = memref.alloc() : memref<5xf32>
      scf.yield %b : memref<5xf32>
    }
    %e = memref.alloc() : memref<5x1xf32>
    %v = memref.collapse_shape %e [[0, 1]] : memref<5x1xf32> into memref<5xf32>
    func.call @keep(%v) : (memref<5xf32>) -> ()
  } {mqa.tasks}
  %f = memref.alloc() : memref<5xf32>
  return %f : memref<5xf32>
}
func.func private @keep(memref<5xf32>)
