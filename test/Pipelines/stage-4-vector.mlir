// linalg on register tiles becomes vectors.
// RUN: mqa-opt %s --mqa-stage-4-vector | FileCheck %s --implicit-check-not=linalg.

// CHECK-LABEL: func.func @exponentials
// CHECK: scf.for
// CHECK: vector.transfer_read {{.*}} vector<2x16xf32>
// CHECK: math.exp2 %{{.*}} : vector<2x16xf32>
// CHECK: vector.transfer_write {{.*}} vector<2x16xf32>, tensor<1x8x16xf32>
func.func @exponentials(%s: tensor<1x8x16xf32>) -> tensor<1x8x16xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  %r = scf.for %n = %c0 to %c8 step %c2 iter_args(%p = %s) -> (tensor<1x8x16xf32>) {
    %x = tensor.extract_slice %p[0, %n, 0] [1, 2, 16] [1, 1, 1] : tensor<1x8x16xf32> to tensor<1x2x16xf32>
    %y = linalg.generic {indexing_maps = [affine_map<(p, n, x) -> (p, n, x)>], iterator_types = ["parallel", "parallel", "parallel"]}
           outs(%x : tensor<1x2x16xf32>) attrs = {mqa.role = "exp"} {
    ^bb0(%a: f32):
      %b = math.exp2 %a : f32
      linalg.yield %b : f32
    } -> tensor<1x2x16xf32>
    %z = tensor.insert_slice %y into %p[0, %n, 0] [1, 2, 16] [1, 1, 1] : tensor<1x2x16xf32> into tensor<1x8x16xf32>
    scf.yield %z : tensor<1x8x16xf32>
  }
  return %r : tensor<1x8x16xf32>
}
