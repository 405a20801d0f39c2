// mqa.attention in tiles: slices of the operands, and indices that count from
// the start of the whole.
// RUN: mqa-opt %s -transform-interpreter -canonicalize -cse -split-input-file | FileCheck %s

#q = affine_map<(b, m, n, d, e) -> (b, m, d)>
#k = affine_map<(b, m, n, d, e) -> (b, n, d)>
#v = affine_map<(b, m, n, d, e) -> (b, n, e)>
#o = affine_map<(b, m, n, d, e) -> (b, m, e)>
#x = affine_map<(b, m, n, d, e) -> (m, n)>
#s = affine_map<(b, m, n, d, e) -> (m)>

// Every operand is cut where its map says; the row index of the mask gets the
// tile's offset; tails are dynamic.
// CHECK-LABEL: func.func @rows
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<3x10x8xf32>, %[[K:[a-z0-9]+]]: tensor<3x?x8xf32>, %[[V:[a-z0-9]+]]: tensor<3x?x6xf32>, %[[X:[a-z0-9]+]]: tensor<10x?xf32>, %[[S:[a-z0-9]+]]: tensor<10xf32>
// CHECK: scf.for %[[B:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(
// CHECK: scf.for %[[M:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[O:.*]] = %{{.*}}, %[[L:.*]] = %{{.*}})
// CHECK: %[[SIZE:.*]] = affine.min
// CHECK-DAG: %[[QT:.*]] = tensor.extract_slice %[[Q]][%[[B]], %[[M]], 0] [1, %[[SIZE]], 8]
// CHECK-DAG: %[[KT:.*]] = tensor.extract_slice %[[K]][%[[B]], 0, 0]
// CHECK-DAG: %[[VT:.*]] = tensor.extract_slice %[[V]][%[[B]], 0, 0]
// CHECK-DAG: %[[XT:.*]] = tensor.extract_slice %[[X]][%[[M]], 0] [%[[SIZE]], %{{.*}}]
// CHECK-DAG: %[[ST:.*]] = tensor.extract_slice %[[S]][%[[M]]] [%[[SIZE]]]
// CHECK-DAG: %[[OT:.*]] = tensor.extract_slice %[[O]][%[[B]], %[[M]], 0]
// CHECK-DAG: %[[LT:.*]] = tensor.extract_slice %[[L]][%[[B]], %[[M]]]
// CHECK: mqa.attention {{{.*}}, tag} ins(%[[QT]], %[[KT]], %[[VT]], %[[XT]] : {{.*}}) sink(%[[ST]] : {{.*}}) outs(%[[OT]], %[[LT]] : {{.*}}) mask {
// CHECK: ^bb0(%{{.*}}: f32, %{{.*}}: index, %[[MI:.*]]: index, %[[NI:.*]]: index):
// CHECK: %[[MM:.*]] = arith.addi %[[MI]], %[[M]] : index
// CHECK: arith.cmpi ule, %[[NI]], %[[MM]] : index
// CHECK: } score {
// CHECK-NOT: arith.addi
// CHECK: tensor.insert_slice
// CHECK: tensor.insert_slice
func.func @rows(%q: tensor<3x10x8xf32>, %k: tensor<3x?x8xf32>, %v: tensor<3x?x6xf32>, %bias: tensor<10x?xf32>,
                %sink: tensor<10xf32>, %o: tensor<3x10x6xf32>, %l: tensor<3x10xf32>) -> (tensor<3x10x6xf32>, tensor<3x10xf32>) {
  %x:2 = mqa.attention {indexing_maps = [#q, #k, #v, #x, #s, #o, affine_map<(b, m, n, d, e) -> (b, m)>], tag}
    ins(%q, %k, %v, %bias : tensor<3x10x8xf32>, tensor<3x?x8xf32>, tensor<3x?x6xf32>, tensor<10x?xf32>)
    sink(%sink : tensor<10xf32>)
    outs(%o, %l : tensor<3x10x6xf32>, tensor<3x10xf32>)
    mask {
    ^bb0(%y: f32, %b: index, %m: index, %n: index):
      %keep = arith.cmpi ule, %n, %m : index
      mqa.yield %keep : i1
    } score {
    ^bb0(%s: f32, %y: f32, %b: index, %m: index, %n: index):
      %t = arith.addf %s, %y : f32
      mqa.yield %t : f32
    } -> tensor<3x10x6xf32>, tensor<3x10xf32>
  return %x#0, %x#1 : tensor<3x10x6xf32>, tensor<3x10xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["mqa.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %b, %m = transform.structured.tile_using_for %op tile_sizes [1, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#q = affine_map<(b, m, n, d, e) -> (b, m, d)>
#k = affine_map<(b, m, n, d, e) -> (b, n, d)>
#v = affine_map<(b, m, n, d, e) -> (b, n, e)>
#o = affine_map<(b, m, n, d, e) -> (b, m, e)>

// Rows and values in parallel: keys are whole in every tile.
// CHECK-LABEL: func.func @forall
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<3x?x8xf32>, %[[K:[a-z0-9]+]]: tensor<3x?x8xf32>, %[[V:[a-z0-9]+]]: tensor<3x?x6xf32>
// CHECK: scf.forall ({{.*}}) in (%{{.*}}, 2) shared_outs(%[[O:.*]] = %{{.*}})
// CHECK-DAG: %[[QT:.*]] = tensor.extract_slice %[[Q]][0, %[[M:.*]], 0]
// CHECK-DAG: %[[VT:.*]] = tensor.extract_slice %[[V]][0, 0, %[[E:.*]]] [3, %{{.*}}, 3]
// CHECK-DAG: %[[OT:.*]] = tensor.extract_slice %[[O]][0, %[[M]], %[[E]]]
// CHECK: %[[T:.*]] = mqa.attention {{.*}} ins(%[[QT]], %[[K]], %[[VT]] : {{.*}}) outs(%[[OT]] :
// CHECK: tensor.parallel_insert_slice %[[T]] into %[[O]][0, %[[M]], %[[E]]]
func.func @forall(%q: tensor<3x?x8xf32>, %k: tensor<3x?x8xf32>, %v: tensor<3x?x6xf32>, %o: tensor<3x?x6xf32>) -> tensor<3x?x6xf32> {
  %x = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %k, %v : tensor<3x?x8xf32>, tensor<3x?x8xf32>, tensor<3x?x6xf32>)
    outs(%o : tensor<3x?x6xf32>) -> tensor<3x?x6xf32>
  return %x : tensor<3x?x6xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["mqa.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %op tile_sizes [0, 4, 0, 0, 3] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#q = affine_map<(b, m, n, d, e) -> (b, m, d)>
#k = affine_map<(b, m, n, d, e) -> (b, n, d)>
#v = affine_map<(b, m, n, d, e) -> (b, n, e)>
#o = affine_map<(b, m, n, d, e) -> (b, m, e)>

// In memory, slices are views.
// CHECK-LABEL: func.func @memrefs
// CHECK-SAME: %[[Q:[a-z0-9]+]]: memref<3x8x8xf32>, %[[K:[a-z0-9]+]]: memref<3x?x8xf32>, %[[V:[a-z0-9]+]]: memref<3x?x6xf32>, %[[O:[a-z0-9]+]]: memref<3x8x6xf32>
// CHECK: scf.for %[[M:.*]] =
// CHECK: %[[QT:.*]] = memref.subview %[[Q]][0, %[[M]], 0] [3, 4, 8]
// CHECK: %[[OT:.*]] = memref.subview %[[O]][0, %[[M]], 0] [3, 4, 6]
// CHECK: mqa.attention {{.*}} ins(%[[QT]], %[[K]], %[[V]] : {{.*}}) outs(%[[OT]] :
// CHECK: arith.addi %{{.*}}, %[[M]] : index
func.func @memrefs(%q: memref<3x8x8xf32>, %k: memref<3x?x8xf32>, %v: memref<3x?x6xf32>, %o: memref<3x8x6xf32>) {
  mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %k, %v : memref<3x8x8xf32>, memref<3x?x8xf32>, memref<3x?x6xf32>)
    outs(%o : memref<3x8x6xf32>)
    mask {
    ^bb0(%b: index, %m: index, %n: index):
      %keep = arith.cmpi ule, %n, %m : index
      mqa.yield %keep : i1
    }
  return
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["mqa.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %b = transform.structured.tile_using_for %op tile_sizes [0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#q = affine_map<(b, m, n, d, e) -> (b, m, d)>
#k = affine_map<(b, m, n, d, e) -> (b, n, d)>
#v = affine_map<(b, m, n, d, e) -> (b, n, e)>
#o = affine_map<(b, m, n, d, e) -> (b, m, e)>

// As the producer of a tile.
// CHECK-LABEL: func.func @fuse
// CHECK: scf.forall
// CHECK: %[[T:.*]] = mqa.attention {{.*}} outs(%{{.*}} : tensor<1x4x6xf32>)
// CHECK: linalg.exp ins(%[[T]] : tensor<1x4x6xf32>)
func.func @fuse(%q: tensor<3x8x8xf32>, %k: tensor<3x?x8xf32>, %v: tensor<3x?x6xf32>, %o: tensor<3x8x6xf32>) -> tensor<3x8x6xf32> {
  %x = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %k, %v : tensor<3x8x8xf32>, tensor<3x?x8xf32>, tensor<3x?x6xf32>)
    outs(%o : tensor<3x8x6xf32>) -> tensor<3x8x6xf32>
  %y = linalg.exp ins(%x : tensor<3x8x6xf32>) outs(%o : tensor<3x8x6xf32>) -> tensor<3x8x6xf32>
  return %y : tensor<3x8x6xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["mqa.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %exp = transform.structured.match ops{["linalg.exp"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %exp tile_sizes [1, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.structured.fuse_into_containing_op %op into %loop : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
