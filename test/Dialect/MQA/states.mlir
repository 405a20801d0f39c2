// The ops on softmax states print what they parse.
// RUN: mqa-opt %s | mqa-opt | FileCheck %s
// RUN: mqa-opt %s --mlir-print-op-generic | mqa-opt | FileCheck %s
// RUN: mqa-opt %s --verify-roundtrip -o /dev/null

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#a = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
#b = affine_map<(h, m, n, d, e) -> (n, m)>
#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>

// CHECK-LABEL: func.func @chain(
// CHECK: %[[S:.*]]:3 = mqa.online_attention {indexing_maps = {{.*}}, scale = 1.250000e-01 : f32}
// CHECK-SAME: ins(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<3x5x8xf32>, tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x5xbf16>)
// CHECK-SAME: outs(%{{.*}}, %{{.*}}, %{{.*}} : tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>)
// CHECK-SAME: mask {
// CHECK: } score {
// CHECK: } -> tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>
// CHECK: %[[J:.*]]:3 = mqa.merge {indexing_maps = {{.*}}} ins(%[[S]]#0, %[[S]]#1, %[[S]]#2 : tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>)
// CHECK-SAME: outs(%{{.*}}, %{{.*}}, %{{.*}} : tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>) -> tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>
// CHECK: mqa.finalize {indexing_maps = {{.*}}} ins(%[[J]]#0, %[[J]]#1, %[[J]]#2 : tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>)
// CHECK-SAME: outs(%{{.*}}, %{{.*}} : tensor<3x5x4xf16>, tensor<3x5xf32>) -> tensor<3x5x4xf16>, tensor<3x5xf32>
func.func @chain(%q: tensor<3x5x8xf32>, %k: tensor<?x8xf32>, %v: tensor<?x4xf32>, %bias: tensor<?x5xbf16>,
                 %acc: tensor<3x5x4xf32>, %max: tensor<3x5xf32>, %sum: tensor<3x5xf32>,
                 %out: tensor<3x5x4xf16>, %lse: tensor<3x5xf32>)
    -> (tensor<3x5x4xf16>, tensor<3x5xf32>) {
  %s:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #b, #a, #r, #r], scale = 0.125 : f32}
           ins(%q, %k, %v, %bias : tensor<3x5x8xf32>, tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x5xbf16>)
           outs(%acc, %max, %sum : tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>)
           mask {
           ^bb0(%x: bf16, %h: index, %m: index, %n: index):
             %keep = arith.cmpi ule, %n, %m : index
             mqa.yield %keep : i1
           }
           score {
           ^bb0(%s: f32, %x: bf16, %h: index, %m: index, %n: index):
             %y = arith.extf %x : bf16 to f32
             %t = arith.addf %s, %y : f32
             mqa.yield %t : f32
           } -> tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>
  %j:3 = mqa.merge {indexing_maps = [#acc, #row, #row, #acc, #row, #row]}
           ins(%s#0, %s#1, %s#2 : tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>)
           outs(%acc, %max, %sum : tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>)
           -> tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>
  %o:2 = mqa.finalize {indexing_maps = [#acc, #row, #row, #acc, #row]}
           ins(%j#0, %j#1, %j#2 : tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>)
           outs(%out, %lse : tensor<3x5x4xf16>, tensor<3x5xf32>) -> tensor<3x5x4xf16>, tensor<3x5xf32>
  return %o#0, %o#1 : tensor<3x5x4xf16>, tensor<3x5xf32>
}

// CHECK-LABEL: func.func @memrefs(
// CHECK: mqa.online_attention {{.*}} outs({{.*}} : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>){{$}}
// CHECK: mqa.merge {{.*}} outs({{.*}} : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>){{$}}
// CHECK: mqa.finalize {{.*}} outs({{.*}} : memref<3x5x4xbf16>){{$}}
func.func @memrefs(%q: memref<3x5x8xbf16>, %k: memref<7x8xbf16>, %v: memref<7x4xbf16>,
                   %a0: memref<3x5x4xf32>, %m0: memref<3x5xf32>, %s0: memref<3x5xf32>,
                   %a1: memref<3x5x4xf32>, %m1: memref<3x5xf32>, %s1: memref<3x5xf32>,
                   %o: memref<3x5x4xbf16>) {
  mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r]}
    ins(%q, %k, %v : memref<3x5x8xbf16>, memref<7x8xbf16>, memref<7x4xbf16>)
    outs(%a0, %m0, %s0 : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  mqa.merge {indexing_maps = [#acc, #row, #row, #acc, #row, #row]}
    ins(%a0, %m0, %s0 : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%a1, %m1, %s1 : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  mqa.finalize {indexing_maps = [#acc, #row, #row, #acc]}
    ins(%a1, %m1, %s1 : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%o : memref<3x5x4xbf16>)
  return
}
