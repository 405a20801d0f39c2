// Online attention on static tiles becomes linalg on register tiles.
// RUN: mqa-opt %s --mqa-stage-3-linalg | FileCheck %s --implicit-check-not=mqa.online --implicit-check-not=mqa.finalize

#q = affine_map<(p, n, x, d, e) -> (p, d, x)>
#k = affine_map<(p, n, x, d, e) -> (n, d)>
#v = affine_map<(p, n, x, d, e) -> (n, e)>
#a = affine_map<(p, n, x, d, e) -> (p, e, x)>
#r = affine_map<(p, n, x, d, e) -> (p, x)>
// CHECK-LABEL: func.func @tile
// CHECK: scf.for %{{.*}} = %c0 to %c8 step %c4
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<4x4xf32>, tensor<1x4x16xf32>) outs({{.*}} : tensor<1x4x16xf32>) attrs = {mqa.role = "scores"
// CHECK: linalg.generic {{.*}}mqa.role = "row_max"
// CHECK: linalg.generic {{.*}}mqa.role = "exp"
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<4x2xf32>, tensor<1x4x16xf32>) outs({{.*}} : tensor<1x2x16xf32>) attrs = {mqa.role = "output"
// CHECK: linalg.generic {{.*}}mqa.role = "quotient"
func.func @tile(%q: tensor<2x12x16xf32>, %k: tensor<8x12xf32>, %v: tensor<8x6xf32>, %a: tensor<2x6x16xf32>,
                %m: tensor<2x16xf32>, %s: tensor<2x16xf32>, %o: tensor<2x6x16xf32>) -> tensor<2x6x16xf32> {
  %t:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r],
           schedule = #mqa.schedule<row_block = 32, row_panel = 16, key_block = 8, key_tile = 4, value_tile = 2, depth_step = 4>}
         ins(%q, %k, %v : tensor<2x12x16xf32>, tensor<8x12xf32>, tensor<8x6xf32>)
         outs(%a, %m, %s : tensor<2x6x16xf32>, tensor<2x16xf32>, tensor<2x16xf32>)
         -> tensor<2x6x16xf32>, tensor<2x16xf32>, tensor<2x16xf32>
  %f = mqa.finalize {indexing_maps = [affine_map<(p, x, e) -> (p, e, x)>, affine_map<(p, x, e) -> (p, x)>,
                                      affine_map<(p, x, e) -> (p, x)>, affine_map<(p, x, e) -> (p, e, x)>]}
         ins(%t#0, %t#1, %t#2 : tensor<2x6x16xf32>, tensor<2x16xf32>, tensor<2x16xf32>)
         outs(%o : tensor<2x6x16xf32>) -> tensor<2x6x16xf32>
  return %f : tensor<2x6x16xf32>
}
