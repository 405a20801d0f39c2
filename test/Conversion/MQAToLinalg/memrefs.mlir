// RUN: mqa-opt %s --convert-mqa-to-linalg | FileCheck %s

// An op on memrefs is lowered on tensors that stand for its memrefs, and its
// results are stored to its destinations.

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
#l = affine_map<(m, n, d, e) -> (m)>

// CHECK-LABEL: func @strided
// CHECK-SAME: %[[Q:[^:]*]]: memref<5x8xf32, strided<[?, 1]>>, %[[KV:[^:]*]]: memref<11x8xf32>, %[[O:[^:]*]]: memref<5x8xf32>, %[[L:[^:]*]]: memref<5xf32>
// CHECK-DAG: %[[TQ:.*]] = bufferization.to_tensor %[[Q]] restrict : memref<5x8xf32, strided<[?, 1]>> to tensor<5x8xf32>
// CHECK-DAG: %[[TKV:.*]] = bufferization.to_tensor %[[KV]] restrict : memref<11x8xf32>
// CHECK-DAG: %[[TO:.*]] = bufferization.to_tensor %[[O]] restrict writable
// CHECK-DAG: %[[TL:.*]] = bufferization.to_tensor %[[L]] restrict writable
// CHECK: linalg.generic {{.*}} ins(%[[TKV]], %[[TQ]] : {{.*}} {mqa.role = "scores"}
// CHECK: linalg.generic {{.*}} ins(%[[TKV]], %{{.*}} : {{.*}} {mqa.role = "output"}
// CHECK: %[[RO:.*]] = linalg.generic {{.*}} outs(%[[TO]] : {{.*}} {mqa.role = "quotient"}
// CHECK: %[[RL:.*]] = linalg.generic {{.*}} outs(%[[TL]] : {{.*}} {mqa.role = "log_sum_exp"}
// CHECK: bufferization.materialize_in_destination %[[RO]] in restrict writable %[[O]]
// CHECK: bufferization.materialize_in_destination %[[RL]] in restrict writable %[[L]]
// CHECK-NOT: mqa.attention
func.func @strided(%q: memref<5x8xf32, strided<[?, 1]>>, %kv: memref<11x8xf32>, %o: memref<5x8xf32>, %l: memref<5xf32>) {
  mqa.attention {indexing_maps = [#q, #k, #v, #o, #l]}
    ins(%q, %kv, %kv : memref<5x8xf32, strided<[?, 1]>>, memref<11x8xf32>, memref<11x8xf32>)
    outs(%o, %l : memref<5x8xf32>, memref<5xf32>)
  return
}
