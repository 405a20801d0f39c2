// Every op prints what it parses, in the pretty and in the generic form.
// RUN: mqa-opt %s | mqa-opt | FileCheck %s
// RUN: mqa-opt %s --mlir-print-op-generic | mqa-opt | FileCheck %s
// RUN: mqa-opt %s --verify-roundtrip -o /dev/null

#q = affine_map<(b, h, m, n, d, e) -> (b, h, m, d)>
#k = affine_map<(b, h, m, n, d, e) -> (b, n, d)>
#v = affine_map<(b, h, m, n, d, e) -> (b, n, e)>
#o = affine_map<(b, h, m, n, d, e) -> (b, h, m, e)>

// Multi-query, keys and values without the head.
// CHECK-LABEL: func.func @multi_query(
// CHECK: mqa.attention {indexing_maps = [#{{.*}}, #{{.*}}, #{{.*}}, #{{.*}}], scale = 1.250000e-01 : f32}
// CHECK-SAME: ins(%{{.*}}, %{{.*}}, %{{.*}} : tensor<2x32x?x64xbf16>, tensor<2x?x64xbf16>, tensor<2x?x64xbf16>)
// CHECK-SAME: outs(%{{.*}} : tensor<2x32x?x64xbf16>)
// CHECK-SAME: mask {
// CHECK-NEXT: ^bb0(%{{.*}}: index, %{{.*}}: index, %[[M:.*]]: index, %[[N:.*]]: index):
// CHECK-NEXT:   %[[KEEP:.*]] = arith.cmpi ule, %[[N]], %[[M]] : index
// CHECK-NEXT:   mqa.yield %[[KEEP]] : i1
// CHECK-NEXT: } score {
// CHECK-NEXT: ^bb0(%[[S:.*]]: f32, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index):
// CHECK-NEXT:   %[[T:.*]] = math.tanh %[[S]] : f32
// CHECK-NEXT:   mqa.yield %[[T]] : f32
// CHECK-NEXT: } -> tensor<2x32x?x64xbf16>
func.func @multi_query(%q: tensor<2x32x?x64xbf16>, %k: tensor<2x?x64xbf16>,
                       %v: tensor<2x?x64xbf16>, %init: tensor<2x32x?x64xbf16>) -> tensor<2x32x?x64xbf16> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.125 : f32}
         ins(%q, %k, %v : tensor<2x32x?x64xbf16>, tensor<2x?x64xbf16>, tensor<2x?x64xbf16>)
         outs(%init : tensor<2x32x?x64xbf16>)
         mask {
         ^bb0(%b: index, %h: index, %m: index, %n: index):
           %keep = arith.cmpi ule, %n, %m : index
           mqa.yield %keep : i1
         }
         score {
         ^bb0(%s: f32, %b: index, %h: index, %m: index, %n: index):
           %t = math.tanh %s : f32
           mqa.yield %t : f32
         } -> tensor<2x32x?x64xbf16>
  return %o : tensor<2x32x?x64xbf16>
}

// Every optional part at once: extra inputs of several types, a sink, the
// log-sum-exp, a schedule, a captured scalar, a discardable attribute.
// CHECK-LABEL: func.func @all_parts(
// CHECK-SAME: %[[LENGTH:[a-z0-9]+]]: index
// CHECK: mqa.attention {indexing_maps = {{.*}}, schedule = #mqa.schedule<row_block = 32, row_panel = 16, key_block = 32, key_tile = 4, value_tile = 4, depth_step = 4>, tag = "x"}
// CHECK-SAME: ins(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<3x5x8xf16>, tensor<7x8xf16>, tensor<7x4xf16>, tensor<3xf32>, tensor<5x7xi1>)
// CHECK-SAME: sink(%{{.*}} : tensor<3xf32>)
// CHECK-SAME: outs(%{{.*}}, %{{.*}} : tensor<3x5x4xf32>, tensor<3x5xf32>)
// CHECK-SAME: mask {
// CHECK-NEXT: ^bb0(%{{.*}}: f32, %{{.*}}: i1, %{{.*}}: index, %{{.*}}: index, %[[N:.*]]: index):
// CHECK: arith.cmpi ult, %[[N]], %[[LENGTH]] : index
// CHECK: } score {
// CHECK-NEXT: ^bb0(%{{.*}}: f32, %{{.*}}: f32, %{{.*}}: i1, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index):
// CHECK: } -> tensor<3x5x4xf32>, tensor<3x5xf32>
#hq = affine_map<(h, m, n, d, e) -> (h, m, d)>
#hk = affine_map<(h, m, n, d, e) -> (n, d)>
#hv = affine_map<(h, m, n, d, e) -> (n, e)>
#ho = affine_map<(h, m, n, d, e) -> (h, m, e)>
#hr = affine_map<(h, m, n, d, e) -> (h, m)>
#hs = affine_map<(h, m, n, d, e) -> (h)>
#hn = affine_map<(h, m, n, d, e) -> (m, n)>
func.func @all_parts(%q: tensor<3x5x8xf16>, %k: tensor<7x8xf16>, %v: tensor<7x4xf16>,
                     %slope: tensor<3xf32>, %bits: tensor<5x7xi1>, %sink: tensor<3xf32>,
                     %init: tensor<3x5x4xf32>, %lse: tensor<3x5xf32>, %length: index)
    -> (tensor<3x5x4xf32>, tensor<3x5xf32>) {
  %o:2 = mqa.attention {indexing_maps = [#hq, #hk, #hv, #hs, #hn, #hs, #ho, #hr], tag = "x",
           schedule = #mqa.schedule<row_block = 32, row_panel = 16, key_block = 32,
                                    key_tile = 4, value_tile = 4, depth_step = 4>}
         ins(%q, %k, %v, %slope, %bits : tensor<3x5x8xf16>, tensor<7x8xf16>, tensor<7x4xf16>,
                                         tensor<3xf32>, tensor<5x7xi1>)
         sink(%sink : tensor<3xf32>)
         outs(%init, %lse : tensor<3x5x4xf32>, tensor<3x5xf32>)
         mask {
         ^bb0(%a: f32, %bit: i1, %h: index, %m: index, %n: index):
           %inside = arith.cmpi ult, %n, %length : index
           %keep = arith.andi %inside, %bit : i1
           mqa.yield %keep : i1
         }
         score {
         ^bb0(%s: f32, %a: f32, %bit: i1, %h: index, %m: index, %n: index):
           %i = arith.index_cast %n : index to i32
           %f = arith.sitofp %i : i32 to f32
           %bias = arith.mulf %a, %f : f32
           %t = arith.addf %s, %bias : f32
           mqa.yield %t : f32
         } -> tensor<3x5x4xf32>, tensor<3x5xf32>
  return %o#0, %o#1 : tensor<3x5x4xf32>, tensor<3x5xf32>
}

// Memrefs, strided ones too: no results.
// CHECK-LABEL: func.func @memrefs(
// CHECK: mqa.attention {indexing_maps = {{.*}}} ins({{.*}} : memref<3x5x8xf64, strided<[80, 16, 1], offset: ?>>, memref<7x8xf64>, memref<7x4xf64>)
// CHECK-SAME: outs(%{{.*}}, %{{.*}} : memref<3x5x4xf64>, memref<3x5xf64>){{$}}
func.func @memrefs(%q: memref<3x5x8xf64, strided<[80, 16, 1], offset: ?>>, %k: memref<7x8xf64>,
                   %v: memref<7x4xf64>, %o: memref<3x5x4xf64>, %lse: memref<3x5xf64>) {
  mqa.attention {indexing_maps = [#hq, #hk, #hv, #ho, #hr]}
    ins(%q, %k, %v : memref<3x5x8xf64, strided<[80, 16, 1], offset: ?>>, memref<7x8xf64>, memref<7x4xf64>)
    outs(%o, %lse : memref<3x5x4xf64>, memref<3x5xf64>)
  return
}

// Layouts are maps: one token's queries, keys transposed, two key dimensions
// (pages), values as wide as two dimensions.
// CHECK-LABEL: func.func @layouts(
// CHECK: mqa.attention {{.*}} -> tensor<4x2x8xf32>
func.func @layouts(%q: tensor<8x8xf32>, %k: tensor<6x8x16xf32>, %v: tensor<6x16x4x2xf32>,
                   %init: tensor<4x2x8xf32>) -> tensor<4x2x8xf32> {
  %o = mqa.attention {indexing_maps = [affine_map<(m, p, n, d, e, f) -> (d, m)>,
                                       affine_map<(m, p, n, d, e, f) -> (p, d, n)>,
                                       affine_map<(m, p, n, d, e, f) -> (p, n, e, f)>,
                                       affine_map<(m, p, n, d, e, f) -> (e, f, m)>]}
         ins(%q, %k, %v : tensor<8x8xf32>, tensor<6x8x16xf32>, tensor<6x16x4x2xf32>)
         outs(%init : tensor<4x2x8xf32>) -> tensor<4x2x8xf32>
  return %o : tensor<4x2x8xf32>
}
