// Tensors become memrefs: the destination is written in place, scratch lies on
// the stack of its task and no loop over keys allocates.
// RUN: mqa-opt %s --mqa-stage-5-buffer | FileCheck %s --implicit-check-not=tensor --implicit-check-not=bufferization. \
// RUN:   --implicit-check-not=memref.copy --implicit-check-not=memref.alloc()

// CHECK-LABEL: func.func @task
// CHECK-SAME: %[[A:.*]]: memref<5x16xf32>, %[[B:.*]]: memref<5x16xf32>
// CHECK: scf.forall (%[[I:.*]]) in (5)
// CHECK-NEXT: %[[S:.*]] = memref.alloca() {alignment = 64 : i64} : memref<4x16xf32>
// CHECK: scf.for %[[N:.*]] =
// CHECK: vector.transfer_write %{{.*}}, %[[S]][%[[N]], %c0]
// CHECK: vector.transfer_read %[[S]]
// CHECK: %[[PART:.*]] = memref.subview %[[B]][%[[I]], 0] [1, 16]
// CHECK: vector.transfer_write %{{.*}}, %[[PART]]
// CHECK: mqa.tasks
func.func @task(%a: memref<5x16xf32>, %b: memref<5x16xf32>) attributes {llvm.emit_c_interface} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %pad = ub.poison : f32
  %at = bufferization.to_tensor %a restrict : memref<5x16xf32> to tensor<5x16xf32>
  %bt = bufferization.to_tensor %b restrict writable : memref<5x16xf32> to tensor<5x16xf32>
  %o = scf.forall (%i) in (5) shared_outs(%out = %bt) -> (tensor<5x16xf32>) {
    %x = vector.transfer_read %at[%i, %c0], %pad {in_bounds = [true]} : tensor<5x16xf32>, vector<16xf32>
    %e = tensor.empty() : tensor<4x16xf32>
    %s = scf.for %n = %c0 to %c4 step %c1 iter_args(%t = %e) -> (tensor<4x16xf32>) {
      %w = vector.transfer_write %x, %t[%n, %c0] {in_bounds = [true]} : vector<16xf32>, tensor<4x16xf32>
      scf.yield %w : tensor<4x16xf32>
    }
    %y = vector.transfer_read %s[%c1, %c0], %pad {in_bounds = [true]} : tensor<4x16xf32>, vector<16xf32>
    %part = tensor.extract_slice %out[%i, 0] [1, 16] [1, 1] : tensor<5x16xf32> to tensor<1x16xf32>
    %z = vector.transfer_write %y, %part[%c0, %c0] {in_bounds = [true]} : vector<16xf32>, tensor<1x16xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %z into %out[%i, 0] [1, 16] [1, 1] : tensor<1x16xf32> into tensor<5x16xf32>
    }
  } {mqa.tasks}
  bufferization.materialize_in_destination %o in writable %b : (tensor<5x16xf32>, memref<5x16xf32>) -> ()
  return
}
