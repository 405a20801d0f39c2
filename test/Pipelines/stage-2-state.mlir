// Attention becomes online attention on static tiles in a task loop. The heads
// of a task share the keys and values, which are not copied for any of them.
// RUN: mqa-opt %s --mqa-stage-2-state | FileCheck %s --implicit-check-not=mqa.attention

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#s = #mqa.schedule<row_block = 16, row_panel = 8, key_block = 8, key_tile = 4, value_tile = 4, depth_step = 4>
// CHECK-LABEL: func.func @multi_query
// CHECK-SAME: %{{.*}}: tensor<6x?x12xf32>, %[[K:[a-z0-9]+]]: tensor<?x12xf32>, %[[V:[a-z0-9]+]]: tensor<?x4xf32>
// CHECK: scf.forall (%[[H:.*]], %[[M:.*]]) = (0, 0) to (6, %{{.*}}) step
// CHECK-NOT: %[[K]]{{[[,]}}
// CHECK: scf.for %[[N:.*]] = %c0 to %{{.*}} step %c8
// CHECK-NEXT: %[[KS:.*]] = tensor.extract_slice %[[K]][%[[N]], 0] [8, 12]
// CHECK-NEXT: %[[VS:.*]] = tensor.extract_slice %[[V]][%[[N]], 0] [8, 4]
// CHECK-NEXT: mqa.online_attention {{.*}} ins(%{{.*}}, %[[KS]], %[[VS]] : tensor<2x12x8xf32>, tensor<8x12xf32>, tensor<8x4xf32>)
// CHECK-NEXT: scf.yield
// CHECK: mqa.tasks
func.func @multi_query(%q: tensor<6x?x12xf32>, %k: tensor<?x12xf32>, %v: tensor<?x4xf32>,
                       %init: tensor<6x?x4xf32>) -> tensor<6x?x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], schedule = #s}
         ins(%q, %k, %v : tensor<6x?x12xf32>, tensor<?x12xf32>, tensor<?x4xf32>)
         outs(%init : tensor<6x?x4xf32>) -> tensor<6x?x4xf32>
  return %o : tensor<6x?x4xf32>
}

// Grouped queries: two key/value heads, three queries for each.
#gq = affine_map<(g, h, m, n, d, e) -> (g, h, m, d)>
#gk = affine_map<(g, h, m, n, d, e) -> (n, g, d)>
#gv = affine_map<(g, h, m, n, d, e) -> (n, g, e)>
#go = affine_map<(g, h, m, n, d, e) -> (g, h, m, e)>
// CHECK-LABEL: func.func @grouped
// CHECK-SAME: %{{.*}}: tensor<2x3x5x12xf32>, %[[K:[a-z0-9]+]]: tensor<40x2x12xf32>, %[[V:[a-z0-9]+]]: tensor<40x2x4xf32>
// CHECK: scf.forall (%[[G:.*]]) in (2)
// CHECK: scf.for %[[N:.*]] = %c0 to %c40 step %c8
// CHECK-NEXT: %[[KS:.*]] = tensor.extract_slice %[[K]][%[[N]], %[[G]], 0] [8, 1, 12]
// CHECK-NEXT: %[[VS:.*]] = tensor.extract_slice %[[V]][%[[N]], %[[G]], 0] [8, 1, 4]
// CHECK-NEXT: mqa.online_attention {{.*}} ins(%{{.*}}, %[[KS]], %[[VS]] :
// CHECK-NOT: mqa.online_attention
func.func @grouped(%q: tensor<2x3x5x12xf32>, %k: tensor<40x2x12xf32>, %v: tensor<40x2x4xf32>,
                   %init: tensor<2x3x5x4xf32>) -> tensor<2x3x5x4xf32> {
  %o = mqa.attention {indexing_maps = [#gq, #gk, #gv, #go], schedule = #s}
         ins(%q, %k, %v : tensor<2x3x5x12xf32>, tensor<40x2x12xf32>, tensor<40x2x4xf32>)
         outs(%init : tensor<2x3x5x4xf32>) -> tensor<2x3x5x4xf32>
  return %o : tensor<2x3x5x4xf32>
}
