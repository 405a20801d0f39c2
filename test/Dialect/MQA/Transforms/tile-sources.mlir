// Elementwise producers of keys and values are computed block by block.
// RUN: mqa-opt %s --mqa-convert-to-online --mqa-tile --canonicalize --cse -verify-diagnostics | FileCheck %s

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
#id = affine_map<(n, d) -> (n, d)>
#row = affine_map<(n, d) -> (n)>
#column = affine_map<(n, d) -> (d)>
#transposed = affine_map<(n, d) -> (d, n)>
#s = #mqa.schedule<row_block = 8, row_panel = 8, key_block = 8, key_tile = 4, value_tile = 4, depth_step = 4>

// A scale per token and one per channel, in the scratch of a block.
// CHECK-LABEL: func.func @dequantise
// CHECK-SAME: %[[K:[a-z0-9]+]]: tensor<40x12xi8>, %[[KS:[a-z0-9]+]]: tensor<40xf32>, %[[V:[a-z0-9]+]]: tensor<4x40xi8>, %[[VS:[a-z0-9]+]]: tensor<4xf16>
// CHECK-NOT: linalg.generic {{.*}} tensor<40x
// CHECK: scf.for %[[N:.*]] = %c0 to %c40
// CHECK: %[[KB:.*]] = tensor.extract_slice %[[K]][%[[N]], 0] [8, 12]
// CHECK: %[[SB:.*]] = tensor.extract_slice %[[KS]][%[[N]]] [8]
// CHECK: linalg.generic {{.*}} ins(%[[KB]], %[[SB]] : tensor<8x12xi8>, tensor<8xf32>) outs(%{{.*}} : tensor<8x12xf32>) attrs = {mqa.role = "copy"}
// CHECK: arith.sitofp %{{.*}} : i8 to f32
// CHECK: arith.mulf
// CHECK: %[[VB:.*]] = tensor.extract_slice %[[V]][0, %[[N]]] [4, 8]
// CHECK: linalg.generic {{.*}} ins(%[[VB]], %[[VS]] : tensor<4x8xi8>, tensor<4xf16>) outs(%{{.*}} : tensor<8x4xf32>)
// CHECK: arith.sitofp %{{.*}} : i8 to f16
// CHECK: arith.mulf %{{.*}} : f16
// CHECK: arith.extf %{{.*}} : f16 to f32
// CHECK: mqa.online_attention
func.func @dequantise(%q: tensor<5x12xf32>, %k: tensor<40x12xi8>, %ks: tensor<40xf32>, %v: tensor<4x40xi8>, %vs: tensor<4xf16>, %init: tensor<5x4xf32>) -> tensor<5x4xf32> {
  %ke = tensor.empty() : tensor<40x12xf32>
  %kd = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]} ins(%k, %ks : tensor<40x12xi8>, tensor<40xf32>) outs(%ke : tensor<40x12xf32>) {
  ^bb0(%x: i8, %f: f32, %y: f32):
    %0 = arith.sitofp %x : i8 to f32
    %1 = arith.mulf %0, %f : f32
    linalg.yield %1 : f32
  } -> tensor<40x12xf32>
  %ve = tensor.empty() : tensor<40x4xf16>
  %vd = linalg.generic {indexing_maps = [#transposed, #column, #id], iterator_types = ["parallel", "parallel"]} ins(%v, %vs : tensor<4x40xi8>, tensor<4xf16>) outs(%ve : tensor<40x4xf16>) {
  ^bb0(%x: i8, %f: f16, %y: f16):
    %0 = arith.sitofp %x : i8 to f16
    %1 = arith.mulf %0, %f : f16
    linalg.yield %1 : f16
  } -> tensor<40x4xf16>
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], schedule = #s}
         ins(%q, %kd, %vd : tensor<5x12xf32>, tensor<40x12xf32>, tensor<40x4xf16>)
         outs(%init : tensor<5x4xf32>) -> tensor<5x4xf32>
  return %o : tensor<5x4xf32>
}

// A chain of ops on an int8 pool: one op per run of keys in a page, whose
// scalar scale is captured.
// CHECK-LABEL: func.func @chain
// CHECK-SAME: %[[P:[a-z0-9]+]]: tensor<9x8x12xi8>
// CHECK: scf.for %[[N:.*]] = %c0 to %c40
// CHECK: %[[B:.*]] = tensor.extract_slice %[[P]][%{{.*}}, %{{.*}}, 0] [1, 8, 12]
// CHECK: linalg.generic {{.*}} ins(%[[B]] : tensor<8x12xi8>) outs(%{{.*}} : tensor<8x12xf32>)
// CHECK: %[[WIDE:.*]] = arith.extsi %{{.*}} : i8 to i32
// CHECK: %[[F:.*]] = arith.sitofp %[[WIDE]] : i32 to f32
// CHECK: arith.mulf %[[F]], %arg{{.*}} : f32
// CHECK: mqa.online_attention
func.func @chain(%q: tensor<5x12xf32>, %p: tensor<9x8x12xi8>, %t: tensor<5xi32>, %f: f32, %init: tensor<5x12xf32>) -> tensor<5x12xf32> {
  %view = mqa.paged_view %p[%t] page_dim(0) slot_dim(1) : tensor<9x8x12xi8>, tensor<5xi32> -> tensor<40x12xi8>
  %we = tensor.empty() : tensor<40x12xi32>
  %w = linalg.map { arith.extsi } ins(%view : tensor<40x12xi8>) outs(%we : tensor<40x12xi32>)
  %ke = tensor.empty() : tensor<40x12xf32>
  %k = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%w : tensor<40x12xi32>) outs(%ke : tensor<40x12xf32>) {
  ^bb0(%x: i32, %y: f32):
    %0 = arith.sitofp %x : i32 to f32
    %1 = arith.mulf %0, %f : f32
    linalg.yield %1 : f32
  } -> tensor<40x12xf32>
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], schedule = #s}
         ins(%q, %k, %k : tensor<5x12xf32>, tensor<40x12xf32>, tensor<40x12xf32>)
         outs(%init : tensor<5x12xf32>) -> tensor<5x12xf32>
  return %o : tensor<5x12xf32>
}

// What is not cheap, or not elementwise, is computed once, and a remark says so.
// CHECK-LABEL: func.func @whole
// CHECK-COUNT-3: linalg.generic {{.*}} outs(%{{.*}} : tensor<40x
// CHECK: mqa.online_attention
// CHECK: mqa.online_attention
func.func @whole(%q: tensor<5x12xf32>, %k: tensor<40x12xf32>, %v: tensor<40x4xf32>, %init: tensor<5x4xf32>) -> (tensor<5x4xf32>, tensor<5x4xf32>) {
  %ke = tensor.empty() : tensor<40x12xf32>
  // expected-remark@below {{keys or values are computed as a whole: not all of its operations are cheap arithmetic}}
  %kd = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%k : tensor<40x12xf32>) outs(%ke : tensor<40x12xf32>) {
  ^bb0(%x: f32, %y: f32):
    %0 = math.exp %x : f32
    linalg.yield %0 : f32
  } -> tensor<40x12xf32>
  %ve = tensor.empty() : tensor<40x4xf32>
  // expected-remark@below {{keys or values are computed as a whole: not all of its operations are cheap arithmetic}}
  %vd = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%v : tensor<40x4xf32>) outs(%ve : tensor<40x4xf32>) {
  ^bb0(%x: f32, %y: f32):
    %0 = linalg.index 0 : index
    %1 = arith.index_cast %0 : index to i32
    %2 = arith.sitofp %1 : i32 to f32
    %3 = arith.addf %x, %2 : f32
    linalg.yield %3 : f32
  } -> tensor<40x4xf32>
  // expected-remark@below {{keys or values are computed as a whole: it reads its destination}}
  %vr = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%v : tensor<40x4xf32>) outs(%v : tensor<40x4xf32>) {
  ^bb0(%x: f32, %y: f32):
    %0 = arith.addf %x, %y : f32
    linalg.yield %0 : f32
  } -> tensor<40x4xf32>
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], schedule = #s}
         ins(%q, %kd, %vd : tensor<5x12xf32>, tensor<40x12xf32>, tensor<40x4xf32>)
         outs(%init : tensor<5x4xf32>) -> tensor<5x4xf32>
  %r = mqa.attention {indexing_maps = [#q, #k, #v, #o], schedule = #s}
         ins(%q, %k, %vr : tensor<5x12xf32>, tensor<40x12xf32>, tensor<40x4xf32>)
         outs(%init : tensor<5x4xf32>) -> tensor<5x4xf32>
  return %o, %r : tensor<5x4xf32>, tensor<5x4xf32>
}
