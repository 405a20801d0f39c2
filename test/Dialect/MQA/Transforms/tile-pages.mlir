// Blocks of keys are read from the pages of a pool; nothing is gathered.
// RUN: mqa-opt %s --mqa-convert-to-online --mqa-tile --canonicalize --cse | FileCheck %s --implicit-check-not=mqa.paged_view

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
#s = #mqa.schedule<row_block = 8, row_panel = 8, key_block = 8, key_tile = 4, value_tile = 4, depth_step = 4>

// Pages hold whole blocks: a block is a slice of one page, where it lies. A
// number that is no page stands for the last page.
// CHECK-LABEL: func.func @whole_blocks
// CHECK-SAME: %[[K:[a-z0-9]+]]: tensor<9x16x12xf32>, %[[V:[a-z0-9]+]]: tensor<9x16x4xf32>, %[[T:[a-z0-9]+]]: tensor<3xi32>
// CHECK: scf.for %[[N:.*]] = %c0 to %c40 step %c8
// CHECK-NEXT: %[[COLUMN:.*]] = arith.divui %[[N]], %c16
// CHECK-NEXT: %[[ENTRY:.*]] = tensor.extract %[[T]][%[[COLUMN]]]
// CHECK-NEXT: %[[INDEX:.*]] = arith.index_cast %[[ENTRY]] : i32 to index
// CHECK-NEXT: %[[PAGE:.*]] = arith.minui %[[INDEX]], %c8
// CHECK-NEXT: %[[SLOT:.*]] = arith.remui %[[N]], %c16
// CHECK-NEXT: %[[KS:.*]] = tensor.extract_slice %[[K]][%[[PAGE]], %[[SLOT]], 0] [1, 8, 12]
// CHECK-NEXT: %[[VS:.*]] = tensor.extract_slice %[[V]][%[[PAGE]], %[[SLOT]], 0] [1, 8, 4]
// CHECK-NEXT: mqa.online_attention {{.*}} ins(%{{.*}}, %[[KS]], %[[VS]] :
func.func @whole_blocks(%q: tensor<5x12xf32>, %kp: tensor<9x16x12xf32>, %vp: tensor<9x16x4xf32>, %t: tensor<3xi32>, %init: tensor<5x4xf32>) -> tensor<5x4xf32> {
  %k = mqa.paged_view %kp[%t] page_dim(0) slot_dim(1) : tensor<9x16x12xf32>, tensor<3xi32> -> tensor<40x12xf32>
  %v = mqa.paged_view %vp[%t] page_dim(0) slot_dim(1) : tensor<9x16x4xf32>, tensor<3xi32> -> tensor<40x4xf32>
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], schedule = #s}
         ins(%q, %k, %v : tensor<5x12xf32>, tensor<40x12xf32>, tensor<40x4xf32>)
         outs(%init : tensor<5x4xf32>) -> tensor<5x4xf32>
  return %o : tensor<5x4xf32>
}

// Pages of 4: two runs of a page per block, into scratch. Pages of 3: single
// keys, in a loop over the block.
// CHECK-LABEL: func.func @small_pages
// CHECK-SAME: %[[K:[a-z0-9]+]]: tensor<9x4x12xf32>, %[[V:[a-z0-9]+]]: tensor<9x3x4xf32>
// CHECK: scf.for %[[N:.*]] = %c0 to %c24 step %c8
// CHECK: scf.for %[[X:.*]] = %c0 to %c2 step %c1 {{.*}} -> (tensor<8x12xf32>)
// CHECK: tensor.extract_slice %[[K]][%{{.*}}, %{{.*}}, 0] [1, 4, 12]
// CHECK: tensor.insert_slice {{.*}} [4, 12] [1, 1]
// CHECK: scf.for %[[Y:.*]] = %c0 to %c8 step %c1 {{.*}} -> (tensor<8x4xf32>)
// CHECK: %[[KEY:.*]] = arith.addi %[[N]], %[[Y]]
// CHECK: arith.divui %[[KEY]], %c3
// CHECK: tensor.extract_slice %[[V]][%{{.*}}, %{{.*}}, 0] [1, 1, 4]
// CHECK: mqa.online_attention
func.func @small_pages(%q: tensor<5x12xf32>, %kp: tensor<9x4x12xf32>, %vp: tensor<9x3x4xf32>, %t: tensor<8xi32>, %init: tensor<5x4xf32>) -> tensor<5x4xf32> {
  %k = mqa.paged_view %kp[%t] page_dim(0) slot_dim(1) : tensor<9x4x12xf32>, tensor<8xi32> -> tensor<24x12xf32>
  %v = mqa.paged_view %vp[%t] page_dim(0) slot_dim(1) : tensor<9x3x4xf32>, tensor<8xi32> -> tensor<24x4xf32>
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], schedule = #s}
         ins(%q, %k, %v : tensor<5x12xf32>, tensor<24x12xf32>, tensor<24x4xf32>)
         outs(%init : tensor<5x4xf32>) -> tensor<5x4xf32>
  return %o : tensor<5x4xf32>
}

// The last block has keys up to 21: later ones have no page that is looked up.
// CHECK-LABEL: func.func @tail
// CHECK: scf.for %{{.*}} = %c0 to %c16 step %c8
// CHECK: scf.for %[[X:.*]] = %c0 to %c8 step %c1
// CHECK: %[[KEY:.*]] = arith.addi %[[X]], %c16
// CHECK: %[[LAST:.*]] = arith.minui %[[KEY]], %c20
// CHECK: %[[COLUMN:.*]] = arith.divui %[[LAST]], %c16
// CHECK: tensor.extract %{{.*}}[%[[COLUMN]]]
func.func @tail(%q: tensor<5x12xf32>, %kp: tensor<9x16x12xf32>, %vp: tensor<9x16x4xf32>, %t: tensor<2xi32>, %init: tensor<5x4xf32>) -> tensor<5x4xf32> {
  %k = mqa.paged_view %kp[%t] page_dim(0) slot_dim(1) : tensor<9x16x12xf32>, tensor<2xi32> -> tensor<21x12xf32>
  %v = mqa.paged_view %vp[%t] page_dim(0) slot_dim(1) : tensor<9x16x4xf32>, tensor<2xi32> -> tensor<21x4xf32>
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], schedule = #s}
         ins(%q, %k, %v : tensor<5x12xf32>, tensor<21x12xf32>, tensor<21x4xf32>)
         outs(%init : tensor<5x4xf32>) -> tensor<5x4xf32>
  return %o : tensor<5x4xf32>
}

// A table per batch, heads before the positions, sizes that are not known.
// CHECK-LABEL: func.func @dynamic
// CHECK-SAME: %[[K:[a-z0-9]+]]: tensor<?x3x?x12xf32>, %[[T:[a-z0-9]+]]: tensor<2x?xi64>, %[[COUNT:[a-z0-9]+]]: index
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]]) in (2, 3)
// CHECK: scf.for %{{.*}} = %c0 to %{{.*}} step %c8
// CHECK: scf.for %{{.*}} = %c0 to %c8 step %c1
// CHECK: %[[P:.*]] = tensor.dim %[[K]], %c2
// CHECK: %[[COLUMN:.*]] = arith.divui %[[KEY:.*]], %[[P]]
// CHECK: %[[ENTRY:.*]] = tensor.extract %[[T]][%[[B]], %[[COLUMN]]] : tensor<2x?xi64>
// CHECK: %[[SLOT:.*]] = arith.remui %[[KEY]], %[[P]]
// CHECK: tensor.extract_slice %[[K]][%{{.*}}, %[[H]], %[[SLOT]], 0] [1, 1, 1, 12]
#bq = affine_map<(b, h, m, n, d, e) -> (b, h, m, d)>
#bk = affine_map<(b, h, m, n, d, e) -> (b, h, n, d)>
#bv = affine_map<(b, h, m, n, d, e) -> (b, h, n, e)>
#bo = affine_map<(b, h, m, n, d, e) -> (b, h, m, e)>
func.func @dynamic(%q: tensor<2x3x5x12xf32>, %kp: tensor<?x3x?x12xf32>, %t: tensor<2x?xi64>, %n: index, %init: tensor<2x3x5x12xf32>) -> tensor<2x3x5x12xf32> {
  %k = mqa.paged_view %kp[%t] keys(%n) page_dim(0) slot_dim(2) : tensor<?x3x?x12xf32>, tensor<2x?xi64> -> tensor<2x3x?x12xf32>
  %o = mqa.attention {indexing_maps = [#bq, #bk, #bv, #bo], schedule = #s}
         ins(%q, %k, %k : tensor<2x3x5x12xf32>, tensor<2x3x?x12xf32>, tensor<2x3x?x12xf32>)
         outs(%init : tensor<2x3x5x12xf32>) -> tensor<2x3x5x12xf32>
  return %o : tensor<2x3x5x12xf32>
}
