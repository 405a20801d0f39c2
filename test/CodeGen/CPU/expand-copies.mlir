// RUN: mqa-opt %s --mqa-expand-copies | FileCheck %s

// CHECK-LABEL: func.func @strided
// CHECK-SAME: %[[A:.*]]: memref<8x4xf32, strided<[16, 1]>>, %[[B:.*]]: memref<8x4xf32>
// CHECK-NOT: memref.copy
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]} ins(%[[A]] : {{.*}}) outs(%[[B]] : memref<8x4xf32>)
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT: linalg.yield %[[X]]
func.func @strided(%a: memref<8x4xf32, strided<[16, 1]>>, %b: memref<8x4xf32>) {
  memref.copy %a, %b : memref<8x4xf32, strided<[16, 1]>> to memref<8x4xf32>
  return
}

// In a nested region, with dynamic sizes.
// CHECK-LABEL: func.func @nested
// CHECK: scf.for
// CHECK-NEXT: linalg.generic
// CHECK-NOT: memref.copy
func.func @nested(%a: memref<?xi8>, %b: memref<?xi8>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    memref.copy %a, %b : memref<?xi8> to memref<?xi8>
  }
  return
}

// Unranked memrefs have no loops.
// CHECK-LABEL: func.func @unranked
// CHECK-NEXT: memref.copy
func.func @unranked(%a: memref<*xf32>, %b: memref<*xf32>) {
  memref.copy %a, %b : memref<*xf32> to memref<*xf32>
  return
}
