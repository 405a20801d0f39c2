// A length that is no multiple of the block ends in a second loop, over one
// partial block that is staged and masked.
// RUN: mqa-opt %s --mqa-convert-to-online --mqa-tile --canonicalize --cse | FileCheck %s

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
#s = #mqa.schedule<row_block = 16, row_panel = 8, key_block = 8, key_tile = 4, value_tile = 4, depth_step = 4>

// A dynamic length has both loops; the last key is repeated in the scratch.
// CHECK-DAG: #[[$FULL:.*]] = affine_map<()[s0] -> ((s0 floordiv 8) * 8)>
// CHECK-LABEL: func.func @dynamic
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<?x12xf32>, %[[K:[a-z0-9]+]]: tensor<?x12xf32>, %[[V:[a-z0-9]+]]: tensor<?x4xf32>
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
// CHECK-DAG: %[[C8:.*]] = arith.constant 8 : index
// CHECK-DAG: %[[SIZE:.*]] = tensor.dim %[[K]], %[[C0]]
// CHECK: scf.forall
// CHECK: %[[END:.*]] = affine.apply #[[$FULL]]()[%[[SIZE]]]
// CHECK: %[[FULL:.*]]:3 = scf.for %{{.*}} = %[[C0]] to %[[END]] step %[[C8]]
// CHECK-NOT: mask
// CHECK: scf.for %[[N:.*]] = %[[END]] to %[[SIZE]] step %[[C8]] iter_args(%{{.*}} = %[[FULL]]#0, %{{.*}} = %[[FULL]]#1, %{{.*}} = %[[FULL]]#2)
// CHECK: %[[LAST:.*]] = arith.subi %[[SIZE]], %[[C1]]
// CHECK: arith.minui %{{.*}}, %[[LAST]]
// CHECK: mqa.online_attention
// CHECK: ^bb0(%{{.*}}: index, %[[LOCAL:.*]]: index, %{{.*}}: index):
// CHECK-NEXT: %[[KEY:.*]] = arith.addi %[[N]], %[[LOCAL]]
// CHECK-NEXT: %[[EXISTS:.*]] = arith.cmpi ult, %[[KEY]], %[[SIZE]]
// CHECK-NEXT: mqa.yield %[[EXISTS]]
func.func @dynamic(%q: tensor<?x12xf32>, %k: tensor<?x12xf32>, %v: tensor<?x4xf32>,
                   %init: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], schedule = #s}
         ins(%q, %k, %v : tensor<?x12xf32>, tensor<?x12xf32>, tensor<?x4xf32>)
         outs(%init : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// A static length knows which of the loops it needs.
// CHECK-LABEL: func.func @static
// CHECK-DAG: %[[C40:.*]] = arith.constant 40 : index
// CHECK: mqa.online_attention
// CHECK: mqa.online_attention
// CHECK-SAME: mask {
// CHECK: %[[KEY:.*]] = arith.addi %[[LOCAL:.*]], %[[C40]]
// CHECK-NEXT: arith.cmpi ult, %[[KEY]], %c43
// CHECK-NOT: mqa.online_attention
func.func @static(%q: tensor<20x12xf32>, %k: tensor<43x12xf32>, %v: tensor<43x4xf32>,
                  %init: tensor<20x4xf32>) -> tensor<20x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], schedule = #s}
         ins(%q, %k, %v : tensor<20x12xf32>, tensor<43x12xf32>, tensor<43x4xf32>)
         outs(%init : tensor<20x4xf32>) -> tensor<20x4xf32>
  return %o : tensor<20x4xf32>
}

// CHECK-LABEL: func.func @less_than_a_block
// CHECK: mqa.online_attention
// CHECK-SAME: mask {
// CHECK: arith.cmpi ult, %{{.*}}, %c3
// CHECK-NOT: mqa.online_attention
func.func @less_than_a_block(%q: tensor<20x12xf32>, %k: tensor<3x12xf32>, %v: tensor<3x4xf32>,
                             %init: tensor<20x4xf32>) -> tensor<20x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], schedule = #s}
         ins(%q, %k, %v : tensor<20x12xf32>, tensor<3x12xf32>, tensor<3x4xf32>)
         outs(%init : tensor<20x4xf32>) -> tensor<20x4xf32>
  return %o : tensor<20x4xf32>
}
