// Public functions get the calling convention of memrefs.
// RUN: mqa-opt %s --mqa-prepare-entries | FileCheck %s

// A result that is tied to an argument is written there and dropped; only that
// argument is writable.
// CHECK-LABEL: func.func @destination(
// CHECK-SAME: %[[A:.*]]: memref<5x?xf32>, %[[B:.*]]: memref<5x?xf32>) attributes {llvm.emit_c_interface}
// CHECK: %[[AT:.*]] = bufferization.to_tensor %[[A]] restrict : memref<5x?xf32> to tensor<5x?xf32>
// CHECK: %[[BT:.*]] = bufferization.to_tensor %[[B]] restrict writable :
// CHECK: %[[C:.*]] = linalg.copy ins(%[[AT]] : tensor<5x?xf32>) outs(%[[BT]] : tensor<5x?xf32>)
// CHECK: bufferization.materialize_in_destination %[[C]] in writable %[[B]]
// CHECK-NEXT: return{{$}}
func.func @destination(%a: tensor<5x?xf32>, %b: tensor<5x?xf32>) -> tensor<5x?xf32> {
  %c = linalg.copy ins(%a : tensor<5x?xf32>) outs(%b : tensor<5x?xf32>) -> tensor<5x?xf32>
  return %c : tensor<5x?xf32>
}

// Through loops and several ops too; scalars pass and stay results.
// CHECK-LABEL: func.func @through_a_loop(
// CHECK-SAME: %[[A:.*]]: memref<5xf32>, %[[N:.*]]: index) -> index attributes
// CHECK: bufferization.materialize_in_destination %{{.*}} in writable %[[A]]
// CHECK-NEXT: return %[[N]] : index
func.func @through_a_loop(%a: tensor<5xf32>, %n: index) -> (tensor<5xf32>, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %a) -> (tensor<5xf32>) {
    %f = linalg.fill ins(%zero : f32) outs(%x : tensor<5xf32>) -> tensor<5xf32>
    scf.yield %f : tensor<5xf32>
  }
  return %r, %n : tensor<5xf32>, index
}

// A result without a destination, or whose destination another result has, or
// that is an argument as it came, is a fresh buffer of its size.
// CHECK-LABEL: func.func @fresh(
// CHECK-SAME: %[[A:.*]]: memref<?xf32>, %{{.*}}: index) -> (memref<?xf32>, memref<?xf32>, memref<?xf32>)
// CHECK: bufferization.materialize_in_destination %{{.*}} in writable %[[A]]
// CHECK-COUNT-3: memref.alloc(%{{.*}}) : memref<?xf32>
// CHECK: return %{{.*}}, %{{.*}}, %{{.*}} : memref<?xf32>, memref<?xf32>, memref<?xf32>
func.func @fresh(%a: tensor<?xf32>, %n: index) -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %e = tensor.empty(%n) : tensor<?xf32>
  %f = linalg.fill ins(%zero : f32) outs(%a : tensor<?xf32>) -> tensor<?xf32>
  %g = linalg.fill ins(%one : f32) outs(%a : tensor<?xf32>) -> tensor<?xf32>
  %h = linalg.fill ins(%one : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %f, %g, %h, %a : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
}

// Attention on memrefs is brought to tensors, with its regions.
// CHECK-LABEL: func.func @memrefs(
// CHECK-SAME: %[[Q:.*]]: memref<5x8xf32>, %[[K:.*]]: memref<7x8xf32, strided<[9, 1]>>, %{{.*}}, %[[O:.*]]: memref<5x4xf32>) attributes {llvm.emit_c_interface}
// CHECK: bufferization.to_tensor %[[K]] restrict : memref<7x8xf32, strided<[9, 1]>> to tensor<7x8xf32>
// CHECK: bufferization.to_tensor %[[O]] restrict writable
// CHECK: %[[R:.*]] = mqa.attention {{.*}} scale = 5.000000e-01 : f32} ins({{.*}} tensor<7x8xf32>, tensor<7x4xf32>)
// CHECK-SAME: mask {
// CHECK: bufferization.materialize_in_destination %[[R]] in writable %[[O]]
func.func @memrefs(%q: memref<5x8xf32>, %k: memref<7x8xf32, strided<[9, 1]>>, %v: memref<7x4xf32>, %o: memref<5x4xf32>) {
  mqa.attention {indexing_maps = [affine_map<(m, n, d, e) -> (m, d)>, affine_map<(m, n, d, e) -> (n, d)>,
                                  affine_map<(m, n, d, e) -> (n, e)>, affine_map<(m, n, d, e) -> (m, e)>], scale = 0.5 : f32}
    ins(%q, %k, %v : memref<5x8xf32>, memref<7x8xf32, strided<[9, 1]>>, memref<7x4xf32>)
    outs(%o : memref<5x4xf32>)
    mask {
    ^bb0(%m: index, %n: index):
      %keep = arith.cmpi ule, %n, %m : index
      mqa.yield %keep : i1
    }
  return
}

// Private functions and declarations keep their types.
// CHECK: func.func private @declared(tensor<5xf32>)
// CHECK: func.func private @helper(%{{.*}}: tensor<5xf32>) -> tensor<5xf32> {
func.func private @declared(tensor<5xf32>)
func.func private @helper(%a: tensor<5xf32>) -> tensor<5xf32> {
  return %a : tensor<5xf32>
}

// Calls of a public function go to a private copy; destinations are followed
// through calls.
// CHECK-LABEL: func.func @called(
// CHECK-SAME: memref<5xf32>, %{{.*}}: memref<5xf32>) attributes
// CHECK: func.func private @called_0(%{{.*}}: tensor<5xf32>, %{{.*}}: tensor<5xf32>) -> tensor<5xf32> {
// CHECK-LABEL: func.func @caller(
// CHECK-SAME: memref<5xf32>, %[[INIT:.*]]: memref<5xf32>) attributes
// CHECK: %[[R:.*]] = call @called_0(
// CHECK: bufferization.materialize_in_destination %[[R]] in writable %[[INIT]]
func.func @called(%a: tensor<5xf32>, %init: tensor<5xf32>) -> tensor<5xf32> {
  %b = linalg.copy ins(%a : tensor<5xf32>) outs(%init : tensor<5xf32>) -> tensor<5xf32>
  return %b : tensor<5xf32>
}
func.func @caller(%a: tensor<5xf32>, %init: tensor<5xf32>) -> tensor<5xf32> {
  %b = call @called(%a, %init) : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
  return %b : tensor<5xf32>
}
