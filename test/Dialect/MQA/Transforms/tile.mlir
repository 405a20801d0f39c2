// Rows in tasks, keys in blocks, lengths that fit and that do not.
// RUN: mqa-opt %s --mqa-tile -split-input-file | FileCheck %s

#q = affine_map<(b, h, m, n, d, e) -> (b, h, m, d)>
#k = affine_map<(b, h, m, n, d, e) -> (b, n, d)>
#v = affine_map<(b, h, m, n, d, e) -> (b, n, e)>
#a = affine_map<(b, h, m, n, d, e) -> (b, h, m, e)>
#r = affine_map<(b, h, m, n, d, e) -> (b, h, m)>
#fa = affine_map<(b, h, m, e) -> (b, h, m, e)>
#fr = affine_map<(b, h, m, e) -> (b, h, m)>

// A task takes one batch, all 3 heads that share the keys, and 16 / 3 queries:
// its rows lie side by side in 2 panels of 8 lanes, scaled. The filled state
// and finalize move into the task. 40 keys are five whole blocks: one loop, K
// and V used where they lie.
// CHECK-DAG: #[[$Q:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d3, d2)>
// CHECK-DAG: #[[$K:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d1, d3)>
// CHECK-DAG: #[[$V:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d1, d4)>
// CHECK-DAG: #[[$A:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d4, d2)>
// CHECK-DAG: #[[$R:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d2)>
// CHECK-LABEL: func.func @whole_blocks
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<2x3x?x12xf32>, %[[K:[a-z0-9]+]]: tensor<2x40x12xf32>, %[[V:[a-z0-9]+]]: tensor<2x40x4xf32>, %[[INIT:[a-z0-9]+]]: tensor<2x3x?x4xf32>
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[M:.*]]) = (0, 0, 0) to (2, 3, %{{.*}}) step (1, %{{.*}}, %{{.*}}) shared_outs(%[[OUT:.*]] = %[[INIT]])
// CHECK: linalg.fill {{.*}} outs({{.*}} : tensor<2x4x8xf32>)
// CHECK: linalg.fill {{.*}} outs({{.*}} : tensor<2x8xf32>)
// CHECK: linalg.fill {{.*}} outs({{.*}} : tensor<2x8xf32>)
// CHECK: %[[ROWS:.*]] = scf.for
// CHECK: affine.delinearize_index
// CHECK: tensor.extract_slice %[[Q]][%[[B]], {{.*}}] [1, 1, 1, 12] {{.*}} to tensor<12xf32>
// CHECK: arith.mulf
// CHECK: tensor.expand_shape %[[ROWS]] {{.*}} : tensor<16x12xf32> into tensor<2x8x12xf32>
// CHECK: %[[QT:.*]] = linalg.generic {{.*}} outs({{.*}} : tensor<2x12x8xf32>) attrs = {mqa.role = "transpose"}
// CHECK: %[[C0:.*]] = arith.constant 0 : index
// CHECK: %[[C40:.*]] = arith.constant 40 : index
// CHECK: %[[C8:.*]] = arith.constant 8 : index
// CHECK: %[[STATE:.*]]:3 = scf.for %[[N:.*]] = %[[C0]] to %[[C40]] step %[[C8]] iter_args(%[[ACC:.*]] = {{.*}}, %[[MAX:.*]] = {{.*}}, %[[SUM:.*]] = {{.*}})
// CHECK-NEXT: %[[KS:.*]] = tensor.extract_slice %[[K]][%[[B]], %[[N]], 0] [1, 8, 12] [1, 1, 1] : tensor<2x40x12xf32> to tensor<8x12xf32>
// CHECK-NEXT: %[[VS:.*]] = tensor.extract_slice %[[V]][%[[B]], %[[N]], 0] [1, 8, 4] [1, 1, 1] : tensor<2x40x4xf32> to tensor<8x4xf32>
// CHECK-NEXT: %[[T:.*]]:3 = mqa.online_attention {indexing_maps = [#[[$Q]], #[[$K]], #[[$V]], #[[$A]], #[[$R]], #[[$R]]], schedule
// CHECK-SAME: ins(%[[QT]], %[[KS]], %[[VS]] : {{.*}}) outs(%[[ACC]], %[[MAX]], %[[SUM]] :
// CHECK-NEXT: scf.yield %[[T]]#0, %[[T]]#1, %[[T]]#2
// CHECK-NOT: mqa.online_attention
// CHECK: mqa.finalize {{.*}} ins(%[[STATE]]#0, %[[STATE]]#1, %[[STATE]]#2
// CHECK: scf.forall.in_parallel
// CHECK-NEXT: tensor.parallel_insert_slice %{{.*}} into %[[OUT]][%[[B]], %[[H]], %[[M]], 0]
// CHECK: mqa.tasks
func.func @whole_blocks(%q: tensor<2x3x?x12xf32>, %k: tensor<2x40x12xf32>, %v: tensor<2x40x4xf32>,
                        %init: tensor<2x3x?x4xf32>, %size: index) -> tensor<2x3x?x4xf32> {
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %e0 = tensor.empty(%size) : tensor<2x3x?x4xf32>
  %e1 = tensor.empty(%size) : tensor<2x3x?xf32>
  %a = linalg.fill ins(%zero : f32) outs(%e0 : tensor<2x3x?x4xf32>) -> tensor<2x3x?x4xf32>
  %m = linalg.fill ins(%ninf : f32) outs(%e1 : tensor<2x3x?xf32>) -> tensor<2x3x?xf32>
  %s = linalg.fill ins(%zero : f32) outs(%e1 : tensor<2x3x?xf32>) -> tensor<2x3x?xf32>
  %t:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r], scale = 0.5 : f32,
           schedule = #mqa.schedule<row_block = 16, row_panel = 8, key_block = 8, key_tile = 4, value_tile = 4, depth_step = 4>}
         ins(%q, %k, %v : tensor<2x3x?x12xf32>, tensor<2x40x12xf32>, tensor<2x40x4xf32>)
         outs(%a, %m, %s : tensor<2x3x?x4xf32>, tensor<2x3x?xf32>, tensor<2x3x?xf32>)
         -> tensor<2x3x?x4xf32>, tensor<2x3x?xf32>, tensor<2x3x?xf32>
  %o = mqa.finalize {indexing_maps = [#fa, #fr, #fr, #fa]}
         ins(%t#0, %t#1, %t#2 : tensor<2x3x?x4xf32>, tensor<2x3x?xf32>, tensor<2x3x?xf32>)
         outs(%init : tensor<2x3x?x4xf32>) -> tensor<2x3x?x4xf32>
  return %o : tensor<2x3x?x4xf32>
}
