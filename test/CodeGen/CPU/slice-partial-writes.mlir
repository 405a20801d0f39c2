// Writes that bufferization would take for writes of the whole tensor.
// RUN: mqa-opt %s --mqa-slice-partial-writes | FileCheck %s
// RUN: mqa-opt %s --mqa-slice-partial-writes --one-shot-bufferize=bufferize-function-boundaries | FileCheck %s --check-prefix=BUFFER

// What is left of the tensor is copied.
// BUFFER-LABEL: func.func @inner
// BUFFER: %[[NEW:.*]] = memref.alloc()
// BUFFER: memref.copy %{{.*}}, %[[NEW]]
// BUFFER: vector.transfer_write
// CHECK-LABEL: func.func @inner
// CHECK-SAME: %[[T:.*]]: tensor<1x4x4x4xf32>, %[[X:.*]]: vector<4x4xf32>
// CHECK: %[[SLICE:.*]] = tensor.extract_slice %[[T]][0, 0, 0, 0] [1, 1, 4, 4] [1, 1, 1, 1] : tensor<1x4x4x4xf32> to tensor<4x4xf32>
// CHECK: %[[WRITTEN:.*]] = vector.transfer_write %[[X]], %[[SLICE]][%c0, %c0] {in_bounds = [true, true]} : vector<4x4xf32>, tensor<4x4xf32>
// CHECK: %[[R:.*]] = tensor.insert_slice %[[WRITTEN]] into %[[T]][0, 0, 0, 0] [1, 1, 4, 4] [1, 1, 1, 1] : tensor<4x4xf32> into tensor<1x4x4x4xf32>
// CHECK: return %[[R]], %[[T]]
func.func @inner(%t: tensor<1x4x4x4xf32>, %x: vector<4x4xf32>) -> (tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>) {
  %c0 = arith.constant 0 : index
  %0 = vector.transfer_write %x, %t[%c0, %c0, %c0, %c0] {in_bounds = [true, true]} : vector<4x4xf32>, tensor<1x4x4x4xf32>
  return %0, %t : tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>
}

// A vector longer than the last dimension writes what there is.
// CHECK-LABEL: func.func @longer
// CHECK: tensor.extract_slice %{{.*}}[0, 0] [1, 3] [1, 1] : tensor<2x3xf32> to tensor<3xf32>
// CHECK: vector.transfer_write %{{.*}}, %{{.*}}[%c0] : vector<4xf32>, tensor<3xf32>
// CHECK: tensor.insert_slice
func.func @longer(%t: tensor<2x3xf32>, %x: vector<4xf32>) -> tensor<2x3xf32> {
  %c0 = arith.constant 0 : index
  %0 = vector.transfer_write %x, %t[%c0, %c0] : vector<4xf32>, tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// The whole tensor, a vector that does not cover its first dimensions, another
// offset, a size that only the run time knows: nothing to do.
// CHECK-LABEL: func.func @stays
// CHECK-NOT: tensor.extract_slice
// CHECK-COUNT-4: vector.transfer_write
// CHECK-NOT: vector.transfer_write
func.func @stays(%a: tensor<1x4x4xf32>, %b: tensor<1x8x4xf32>, %c: tensor<1x4x4x4xf32>, %d: tensor<1x4x?x4xf32>,
                 %x: vector<4x4xf32>, %i: index)
    -> (tensor<1x4x4xf32>, tensor<1x8x4xf32>, tensor<1x4x4x4xf32>, tensor<1x4x?x4xf32>) {
  %c0 = arith.constant 0 : index
  %0 = vector.transfer_write %x, %a[%c0, %c0, %c0] {in_bounds = [true, true]} : vector<4x4xf32>, tensor<1x4x4xf32>
  %1 = vector.transfer_write %x, %b[%c0, %c0, %c0] {in_bounds = [true, true]} : vector<4x4xf32>, tensor<1x8x4xf32>
  %2 = vector.transfer_write %x, %c[%c0, %i, %c0, %c0] {in_bounds = [true, true]} : vector<4x4xf32>, tensor<1x4x4x4xf32>
  %3 = vector.transfer_write %x, %d[%c0, %c0, %c0, %c0] {in_bounds = [true, true]} : vector<4x4xf32>, tensor<1x4x?x4xf32>
  return %0, %1, %2, %3 : tensor<1x4x4xf32>, tensor<1x8x4xf32>, tensor<1x4x4x4xf32>, tensor<1x4x?x4xf32>
}
