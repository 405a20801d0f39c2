// Short rows that lie one after the other are one transfer.
// RUN: mqa-opt %s --mqa-flatten-transfers | FileCheck %s
// RUN: not mqa-opt %s --mqa-flatten-transfers=bits=0 2>&1 | FileCheck %s --check-prefix=BAD

// BAD: expected bits of at least 1, got 0

// CHECK-LABEL: func.func @read
// CHECK-SAME: %[[A:.*]]: memref<4x8x2xf32>
// CHECK: %[[FLAT:.*]] = memref.collapse_shape %[[A]] {{.*}} into memref<4x16xf32>
// CHECK: %[[R:.*]] = vector.transfer_read %[[FLAT]][%{{.*}}, %c0]{{.*}} vector<16xf32>
// CHECK: return %[[R]] : vector<16xf32>
func.func @read(%a: memref<4x8x2xf32>, %i: index) -> vector<16xf32> {
  %c0 = arith.constant 0 : index
  %p = arith.constant 0.0 : f32
  %0 = vector.transfer_read %a[%i, %c0, %c0], %p {in_bounds = [true, true]} : memref<4x8x2xf32>, vector<8x2xf32>
  %1 = vector.shape_cast %0 : vector<8x2xf32> to vector<16xf32>
  return %1 : vector<16xf32>
}

// CHECK-LABEL: func.func @write
// CHECK: vector.transfer_write %{{.*}}, %{{.*}} : vector<16xf32>, memref<4x16xf32>
func.func @write(%a: memref<4x4x4xf32>, %i: index, %x: vector<16xf32>) {
  %c0 = arith.constant 0 : index
  %0 = vector.shape_cast %x : vector<16xf32> to vector<4x4xf32>
  vector.transfer_write %0, %a[%i, %c0, %c0] {in_bounds = [true, true]} : vector<4x4xf32>, memref<4x4x4xf32>
  return
}

// Rows of whole vectors, and rows with something between them, stay.
// CHECK-LABEL: func.func @stays
// CHECK-NOT: collapse_shape
// CHECK: vector<4x16xf32>
// CHECK: vector<4x2xf32>
func.func @stays(%a: memref<4x16xf32>, %b: memref<4x8xf32>) -> (vector<4x16xf32>, vector<4x2xf32>) {
  %c0 = arith.constant 0 : index
  %p = arith.constant 0.0 : f32
  %0 = vector.transfer_read %a[%c0, %c0], %p {in_bounds = [true, true]} : memref<4x16xf32>, vector<4x16xf32>
  %1 = vector.transfer_read %b[%c0, %c0], %p {in_bounds = [true, true]} : memref<4x8xf32>, vector<4x2xf32>
  return %0, %1 : vector<4x16xf32>, vector<4x2xf32>
}
