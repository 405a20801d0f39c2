// Values of a transposed layout with a unit dimension. Upstream fold-memref-alias-ops
// reads along the wrong dimension when it folds an expanded, rank-reduced slice
// into a vector read, so the CPU pipeline runs without it.
//
// RUN: sed "s/SIZE/1/g" %s > %t1.mlir
// RUN: mqa-run %t1.mlir --random=1 --check | FileCheck %s
// RUN: sed "s/SIZE/2/g" %s > %t2.mlir
// RUN: mqa-run %t2.mlir --random=1 --check | FileCheck %s
// CHECK: PASS

#q = affine_map<(n, d, f, e, b, h) -> (d, b, h)>
#k = affine_map<(n, d, f, e, b, h) -> (d, n, b)>
#v = affine_map<(n, d, f, e, b, h) -> (b, f, e, n)>
#o = affine_map<(n, d, f, e, b, h) -> (e, h, b, f)>
func.func @f(%q: tensor<16xSIZEx8xf32>, %k: tensor<16x7xSIZExf32>, %v: tensor<SIZEx5x6x7xf32>, %o: tensor<6x8xSIZEx5xf32>) -> tensor<6x8xSIZEx5xf32> {
  %r = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.25 : f32}
    ins(%q, %k, %v : tensor<16xSIZEx8xf32>, tensor<16x7xSIZExf32>, tensor<SIZEx5x6x7xf32>) outs(%o : tensor<6x8xSIZEx5xf32>) -> tensor<6x8xSIZEx5xf32>
  return %r : tensor<6x8xSIZEx5xf32>
}
