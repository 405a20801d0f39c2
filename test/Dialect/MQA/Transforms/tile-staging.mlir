// Keys and values are used where they lie, or staged in scratch block by block.
// RUN: mqa-opt %s --mqa-convert-to-online --mqa-tile --canonicalize --cse | FileCheck %s

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#kt = affine_map<(m, n, d, e) -> (d, n)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
#s = #mqa.schedule<row_block = 8, row_panel = 8, key_block = 8, key_tile = 4, value_tile = 4, depth_step = 4>

// f32 with the inner dimension last and whole tiles: no copy of K or V.
// CHECK-LABEL: func.func @direct
// CHECK-SAME: %{{.*}}: tensor<5x12xf32>, %[[K:[a-z0-9]+]]: tensor<40x12xf32>, %[[V:[a-z0-9]+]]: tensor<40x4xf32>
// CHECK: scf.for %[[N:.*]] = %c0 to %c40
// CHECK-NEXT: %[[KS:.*]] = tensor.extract_slice %[[K]][%[[N]], 0] [8, 12]
// CHECK-NEXT: %[[VS:.*]] = tensor.extract_slice %[[V]][%[[N]], 0] [8, 4]
// CHECK-NEXT: mqa.online_attention {{.*}} ins(%{{.*}}, %[[KS]], %[[VS]] :
func.func @direct(%q: tensor<5x12xf32>, %k: tensor<40x12xf32>, %v: tensor<40x4xf32>, %init: tensor<5x4xf32>) -> tensor<5x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], schedule = #s}
         ins(%q, %k, %v : tensor<5x12xf32>, tensor<40x12xf32>, tensor<40x4xf32>)
         outs(%init : tensor<5x4xf32>) -> tensor<5x4xf32>
  return %o : tensor<5x4xf32>
}

// Transposed keys are copied, values are not.
// CHECK-LABEL: func.func @transposed
// CHECK-SAME: %[[KT:[a-z0-9]+]]: tensor<12x40xf32>, %[[V:[a-z0-9]+]]: tensor<40x4xf32>
// CHECK: scf.for %[[N:.*]] = %c0 to %c40
// CHECK-NEXT: %[[KS:.*]] = tensor.extract_slice %[[KT]][0, %[[N]]] [12, 8]
// CHECK-NEXT: %[[COPY:.*]] = linalg.generic {{.*}} ins(%[[KS]] : tensor<12x8xf32>) outs(%{{.*}} : tensor<8x12xf32>)
// CHECK: %[[VS:.*]] = tensor.extract_slice %[[V]][%[[N]], 0] [8, 4]
// CHECK-NEXT: mqa.online_attention {{.*}} ins(%{{.*}}, %[[COPY]], %[[VS]] :
func.func @transposed(%q: tensor<5x12xf32>, %k: tensor<12x40xf32>, %v: tensor<40x4xf32>, %init: tensor<5x4xf32>) -> tensor<5x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #kt, #v, #o], schedule = #s}
         ins(%q, %k, %v : tensor<5x12xf32>, tensor<12x40xf32>, tensor<40x4xf32>)
         outs(%init : tensor<5x4xf32>) -> tensor<5x4xf32>
  return %o : tensor<5x4xf32>
}

// 16-bit data is converted; the output back.
// CHECK-LABEL: func.func @half
// CHECK: arith.extf %{{.*}} : f16 to f32
// CHECK: scf.for {{.*}} = %c0 to %c40
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<8x12xf32>)
// CHECK: arith.extf %{{.*}} : f16 to f32
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<8x4xf32>)
// CHECK: arith.extf %{{.*}} : bf16 to f32
// CHECK: mqa.online_attention {{.*}} tensor<8x12xf32>, tensor<8x4xf32>
// CHECK: mqa.finalize
// CHECK: arith.truncf %{{.*}} : f32 to bf16
func.func @half(%q: tensor<5x12xf16>, %k: tensor<40x12xf16>, %v: tensor<40x4xbf16>, %init: tensor<5x4xbf16>) -> tensor<5x4xbf16> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], schedule = #s}
         ins(%q, %k, %v : tensor<5x12xf16>, tensor<40x12xf16>, tensor<40x4xbf16>)
         outs(%init : tensor<5x4xbf16>) -> tensor<5x4xbf16>
  return %o : tensor<5x4xbf16>
}

// Sizes that are no whole steps or tiles are padded with zeros: depth 10 to 12
// in rows and keys, value 3 to 4. The output has its own 3 columns.
// CHECK-LABEL: func.func @padded
// CHECK: linalg.fill {{.*}} outs({{.*}} : tensor<8x12xf32>)
// CHECK: scf.for
// CHECK: tensor.insert_slice {{.*}} [1, 10] [1, 1] : tensor<10xf32> into tensor<8x12xf32>
// CHECK: scf.for {{.*}} = %c0 to %c40
// CHECK: tensor.insert_slice {{.*}} [8, 10] [1, 1] : tensor<8x10xf32> into tensor<8x12xf32>
// CHECK: tensor.insert_slice {{.*}} [8, 3] [1, 1] : tensor<8x3xf32> into tensor<8x4xf32>
// CHECK: mqa.online_attention {{.*}} ins({{.*}} : tensor<1x12x8xf32>, tensor<8x12xf32>, tensor<8x4xf32>)
// CHECK: mqa.finalize
// CHECK: tensor.extract_slice {{.*}} : tensor<8x4xf32> to tensor<3xf32>
func.func @padded(%q: tensor<5x10xf32>, %k: tensor<40x10xf32>, %v: tensor<40x3xf32>, %init: tensor<5x3xf32>) -> tensor<5x3xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], schedule = #s}
         ins(%q, %k, %v : tensor<5x10xf32>, tensor<40x10xf32>, tensor<40x3xf32>)
         outs(%init : tensor<5x3xf32>) -> tensor<5x3xf32>
  return %o : tensor<5x3xf32>
}
