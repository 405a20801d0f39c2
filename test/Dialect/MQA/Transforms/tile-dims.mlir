// Any number of dimensions of a role.
// RUN: mqa-opt %s --mqa-convert-to-online --mqa-tile --canonicalize --cse -split-input-file | FileCheck %s

#s = #mqa.schedule<row_block = 16, row_panel = 8, key_block = 8, key_tile = 4, value_tile = 4, depth_step = 4>

// Three dimensions of rows: a task of at most 16 rows is 1 x 2 x 7 of them,
// numbered through with the innermost first.
// CHECK-LABEL: func.func @rows
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<5x2x7x12xf32>
// CHECK: scf.forall (%[[G:.*]]) in (5)
// CHECK: %[[AT:.*]]:3 = affine.delinearize_index %{{.*}} into (%{{.*}}, 2, 7)
// CHECK: tensor.extract_slice %[[Q]][%{{.*}}, %[[AT]]#1, %[[AT]]#2, 0] [1, 1, 1, 12]
// CHECK: tensor.parallel_insert_slice {{.*}}[%[[G]], 0, 0, 0] [%{{.*}}, 2, 7, 4]
#q = affine_map<(g, h, m, n, d, e) -> (g, h, m, d)>
#k = affine_map<(g, h, m, n, d, e) -> (n, d)>
#v = affine_map<(g, h, m, n, d, e) -> (n, e)>
#o = affine_map<(g, h, m, n, d, e) -> (g, h, m, e)>
func.func @rows(%q: tensor<5x2x7x12xf32>, %k: tensor<8x12xf32>, %v: tensor<8x4xf32>,
                %init: tensor<5x2x7x4xf32>) -> tensor<5x2x7x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], schedule = #s}
         ins(%q, %k, %v : tensor<5x2x7x12xf32>, tensor<8x12xf32>, tensor<8x4xf32>)
         outs(%init : tensor<5x2x7x4xf32>) -> tensor<5x2x7x4xf32>
  return %o : tensor<5x2x7x4xf32>
}

// -----

#s = #mqa.schedule<row_block = 16, row_panel = 8, key_block = 8, key_tile = 4, value_tile = 4, depth_step = 4>

// Two dimensions of keys: the outer one is a loop around the blocks of the
// inner one, and both regions and slices know where they are. The keys that
// live begin where the outer index says.
// CHECK-LABEL: func.func @keys
// CHECK-SAME: tensor<5x12xf32>, %[[K:[a-z0-9]+]]: tensor<3x16x12xf32>
// CHECK: scf.for %[[P:.*]] = %c0 to %c3 step %c1
// CHECK: %[[BEGIN:.*]] = arith.addi %[[P]], %c1
// CHECK: scf.for %[[N:.*]] = %[[BEGIN]] to %[[FULL:.*]] step %c8
// CHECK: tensor.extract_slice %[[K]][%[[P]], %[[N]], 0] [1, 8, 12] {{.*}} to tensor<8x12xf32>
// CHECK: mqa.online_attention
// CHECK: scf.for %[[N:.*]] = %[[FULL]] to %{{.*}} step %c8
// CHECK: mqa.online_attention
// CHECK: %[[KEY:.*]] = arith.addi %[[N]], %{{.*}}
// CHECK: arith.cmpi ult, %[[P]], %[[KEY]]
#q = affine_map<(m, p, n, d, e) -> (m, d)>
#k = affine_map<(m, p, n, d, e) -> (p, n, d)>
#v = affine_map<(m, p, n, d, e) -> (p, n, e)>
#o = affine_map<(m, p, n, d, e) -> (m, e)>
func.func @keys(%q: tensor<5x12xf32>, %k: tensor<3x16x12xf32>, %v: tensor<3x16x4xf32>,
                %init: tensor<5x4xf32>) -> tensor<5x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], schedule = #s}
         ins(%q, %k, %v : tensor<5x12xf32>, tensor<3x16x12xf32>, tensor<3x16x4xf32>)
         outs(%init : tensor<5x4xf32>)
         mask {
         ^bb0(%m: index, %p: index, %n: index):
           %keep = arith.cmpi ult, %p, %n : index
           mqa.yield %keep : i1
         } -> tensor<5x4xf32>
  return %o : tensor<5x4xf32>
}

// -----

#s = #mqa.schedule<row_block = 16, row_panel = 8, key_block = 8, key_tile = 4, value_tile = 4, depth_step = 4>

// Two dimensions of depth and of value are one of the tile, by staging.
// CHECK-LABEL: func.func @depths_and_values
// CHECK: mqa.online_attention {{.*}} ins({{.*}} : tensor<2x12x8xf32>, tensor<8x12xf32>, tensor<8x20xf32>)
// CHECK: mqa.finalize
// CHECK: tensor.expand_shape {{.*}} output_shape [4, 5]
#q = affine_map<(m, n, c, d, e, f) -> (c, m, d)>
#k = affine_map<(m, n, c, d, e, f) -> (n, c, d)>
#v = affine_map<(m, n, c, d, e, f) -> (n, e, f)>
#o = affine_map<(m, n, c, d, e, f) -> (e, m, f)>
func.func @depths_and_values(%q: tensor<2x15x6xf32>, %k: tensor<8x2x6xf32>, %v: tensor<8x4x5xf32>,
                             %init: tensor<4x15x5xf32>) -> tensor<4x15x5xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], schedule = #s}
         ins(%q, %k, %v : tensor<2x15x6xf32>, tensor<8x2x6xf32>, tensor<8x4x5xf32>)
         outs(%init : tensor<4x15x5xf32>) -> tensor<4x15x5xf32>
  return %o : tensor<4x15x5xf32>
}

// -----

#s = #mqa.schedule<row_block = 16, row_panel = 8, key_block = 8, key_tile = 4, value_tile = 4, depth_step = 4>

// Without rows, one lane is used; without batch and rows, there is one task.
// CHECK-LABEL: func.func @no_rows
// CHECK: scf.forall (%[[B:.*]]) in (6)
// CHECK: scf.for %{{.*}} = %c0 to %c16 step %c1
// CHECK: tensor.extract_slice %{{.*}}[%[[B]], 0] [1, 12]
// CHECK: mqa.online_attention
// CHECK-LABEL: func.func @no_batch
// CHECK-NOT: scf.forall
// CHECK: mqa.online_attention
#q = affine_map<(b, n, d, e) -> (b, d)>
#k = affine_map<(b, n, d, e) -> (b, n, d)>
#v = affine_map<(b, n, d, e) -> (b, n, e)>
#o = affine_map<(b, n, d, e) -> (b, e)>
func.func @no_rows(%q: tensor<6x12xf32>, %k: tensor<6x8x12xf32>, %v: tensor<6x8x4xf32>,
                   %init: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], schedule = #s}
         ins(%q, %k, %v : tensor<6x12xf32>, tensor<6x8x12xf32>, tensor<6x8x4xf32>)
         outs(%init : tensor<6x4xf32>) -> tensor<6x4xf32>
  return %o : tensor<6x4xf32>
}

#q1 = affine_map<(n, d, e) -> (d)>
#k1 = affine_map<(n, d, e) -> (n, d)>
#v1 = affine_map<(n, d, e) -> (n, e)>
#o1 = affine_map<(n, d, e) -> (e)>
func.func @no_batch(%q: tensor<12xf32>, %k: tensor<8x12xf32>, %v: tensor<8x4xf32>,
                    %init: tensor<4xf32>) -> tensor<4xf32> {
  %o = mqa.attention {indexing_maps = [#q1, #k1, #v1, #o1], schedule = #s}
         ins(%q, %k, %v : tensor<12xf32>, tensor<8x12xf32>, tensor<8x4xf32>)
         outs(%init : tensor<4xf32>) -> tensor<4xf32>
  return %o : tensor<4xf32>
}
