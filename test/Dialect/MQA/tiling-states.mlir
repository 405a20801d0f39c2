// Tiles of the ops on states, and keys split into partial states.
// RUN: mqa-opt %s -transform-interpreter -canonicalize -cse -split-input-file | FileCheck %s

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#a = affine_map<(m, n, d, e) -> (m, e)>
#r = affine_map<(m, n, d, e) -> (m)>
!a = tensor<8x6xf32>
!r = tensor<8xf32>

// The keys of an update in sequence: the state goes from block to block.
// CHECK-LABEL: func.func @keys
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<8x4xf32>, %[[K:[a-z0-9]+]]: tensor<?x4xf32>, %[[V:[a-z0-9]+]]: tensor<?x6xf32>
// CHECK: scf.for %[[N:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[A:.*]] = %{{.*}}, %[[M:.*]] = %{{.*}}, %[[S:.*]] = %{{.*}})
// CHECK-DAG: %[[KT:.*]] = tensor.extract_slice %[[K]][%[[N]], 0]
// CHECK-DAG: %[[VT:.*]] = tensor.extract_slice %[[V]][%[[N]], 0]
// CHECK: %[[T:.*]]:3 = mqa.online_attention {{.*}} ins(%[[Q]], %[[KT]], %[[VT]] : {{.*}}) outs(%[[A]], %[[M]], %[[S]] :
// CHECK: arith.addi %{{.*}}, %[[N]] : index
// CHECK: scf.yield %[[T]]#0, %[[T]]#1, %[[T]]#2
func.func @keys(%q: tensor<8x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x6xf32>, %a: !a, %m: !r, %s: !r) -> (!a, !r, !r) {
  %x:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r]}
    ins(%q, %k, %v : tensor<8x4xf32>, tensor<?x4xf32>, tensor<?x6xf32>) outs(%a, %m, %s : !a, !r, !r)
    mask {
    ^bb0(%i: index, %j: index):
      %keep = arith.cmpi ule, %j, %i : index
      mqa.yield %keep : i1
    } -> !a, !r, !r
  return %x#0, %x#1, %x#2 : !a, !r, !r
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["mqa.online_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %op tile_sizes [0, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#a = affine_map<(m, n, d, e) -> (m, e)>
#r = affine_map<(m, n, d, e) -> (m)>
!a = tensor<8x6xf32>
!r = tensor<8xf32>

// The keys of an update split over tasks: partial states, merged in the end.
// CHECK-LABEL: func.func @split
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<8x4xf32>, %[[K:[a-z0-9]+]]: tensor<40x4xf32>, %[[V:[a-z0-9]+]]: tensor<40x6xf32>, %[[A0:[a-z0-9]+]]: tensor<8x6xf32>, %[[M0:[a-z0-9]+]]: tensor<8xf32>, %[[S0:[a-z0-9]+]]: tensor<8xf32>
// CHECK-DAG: %[[INF:.*]] = arith.constant 0xFF800000 : f32
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG: %[[A:.*]] = linalg.fill ins(%[[ZERO]] : f32) outs(%{{.*}} : tensor<8x6x4xf32>)
// CHECK-DAG: %[[M:.*]] = linalg.fill ins(%[[INF]] : f32) outs(%{{.*}} : tensor<8x4xf32>)
// CHECK-DAG: %[[S:.*]] = linalg.fill ins(%[[ZERO]] : f32) outs(%{{.*}} : tensor<8x4xf32>)
// CHECK: %[[P:.*]]:3 = scf.forall (%[[N:.*]]) = (0) to (40) step (10) shared_outs(%[[PA:.*]] = %[[A]], %[[PM:.*]] = %[[M]], %[[PS:.*]] = %[[S]])
// CHECK: %[[I:.*]] = affine.apply
// CHECK-DAG: %[[KT:.*]] = tensor.extract_slice %[[K]][%[[N]], 0] [10, 4]
// CHECK-DAG: %[[AT:.*]] = tensor.extract_slice %[[PA]][0, 0, %[[I]]] [8, 6, 1] {{.*}} to tensor<8x6xf32>
// CHECK: mqa.online_attention {{.*}} ins(%[[Q]], %[[KT]], %{{.*}} outs(%[[AT]],
// CHECK: arith.addi %{{.*}}, %[[N]] : index
// CHECK-COUNT-3: tensor.parallel_insert_slice
// CHECK: scf.for %[[J:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[A1:.*]] = %[[A0]], %[[M1:.*]] = %[[M0]], %[[S1:.*]] = %[[S0]])
// CHECK: %[[AJ:.*]] = tensor.extract_slice %[[P]]#0[0, 0, %[[J]]] [8, 6, 1] {{.*}} to tensor<8x6xf32>
// CHECK: mqa.merge {{.*}} ins(%[[AJ]], {{.*}}) outs(%[[A1]], %[[M1]], %[[S1]] :
func.func @split(%q: tensor<8x4xf32>, %k: tensor<40x4xf32>, %v: tensor<40x6xf32>, %a: !a, %m: !r, %s: !r) -> (!a, !r, !r) {
  %x:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r]}
    ins(%q, %k, %v : tensor<8x4xf32>, tensor<40x4xf32>, tensor<40x6xf32>) outs(%a, %m, %s : !a, !r, !r)
    mask {
    ^bb0(%i: index, %j: index):
      %keep = arith.cmpi ule, %j, %i : index
      mqa.yield %keep : i1
    } -> !a, !r, !r
  return %x#0, %x#1, %x#2 : !a, !r, !r
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["mqa.online_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %fill:3, %part, %merge, %loop = transform.structured.tile_reduction_using_forall %op by tile_sizes = [0, 10] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#acc = affine_map<(m, e) -> (m, e)>
#row = affine_map<(m, e) -> (m)>
!a = tensor<8x6xf32>
!r = tensor<8xf32>

// Merge fused into the tiles of finalize.
// CHECK-LABEL: func.func @fuse
// CHECK: scf.for
// CHECK: %[[X:.*]]:3 = mqa.merge {{.*}} outs({{.*}} : tensor<4x6xf32>, tensor<4xf32>, tensor<4xf32>)
// CHECK: %[[Y:.*]]:2 = mqa.finalize {{.*}} ins(%[[X]]#0, %[[X]]#1, %[[X]]#2 : {{.*}}) outs({{.*}} : tensor<4x6xf32>, tensor<4xf32>)
// CHECK: tensor.insert_slice %[[Y]]#0
func.func @fuse(%a0: !a, %m0: !r, %s0: !r, %a1: !a, %m1: !r, %s1: !r, %o: !a, %l: !r) -> (!a, !r) {
  %x:3 = mqa.merge {indexing_maps = [#acc, #row, #row, #acc, #row, #row]}
    ins(%a0, %m0, %s0 : !a, !r, !r) outs(%a1, %m1, %s1 : !a, !r, !r) -> !a, !r, !r
  %y:2 = mqa.finalize {indexing_maps = [#acc, #row, #row, #acc, #row]}
    ins(%x#0, %x#1, %x#2 : !a, !r, !r) outs(%o, %l : !a, !r) -> !a, !r
  return %y#0, %y#1 : !a, !r
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["mqa.finalize"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.fuse %op tile_sizes [4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
