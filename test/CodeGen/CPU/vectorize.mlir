// Register tiles become vectors; accumulators are carried as vectors.
// RUN: mqa-opt %s --mqa-vectorize --canonicalize | FileCheck %s

#k = affine_map<(p, n, x, d) -> (n, d)>
#q = affine_map<(p, n, x, d) -> (p, d, x)>
#s = affine_map<(p, n, x, d) -> (p, n, x)>
#id = affine_map<(p, n, x) -> (p, n, x)>
#px = affine_map<(p, n, x) -> (p, x)>

// CHECK-LABEL: func.func @product
// CHECK-SAME: %[[K:.*]]: tensor<4x32xf32>, %[[Q:.*]]: tensor<1x32x16xf32>
// CHECK-NOT: linalg.
// CHECK: %[[ACC:.*]] = scf.for %[[D:.*]] = %c0 to %c32 step %c8 iter_args(%[[C:.*]] = %{{.*}}) -> (vector<4x16xf32>)
// CHECK-DAG: %[[A:.*]] = vector.transfer_read %[[K]][%c0, %[[D]]]{{.*}} vector<4x8xf32>
// CHECK-DAG: %[[B:.*]] = vector.transfer_read %[[Q]][%c0, %[[D]], %c0]{{.*}} vector<8x16xf32>
// CHECK: %[[R:.*]] = vector.contract {{.*}} %[[A]], %[[B]], %[[C]] : vector<4x8xf32>, vector<8x16xf32> into vector<4x16xf32>
// CHECK-NEXT: scf.yield %[[R]] : vector<4x16xf32>
// CHECK: vector.transfer_write %[[ACC]]
func.func @product(%k: tensor<4x32xf32>, %q: tensor<1x32x16xf32>, %o: tensor<1x4x16xf32>) -> tensor<1x4x16xf32> {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  %zero = arith.constant 0.0 : f32
  %z = linalg.fill {mqa.role = "zero_scores"} ins(%zero : f32) outs(%o : tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
  %r = scf.for %d = %c0 to %c32 step %c8 iter_args(%acc = %z) -> (tensor<1x4x16xf32>) {
    %ks = tensor.extract_slice %k[0, %d] [4, 8] [1, 1] : tensor<4x32xf32> to tensor<4x8xf32>
    %qs = tensor.extract_slice %q[0, %d, 0] [1, 8, 16] [1, 1, 1] : tensor<1x32x16xf32> to tensor<1x8x16xf32>
    %u = linalg.generic {indexing_maps = [#k, #q, #s], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
           ins(%ks, %qs : tensor<4x8xf32>, tensor<1x8x16xf32>) outs(%acc : tensor<1x4x16xf32>) attrs = {mqa.role = "scores"} {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %p = arith.mulf %a, %b : f32
      %t = arith.addf %c, %p : f32
      linalg.yield %t : f32
    } -> tensor<1x4x16xf32>
    scf.yield %u : tensor<1x4x16xf32>
  }
  return %r : tensor<1x4x16xf32>
}

// A maximum over keys is unrolled lane-wise, without the care for NaNs.
// CHECK-LABEL: func.func @row_max
// CHECK-NOT: multi_reduction
// CHECK-COUNT-4: arith.maximumf %{{.*}}, %{{.*}} fastmath<nnan,nsz> : vector<16xf32>
// CHECK-NOT: arith.maximumf
func.func @row_max(%s: tensor<1x4x16xf32>, %m: tensor<1x16xf32>) -> tensor<1x16xf32> {
  %r = linalg.generic {indexing_maps = [#id, #px], iterator_types = ["parallel", "reduction", "parallel"]}
         ins(%s : tensor<1x4x16xf32>) outs(%m : tensor<1x16xf32>) attrs = {mqa.role = "row_max"} {
  ^bb0(%a: f32, %c: f32):
    %t = arith.maximumf %a, %c : f32
    linalg.yield %t : f32
  } -> tensor<1x16xf32>
  return %r : tensor<1x16xf32>
}

// Other ops stay: without a role, with a dynamic shape.
// CHECK-LABEL: func.func @not_vectorized
// CHECK-COUNT-2: linalg.fill
func.func @not_vectorized(%a: tensor<2x16xf32>, %b: tensor<?x16xf32>) -> (tensor<2x16xf32>, tensor<?x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %x = linalg.fill ins(%zero : f32) outs(%a : tensor<2x16xf32>) -> tensor<2x16xf32>
  %y = linalg.fill {mqa.role = "fill"} ins(%zero : f32) outs(%b : tensor<?x16xf32>) -> tensor<?x16xf32>
  return %x, %y : tensor<2x16xf32>, tensor<?x16xf32>
}
