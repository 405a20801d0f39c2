// What regions read is packed to match the tile: by row once per task, by key
// once per block, by batch as a scalar.
// RUN: mqa-opt %s --mqa-convert-to-online --mqa-tile --canonicalize --cse | FileCheck %s

#q = affine_map<(b, m, n, d, e) -> (b, m, d)>
#k = affine_map<(b, m, n, d, e) -> (b, n, d)>
#v = affine_map<(b, m, n, d, e) -> (b, n, e)>
#o = affine_map<(b, m, n, d, e) -> (b, m, e)>
#batch = affine_map<(b, m, n, d, e) -> (b)>
#row = affine_map<(b, m, n, d, e) -> (m)>
#key = affine_map<(b, m, n, d, e) -> (b, n)>
#both = affine_map<(b, m, n, d, e) -> (n, m)>
#s = #mqa.schedule<row_block = 16, row_panel = 8, key_block = 8, key_tile = 4, value_tile = 4, depth_step = 4>

// CHECK-DAG: #[[$ROW:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d2)>
// CHECK-DAG: #[[$KEY:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d1)>
// CHECK-DAG: #[[$BOTH:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>

// CHECK-LABEL: func.func @extras
// CHECK-SAME: %[[L:[a-z0-9]+]]: tensor<2xi64>, %[[R:[a-z0-9]+]]: tensor<37xf32>, %[[P:[a-z0-9]+]]: tensor<2x40xf16>, %[[W:[a-z0-9]+]]: tensor<40x37xf32>
// CHECK: scf.forall (%[[B:.*]], %[[M:.*]]) = (0, 0) to (2, 37) step (1, 16)
// CHECK: %[[LEN:.*]] = tensor.extract %[[L]][%[[B]]]
// CHECK: tensor.extract %[[R]]
// CHECK: tensor.insert {{.*}} : tensor<2x8xf32>
// The blocks below the length: no mask, and what they read lies in the inputs.
// CHECK: scf.for %[[N:.*]] = %c0 to %[[FULL:.*]] step %c8
// CHECK: tensor.extract_slice %[[P]][%[[B]], %[[N]]] [1, 8] [1, 1] : tensor<2x40xf16> to tensor<8xf16>
// CHECK: tensor.extract_slice %[[W]][%[[N]], %{{.*}}] [8, 1] [1, 1] : tensor<40x37xf32> to tensor<8xf32>
// CHECK: mqa.online_attention {indexing_maps = [#{{.*}}, #{{.*}}, #{{.*}}, #[[$ROW]], #[[$KEY]], #[[$BOTH]],
// CHECK-SAME: tensor<2x8xf32>, tensor<8xf16>, tensor<2x8x8xf32>)
// CHECK-NOT: mask {
// CHECK-SAME: score {
// The block that the length cuts: nothing at or beyond it is read.
// CHECK: scf.for %[[N:.*]] = %[[FULL]] to %[[END:.*]] step %c8
// CHECK: %[[LAST:.*]] = arith.subi %[[END]], %c1
// CHECK: arith.minui %{{.*}}, %[[LAST]]
// CHECK: tensor.extract %[[P]][%[[B]], %{{.*}}] : tensor<2x40xf16>
// CHECK: mqa.online_attention {indexing_maps = [#{{.*}}, #{{.*}}, #{{.*}}, #[[$ROW]], #[[$KEY]], #[[$BOTH]],
// CHECK-SAME: tensor<2x8xf32>, tensor<8xf16>, tensor<2x8x8xf32>)
// CHECK-SAME: mask {
// CHECK-NEXT: ^bb0(%{{.*}}: f32, %{{.*}}: f16, %{{.*}}: f32, %{{.*}}: index, %[[LOCAL:.*]]: index, %{{.*}}: index):
// CHECK-NEXT: %[[AT:.*]] = arith.addi %[[N]], %[[LOCAL]]
// CHECK-NEXT: %[[AT64:.*]] = arith.index_cast %[[AT]]
// CHECK-NEXT: arith.cmpi slt, %[[AT64]], %[[LEN]]
// CHECK: } score {
// CHECK-NEXT: ^bb0(%[[S:.*]]: f32, %[[R1:.*]]: f32, %[[P1:.*]]: f16, %[[W1:.*]]: f32,
// CHECK-NEXT: arith.addf %[[S]], %[[R1]]
func.func @extras(%q: tensor<2x37x12xf32>, %k: tensor<2x40x12xf32>, %v: tensor<2x40x4xf32>, %l: tensor<2xi64>, %r: tensor<37xf32>,
                  %p: tensor<2x40xf16>, %w: tensor<40x37xf32>, %init: tensor<2x37x4xf32>) -> tensor<2x37x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #batch, #row, #key, #both, #o], schedule = #s}
         ins(%q, %k, %v, %l, %r, %p, %w : tensor<2x37x12xf32>, tensor<2x40x12xf32>, tensor<2x40x4xf32>,
             tensor<2xi64>, tensor<37xf32>, tensor<2x40xf16>, tensor<40x37xf32>)
         outs(%init : tensor<2x37x4xf32>)
         mask {
         ^bb0(%l0: i64, %r0: f32, %p0: f16, %w0: f32, %b: index, %m: index, %n: index):
           %n64 = arith.index_cast %n : index to i64
           %keep = arith.cmpi slt, %n64, %l0 : i64
           mqa.yield %keep : i1
         } score {
         ^bb0(%s: f32, %l0: i64, %r0: f32, %p0: f16, %w0: f32, %b: index, %m: index, %n: index):
           %s1 = arith.addf %s, %r0 : f32
           %p1 = arith.extf %p0 : f16 to f32
           %s2 = arith.addf %s1, %p1 : f32
           %s3 = arith.addf %s2, %w0 : f32
           mqa.yield %s3 : f32
         } -> tensor<2x37x4xf32>
  return %o : tensor<2x37x4xf32>
}

// Booleans are bytes in scratch. A row index that a region uses is packed, one
// that none uses is not; the batch index is a captured scalar.
// CHECK-LABEL: func.func @booleans_and_indices
// CHECK: scf.forall (%[[B:.*]], %[[M:.*]]) =
// CHECK: tensor.insert {{.*}} : tensor<2x8xindex>
// The last row of the task bounds the keys.
// CHECK: %[[END:.*]] = arith.addi %{{.*}}, %c1
// CHECK: scf.for %{{.*}} = %c0 to %[[END]] step %c8
// CHECK: arith.extui %{{.*}} : i1 to i8
// CHECK: tensor.insert {{.*}} : tensor<8xi8>
// CHECK: mqa.online_attention {{.*}} tensor<8xi8>, tensor<2x8xindex>)
// CHECK: ^bb0(%[[X:.*]]: i8, %[[ROW:.*]]: index, %{{.*}}: index, %[[LOCAL:.*]]: index, %{{.*}}: index):
// CHECK-NEXT: %[[BIT:.*]] = arith.trunci %[[X]] : i8 to i1
// CHECK: arith.addi %[[ROW]], %[[B]]
func.func @booleans_and_indices(%q: tensor<2x37x12xf32>, %k: tensor<2x40x12xf32>, %v: tensor<2x40x4xf32>,
                                %x: tensor<2x40xi1>, %init: tensor<2x37x4xf32>) -> tensor<2x37x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #key, #o], schedule = #s}
         ins(%q, %k, %v, %x : tensor<2x37x12xf32>, tensor<2x40x12xf32>, tensor<2x40x4xf32>, tensor<2x40xi1>)
         outs(%init : tensor<2x37x4xf32>)
         mask {
         ^bb0(%x0: i1, %b: index, %m: index, %n: index):
           %sum = arith.addi %m, %b : index
           %le = arith.cmpi ule, %n, %sum : index
           %keep = arith.andi %x0, %le : i1
           mqa.yield %keep : i1
         } -> tensor<2x37x4xf32>
  return %o : tensor<2x37x4xf32>
}
