// Two depth elements of each of eight rows in sixteen lanes: products, and what
// reads one value per row.
// RUN: mqa-opt %s --mqa-micro-tile | FileCheck %s --check-prefix=TILE
// RUN: mqa-opt %s --mqa-micro-tile --mqa-vectorize | FileCheck %s

#k = affine_map<(p, n, x, d, r) -> (n, d, r)>
#q = affine_map<(p, n, x, d, r) -> (p, d, x, r)>
#s = affine_map<(p, n, x, d, r) -> (p, n, x)>
#v = affine_map<(p, e, x, r, n) -> (n, e, r)>
#w = affine_map<(p, e, x, r, n) -> (p, n, x)>
#o = affine_map<(p, e, x, r, n) -> (p, e, x, r)>
#id = affine_map<(p, e, x, r) -> (p, e, x, r)>
#px = affine_map<(p, e, x, r) -> (p, x)>
#schedule = #mqa.schedule<row_block = 8, row_panel = 8, key_block = 12, key_tile = 4, value_tile = 6, depth_step = 2, lane_depth = 2>

// The loop over the depth comes with the vectors.
// TILE-LABEL: func.func @scores
// TILE: scf.for %{{.*}} = %c0 to %c12 step %c4
// TILE-NOT: scf.for
// TILE: linalg.generic {{.*}} ins(%{{.*}} : tensor<4x10x2xf32>, tensor<1x10x8x2xf32>) outs(%{{.*}} : tensor<1x4x8xf32>)

// One accumulator per key; the sums over pairs, of two keys at a time, are made
// once.
// CHECK-LABEL: func.func @scores
// CHECK-NOT: linalg.
// CHECK: scf.for %{{.*}} = %c0 to %c12 step %c4
// CHECK: %[[R:.*]]:4 = scf.for %{{.*}} = %c0 to %c10 step %c2 iter_args
// CHECK: vector.transfer_read {{.*}} vector<2xf32>
// CHECK: vector.shuffle %{{.*}} [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]
// CHECK-COUNT-8: vector.fma
// CHECK-NOT: vector.fma
// CHECK: %[[EVEN:.*]] = vector.shuffle %[[R]]#0, %[[R]]#1 [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30]
// CHECK: %[[ODD:.*]] = vector.shuffle %[[R]]#0, %[[R]]#1 [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31]
// CHECK: %[[SUM:.*]] = arith.addf %[[EVEN]], %[[ODD]]
// CHECK: vector.shape_cast %[[SUM]] : vector<16xf32> to vector<2x8xf32>
func.func @scores(%k: tensor<12x10x2xf32>, %q: tensor<1x10x8x2xf32>, %o: tensor<1x12x8xf32>) -> tensor<1x12x8xf32> {
  %zero = arith.constant 0.0 : f32
  %z = linalg.fill {mqa.role = "zero_scores", mqa.schedule = #schedule} ins(%zero : f32) outs(%o : tensor<1x12x8xf32>) -> tensor<1x12x8xf32>
  %s = linalg.generic {indexing_maps = [#k, #q, #s], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]}
         ins(%k, %q : tensor<12x10x2xf32>, tensor<1x10x8x2xf32>) outs(%z : tensor<1x12x8xf32>)
         attrs = {mqa.role = "scores", mqa.schedule = #schedule} {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %p = arith.mulf %a, %b : f32
    %t = arith.addf %c, %p : f32
    linalg.yield %t : f32
  } -> tensor<1x12x8xf32>
  return %s : tensor<1x12x8xf32>
}

// The probabilities are repeated once per block, outside of the product.
// TILE-LABEL: func.func @output
// TILE: mqa.role = "spread"
// TILE: scf.for %{{.*}} = %c0 to %c9 step %c3
// TILE: mqa.role = "scale_acc"
// TILE: linalg.generic {{.*}} ins(%{{.*}} : tensor<12x3x2xf32>, tensor<1x12x8x2xf32>) outs(%{{.*}} : tensor<1x3x8x2xf32>)

// CHECK-LABEL: func.func @output
// CHECK-NOT: linalg.
// CHECK: vector.shuffle %{{.*}} [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7] : vector<8xf32>, vector<8xf32>
// CHECK: scf.for %{{.*}} = %c0 to %c9 step %c3
// CHECK-COUNT-3: arith.mulf {{.*}} vector<16xf32>
// CHECK: scf.for %{{.*}} = %c0 to %c12 step %c2 iter_args({{.*}}) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK-COUNT-6: vector.fma
// CHECK-NOT: vector.fma
func.func @output(%v: tensor<12x9x2xf32>, %s: tensor<1x12x8xf32>, %alpha: tensor<1x8xf32>, %acc: tensor<1x9x8x2xf32>) -> tensor<1x9x8x2xf32> {
  %scaled = linalg.generic {indexing_maps = [#px, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
         ins(%alpha : tensor<1x8xf32>) outs(%acc : tensor<1x9x8x2xf32>)
         attrs = {mqa.role = "scale_acc", mqa.schedule = #schedule} {
  ^bb0(%a: f32, %c: f32):
    %t = arith.mulf %c, %a : f32
    linalg.yield %t : f32
  } -> tensor<1x9x8x2xf32>
  %o = linalg.generic {indexing_maps = [#v, #w, #o], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
         ins(%v, %s : tensor<12x9x2xf32>, tensor<1x12x8xf32>) outs(%scaled : tensor<1x9x8x2xf32>)
         attrs = {mqa.role = "output", mqa.schedule = #schedule} {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %p = arith.mulf %a, %b : f32
    %t = arith.addf %c, %p : f32
    linalg.yield %t : f32
  } -> tensor<1x9x8x2xf32>
  return %o : tensor<1x9x8x2xf32>
}
