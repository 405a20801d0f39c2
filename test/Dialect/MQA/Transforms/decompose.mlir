// Every state op becomes linalg ops that name their part.
// RUN: mqa-opt %s --mqa-decompose | FileCheck %s --implicit-check-not=mqa.online --implicit-check-not=mqa.merge --implicit-check-not=mqa.finalize

#q = affine_map<(p, n, x, d, e) -> (p, d, x)>
#k = affine_map<(p, n, x, d, e) -> (n, d)>
#v = affine_map<(p, n, x, d, e) -> (n, e)>
#a = affine_map<(p, n, x, d, e) -> (p, e, x)>
#r = affine_map<(p, n, x, d, e) -> (p, x)>

// The two products are generics over four dimensions, the reduction last.
// CHECK-DAG: #[[$NK:.*]] = affine_map<(d0, d1, d2, d3) -> (d1, d3)>
// CHECK-DAG: #[[$QT:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d3, d2)>
// CHECK-DAG: #[[$OUT:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-DAG: #[[$NV:.*]] = affine_map<(d0, d1, d2, d3) -> (d3, d1)>

// CHECK-LABEL: func.func @online
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<2x8x16xf32>, %[[K:[a-z0-9]+]]: tensor<32x8xf32>, %[[V:[a-z0-9]+]]: tensor<32x4xf32>
// CHECK: linalg.fill {mqa.role = "zero_scores", mqa.schedule = #mqa.schedule<row_block = 32
// CHECK: linalg.generic {indexing_maps = [#[[$NK]], #[[$QT]], #[[$OUT]]]
// CHECK-SAME: ins(%[[K]], %[[Q]] : {{.*}}) outs({{.*}} : tensor<2x32x16xf32>) attrs = {mqa.role = "scores", mqa.schedule
// CHECK-NOT: math.exp
// CHECK: mqa.role = "row_max"
// CHECK: arith.maximumf
// CHECK: mqa.role = "row_alpha"
// CHECK: math.exp2
// CHECK: %[[P:.*]] = linalg.generic {{.*}}mqa.role = "exp"
// CHECK: math.exp2
// CHECK: mqa.role = "row_sum"
// CHECK: mqa.role = "scale_acc"
// CHECK: linalg.generic {indexing_maps = [#[[$NV]], #[[$QT]], #[[$OUT]]]
// CHECK-SAME: ins(%[[V]], %[[P]] : {{.*}}) outs({{.*}} : tensor<2x4x16xf32>) attrs = {mqa.role = "output"
func.func @online(%q: tensor<2x8x16xf32>, %k: tensor<32x8xf32>, %v: tensor<32x4xf32>,
                  %a: tensor<2x4x16xf32>, %m: tensor<2x16xf32>, %s: tensor<2x16xf32>)
    -> (tensor<2x4x16xf32>, tensor<2x16xf32>, tensor<2x16xf32>) {
  %t:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r],
           schedule = #mqa.schedule<row_block = 32, row_panel = 16, key_block = 32, key_tile = 4, value_tile = 4, depth_step = 4>}
         ins(%q, %k, %v : tensor<2x8x16xf32>, tensor<32x8xf32>, tensor<32x4xf32>)
         outs(%a, %m, %s : tensor<2x4x16xf32>, tensor<2x16xf32>, tensor<2x16xf32>)
         -> tensor<2x4x16xf32>, tensor<2x16xf32>, tensor<2x16xf32>
  return %t#0, %t#1, %t#2 : tensor<2x4x16xf32>, tensor<2x16xf32>, tensor<2x16xf32>
}

// Regions are inlined between the products and the maximum: score, then mask.
// CHECK-LABEL: func.func @regions
// CHECK: mqa.role = "scores"
// CHECK: mqa.role = "modify"
// CHECK: math.absf
// CHECK: %[[KEEP:.*]] = arith.cmpi ult
// CHECK: arith.select %[[KEEP]]
// CHECK: mqa.role = "row_max"
func.func @regions(%q: tensor<2x8x16xf32>, %k: tensor<32x8xf32>, %v: tensor<32x4xf32>, %size: index,
                   %a: tensor<2x4x16xf32>, %m: tensor<2x16xf32>, %s: tensor<2x16xf32>)
    -> (tensor<2x4x16xf32>, tensor<2x16xf32>, tensor<2x16xf32>) {
  %t:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r]}
         ins(%q, %k, %v : tensor<2x8x16xf32>, tensor<32x8xf32>, tensor<32x4xf32>)
         outs(%a, %m, %s : tensor<2x4x16xf32>, tensor<2x16xf32>, tensor<2x16xf32>)
         mask {
         ^bb0(%p: index, %n: index, %x: index):
           %keep = arith.cmpi ult, %n, %size : index
           mqa.yield %keep : i1
         } score {
         ^bb0(%z: f32, %p: index, %n: index, %x: index):
           %y = math.absf %z : f32
           mqa.yield %y : f32
         } -> tensor<2x4x16xf32>, tensor<2x16xf32>, tensor<2x16xf32>
  return %t#0, %t#1, %t#2 : tensor<2x4x16xf32>, tensor<2x16xf32>, tensor<2x16xf32>
}

#fa = affine_map<(m, e) -> (m, e)>
#fr = affine_map<(m, e) -> (m)>

// CHECK-LABEL: func.func @merge
// CHECK: mqa.role = "row_max"
// CHECK-COUNT-2: math.exp2
// CHECK: mqa.role = "merge_sum"
// CHECK: mqa.role = "merge_acc"
func.func @merge(%a: tensor<5x4xf32>, %m: tensor<5xf32>, %s: tensor<5xf32>,
                 %a1: tensor<5x4xf32>, %m1: tensor<5xf32>, %s1: tensor<5xf32>)
    -> (tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>) {
  %t:3 = mqa.merge {indexing_maps = [#fa, #fr, #fr, #fa, #fr, #fr]}
         ins(%a, %m, %s : tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>)
         outs(%a1, %m1, %s1 : tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>)
         -> tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>
  return %t#0, %t#1, %t#2 : tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>
}

// An empty row gives 0 and minus infinity, by selection.
// CHECK-LABEL: func.func @finalize
// CHECK: arith.divf
// CHECK: arith.select
// CHECK: arith.truncf {{.*}} to f16
// CHECK: math.log
// CHECK: arith.select
func.func @finalize(%a: tensor<5x4xf32>, %m: tensor<5xf32>, %s: tensor<5xf32>, %o: tensor<5x4xf16>,
                    %l: tensor<5xf32>) -> (tensor<5x4xf16>, tensor<5xf32>) {
  %t:2 = mqa.finalize {indexing_maps = [#fa, #fr, #fr, #fa, #fr]}
         ins(%a, %m, %s : tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>)
         outs(%o, %l : tensor<5x4xf16>, tensor<5xf32>) -> tensor<5x4xf16>, tensor<5xf32>
  return %t#0, %t#1 : tensor<5x4xf16>, tensor<5xf32>
}
