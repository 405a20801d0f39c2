// Attention becomes an empty state, one online attention and finalize.
// RUN: mqa-opt %s --mqa-convert-to-online | FileCheck %s --implicit-check-not=mqa.attention

#q = affine_map<(b, m, n, d, e) -> (b, m, d)>
#k = affine_map<(b, m, n, d, e) -> (n, b, d)>
#v = affine_map<(b, m, n, d, e) -> (b, e, n)>
#t = affine_map<(b, m, n, d, e) -> (b, n)>
#s = affine_map<(b, m, n, d, e) -> (m)>
#o = affine_map<(b, m, n, d, e) -> (m, b, e)>
#l = affine_map<(b, m, n, d, e) -> (m, b)>

// The output may be permuted: the state has batch and row dimensions in the
// order of the iteration space. Finalize forgets keys and depth.
// CHECK-DAG: #[[$O:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d4)>
// CHECK-DAG: #[[$R:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1)>
// CHECK-DAG: #[[$FA:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG: #[[$FR:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[$FO:.*]] = affine_map<(d0, d1, d2) -> (d1, d0, d2)>
// CHECK-DAG: #[[$FL:.*]] = affine_map<(d0, d1, d2) -> (d1, d0)>

// CHECK-LABEL: func.func @plain
// CHECK-SAME: %[[Q:.*]]: tensor<2x?x8xbf16>, %[[K:.*]]: tensor<7x2x8xbf16>, %[[V:.*]]: tensor<2x4x7xbf16>, %[[INIT:.*]]: tensor<?x2x4xbf16>
// CHECK: %[[ROWS:.*]] = tensor.dim %[[Q]], %c1
// CHECK: %[[ACC:.*]] = linalg.fill ins(%{{.*}} : f32) outs({{.*}}) -> tensor<2x?x4xf32>
// CHECK: %[[NINF:.*]] = arith.constant 0xFF800000 : f32
// CHECK: %[[MAX:.*]] = linalg.fill ins(%[[NINF]] : f32) outs({{.*}}) -> tensor<2x?xf32>
// CHECK: %[[SUM:.*]] = linalg.fill ins(%{{.*}} : f32) outs({{.*}}) -> tensor<2x?xf32>
// CHECK: %[[S:.*]]:3 = mqa.online_attention {indexing_maps = [#{{.*}}, #{{.*}}, #{{.*}}, #[[$O]], #[[$R]], #[[$R]]], scale = 5.000000e-01 : f32, tag = "x"}
// CHECK-SAME: ins(%[[Q]], %[[K]], %[[V]] :
// CHECK-SAME: outs(%[[ACC]], %[[MAX]], %[[SUM]] :
// CHECK: mqa.finalize {indexing_maps = [#[[$FA]], #[[$FR]], #[[$FR]], #[[$FO]]]}
// CHECK-SAME: ins(%[[S]]#0, %[[S]]#1, %[[S]]#2 :
// CHECK-SAME: outs(%[[INIT]] : tensor<?x2x4xbf16>)
func.func @plain(%q: tensor<2x?x8xbf16>, %k: tensor<7x2x8xbf16>, %v: tensor<2x4x7xbf16>,
                 %init: tensor<?x2x4xbf16>) -> tensor<?x2x4xbf16> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.5 : f32, tag = "x"}
         ins(%q, %k, %v : tensor<2x?x8xbf16>, tensor<7x2x8xbf16>, tensor<2x4x7xbf16>)
         outs(%init : tensor<?x2x4xbf16>) -> tensor<?x2x4xbf16>
  return %o : tensor<?x2x4xbf16>
}

// A sink starts the state: it is the first maximum, the first sum is 1. Extra
// inputs, regions, schedule and log-sum-exp move along; f64 stays f64.
// CHECK-LABEL: func.func @all_parts
// CHECK-SAME: %[[T:[a-z0-9]+]]: tensor<2x7xi1>, %[[SINK:[a-z0-9]+]]: tensor<5xf64>, %[[INIT:[a-z0-9]+]]: tensor<5x2x4xf64>, %[[LSE:[a-z0-9]+]]: tensor<5x2xf64>
// CHECK: %[[MAX:.*]] = linalg.generic {{.*}} ins(%[[SINK]] : tensor<5xf64>) outs(%{{.*}} : tensor<2x5xf64>)
// CHECK: %[[ONE:.*]] = arith.constant 1.000000e+00 : f64
// CHECK: %[[SUM:.*]] = linalg.fill ins(%[[ONE]] : f64)
// CHECK: mqa.online_attention {{.*}}schedule = #mqa.schedule<row_block = 8
// CHECK-SAME: %[[T]] :
// CHECK-SAME: outs(%{{.*}}, %[[MAX]], %[[SUM]] :
// CHECK-SAME: mask {
// CHECK: arith.andi
// CHECK: } score {
// CHECK: math.absf
// CHECK: mqa.finalize {indexing_maps = [#[[$FA]], #[[$FR]], #[[$FR]], #[[$FO]], #[[$FL]]]}
// CHECK-SAME: outs(%[[INIT]], %[[LSE]] : tensor<5x2x4xf64>, tensor<5x2xf64>)
func.func @all_parts(%q: tensor<2x5x8xf64>, %k: tensor<7x2x8xf64>, %v: tensor<2x4x7xf64>, %t: tensor<2x7xi1>,
                     %sink: tensor<5xf64>, %init: tensor<5x2x4xf64>, %lse: tensor<5x2xf64>)
    -> (tensor<5x2x4xf64>, tensor<5x2xf64>) {
  %o:2 = mqa.attention {indexing_maps = [#q, #k, #v, #t, #s, #o, #l],
           schedule = #mqa.schedule<row_block = 8, row_panel = 8, key_block = 8, key_tile = 4, value_tile = 4, depth_step = 4>}
         ins(%q, %k, %v, %t : tensor<2x5x8xf64>, tensor<7x2x8xf64>, tensor<2x4x7xf64>, tensor<2x7xi1>)
         sink(%sink : tensor<5xf64>)
         outs(%init, %lse : tensor<5x2x4xf64>, tensor<5x2xf64>)
         mask {
         ^bb0(%x: i1, %b: index, %m: index, %n: index):
           %le = arith.cmpi ule, %n, %m : index
           %keep = arith.andi %x, %le : i1
           mqa.yield %keep : i1
         } score {
         ^bb0(%x: f64, %y: i1, %b: index, %m: index, %n: index):
           %z = math.absf %x : f64
           mqa.yield %z : f64
         } -> tensor<5x2x4xf64>, tensor<5x2xf64>
  return %o#0, %o#1 : tensor<5x2x4xf64>, tensor<5x2xf64>
}

// Online attention, merge and finalize are left alone.
// CHECK-LABEL: func.func @no_attention
// CHECK-NEXT: mqa.finalize
// CHECK-NEXT: return
func.func @no_attention(%a: tensor<5x4xf32>, %m: tensor<5xf32>, %init: tensor<5x4xf32>) -> tensor<5x4xf32> {
  %o = mqa.finalize {indexing_maps = [affine_map<(m, e) -> (m, e)>, affine_map<(m, e) -> (m)>,
                                      affine_map<(m, e) -> (m)>, affine_map<(m, e) -> (m, e)>]}
         ins(%a, %m, %m : tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>)
         outs(%init : tensor<5x4xf32>) -> tensor<5x4xf32>
  return %o : tensor<5x4xf32>
}
