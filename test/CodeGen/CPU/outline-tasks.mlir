// A task loop becomes a function and a call of mqa_parallel_for.
// RUN: mqa-opt %s --mqa-outline-tasks -split-input-file | FileCheck %s

// Captured memrefs and scalars, bounds and steps travel in a struct; constants
// are cloned. One number tells both loop variables. A second task loop gets
// another name; the declaration is shared.
// CHECK-LABEL: func.func private @f_task(
// CHECK-SAME: %[[CTX:.*]]: !llvm.ptr, %[[I:.*]]: i64) attributes {llvm.linkage = #llvm.linkage<internal>, passthrough = ["no-builtins"]}
// CHECK: llvm.getelementptr %[[CTX]][0, 0]
// CHECK: %[[FIELD:.*]] = llvm.load %{{.*}} -> !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
// CHECK: %[[A:.*]] = builtin.unrealized_conversion_cast %[[FIELD]] : {{.*}} to memref<?xf32>
// CHECK: %[[NUMBER:.*]] = arith.index_cast %[[I]] : i64 to index
// CHECK: affine.delinearize_index %[[NUMBER]] into (5, %{{.*}})
// CHECK: memref.store %{{.*}}, %[[A]]
// CHECK-NEXT: return
// CHECK-LABEL: func.func private @f_task_0(
// CHECK-LABEL: func.func @f(
// CHECK-SAME: %[[A:.*]]: memref<?xf32>, %[[N:.*]]: index
// CHECK: llvm.alloca
// CHECK: %[[STACK:.*]] = llvm.alloca %{{.*}} x !llvm.struct<
// CHECK-DAG: %[[ENTRY:.*]] = constant @f_task : (!llvm.ptr, i64) -> ()
// CHECK-DAG: %[[PTR:.*]] = builtin.unrealized_conversion_cast %[[ENTRY]]
// CHECK-NOT: scf.forall
// CHECK: call @mqa_parallel_for(%{{.*}}, %[[PTR]], %[[STACK]]) : (i64, !llvm.ptr, !llvm.ptr) -> ()
// CHECK-NOT: scf.forall
// CHECK: call @mqa_parallel_for(
// CHECK: func.func private @mqa_parallel_for(i64, !llvm.ptr, !llvm.ptr)
// CHECK-NOT: @mqa_parallel_for
func.func @f(%a: memref<?xf32>, %n: index, %x: f32) {
  %c3 = arith.constant 3 : index
  scf.forall (%i, %j) = (0, %c3) to (5, %n) step (1, 4) {
    %at = arith.addi %i, %j : index
    memref.store %x, %a[%at] : memref<?xf32>
  } {mqa.tasks}
  scf.forall (%i) in (%n) {
    memref.store %x, %a[%i] : memref<?xf32>
  } {mqa.tasks}
  return
}

// -----

// A loop that is not marked stays, and nothing is declared for it.
// CHECK-LABEL: func.func @not_marked
// CHECK: scf.forall
// CHECK-NOT: mqa_parallel_for
func.func @not_marked(%a: memref<?xf32>, %n: index, %x: f32) {
  scf.forall (%i) in (%n) {
    memref.store %x, %a[%i] : memref<?xf32>
  }
  return
}

// -----

// A declaration of the right type is used. In a loop, the struct is on the
// function's stack once.
// CHECK: func.func private @mqa_parallel_for(i64, !llvm.ptr, !llvm.ptr)
// CHECK-LABEL: func.func @declared
// CHECK: llvm.alloca
// CHECK: scf.for
// CHECK-NOT: llvm.alloca
// CHECK: call @mqa_parallel_for
// CHECK-NOT: func.func private @mqa_parallel_for
func.func private @mqa_parallel_for(i64, !llvm.ptr, !llvm.ptr)
func.func @declared(%a: memref<?xf32>, %n: index, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %k = %c0 to %n step %c1 {
    scf.forall (%i) in (%n) {
      memref.store %x, %a[%i] : memref<?xf32>
    } {mqa.tasks}
  }
  return
}
