// The laws of softmax states: identity, commutativity, associativity.
// RUN: mqa-opt %s -canonicalize -split-input-file | FileCheck %s

#a = affine_map<(m, e) -> (m, e)>
#r = affine_map<(m, e) -> (m)>

// The empty state is the identity on the left: as constants,
// CHECK-LABEL: func.func @empty_lhs
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<5x4xf32>, %[[M:[a-z0-9]+]]: tensor<5xf32>, %[[S:[a-z0-9]+]]: tensor<5xf32>
// CHECK-NEXT: return %[[A]], %[[M]], %[[S]]
func.func @empty_lhs(%a: tensor<5x4xf32>, %m: tensor<5xf32>, %s: tensor<5xf32>)
    -> (tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>) {
  %a0 = arith.constant dense<0.0> : tensor<5x4xf32>
  %m0 = arith.constant dense<0xFF800000> : tensor<5xf32>
  %s0 = arith.constant dense<0.0> : tensor<5xf32>
  %x:3 = mqa.merge {indexing_maps = [#a, #r, #r, #a, #r, #r]}
    ins(%a0, %m0, %s0 : tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>)
    outs(%a, %m, %s : tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>)
    -> tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>
  return %x#0, %x#1, %x#2 : tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>
}

// and on the right: as fills of dynamic tensors.
// CHECK-LABEL: func.func @empty_rhs
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<?x4xf32>, %[[M:[a-z0-9]+]]: tensor<?xf32>, %[[S:[a-z0-9]+]]: tensor<?xf32>
// CHECK-NEXT: return %[[A]], %[[M]], %[[S]]
func.func @empty_rhs(%a: tensor<?x4xf32>, %m: tensor<?xf32>, %s: tensor<?xf32>, %n: index)
    -> (tensor<?x4xf32>, tensor<?xf32>, tensor<?xf32>) {
  %zero = arith.constant 0.0 : f32
  %inf = arith.constant 0xFF800000 : f32
  %ea = tensor.empty(%n) : tensor<?x4xf32>
  %er = tensor.empty(%n) : tensor<?xf32>
  %a0 = linalg.fill ins(%zero : f32) outs(%ea : tensor<?x4xf32>) -> tensor<?x4xf32>
  %m0 = linalg.fill ins(%inf : f32) outs(%er : tensor<?xf32>) -> tensor<?xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%er : tensor<?xf32>) -> tensor<?xf32>
  %x:3 = mqa.merge {indexing_maps = [#a, #r, #r, #a, #r, #r]}
    ins(%a, %m, %s : tensor<?x4xf32>, tensor<?xf32>, tensor<?xf32>)
    outs(%a0, %m0, %s0 : tensor<?x4xf32>, tensor<?xf32>, tensor<?xf32>)
    -> tensor<?x4xf32>, tensor<?xf32>, tensor<?xf32>
  return %x#0, %x#1, %x#2 : tensor<?x4xf32>, tensor<?xf32>, tensor<?xf32>
}

// A state with maximum 0 is not empty, nor is one of another layout the other.
// CHECK-LABEL: func.func @not_empty
// CHECK-COUNT-2: mqa.merge
func.func @not_empty(%a: tensor<5x4xf32>, %b: tensor<4x5xf32>, %m: tensor<5xf32>, %s: tensor<5xf32>)
    -> (tensor<5x4xf32>, tensor<4x5xf32>) {
  %a0 = arith.constant dense<0.0> : tensor<5x4xf32>
  %m0 = arith.constant dense<0xFF800000> : tensor<5xf32>
  %s0 = arith.constant dense<0.0> : tensor<5xf32>
  %x:3 = mqa.merge {indexing_maps = [#a, #r, #r, #a, #r, #r]}
    ins(%a0, %s0, %s0 : tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>)
    outs(%a, %m, %s : tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>)
    -> tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>
  %b0 = arith.constant dense<0.0> : tensor<4x5xf32>
  %y:3 = mqa.merge {indexing_maps = [#a, #r, #r, affine_map<(m, e) -> (e, m)>, #r, #r]}
    ins(%x#0, %x#1, %x#2 : tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>)
    outs(%b0, %m0, %s0 : tensor<4x5xf32>, tensor<5xf32>, tensor<5xf32>)
    -> tensor<4x5xf32>, tensor<5xf32>, tensor<5xf32>
  return %x#0, %y#0 : tensor<5x4xf32>, tensor<4x5xf32>
}

// -----

#a = affine_map<(m, e) -> (m, e)>
#r = affine_map<(m, e) -> (m)>

// Commutativity: a constant state moves to `ins`.
// CHECK-LABEL: func.func @constant_rhs
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<5x4xf32>, %[[M:[a-z0-9]+]]: tensor<5xf32>, %[[S:[a-z0-9]+]]: tensor<5xf32>
// CHECK: %[[C:.*]] = arith.constant dense<1.000000e+00> : tensor<5x4xf32>
// CHECK: mqa.merge {{.*}} ins(%[[C]], %{{.*}}, %{{.*}} : {{.*}} outs(%[[A]], %[[M]], %[[S]] :
func.func @constant_rhs(%a: tensor<5x4xf32>, %m: tensor<5xf32>, %s: tensor<5xf32>)
    -> (tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>) {
  %a0 = arith.constant dense<1.0> : tensor<5x4xf32>
  %r0 = arith.constant dense<1.0> : tensor<5xf32>
  %x:3 = mqa.merge {indexing_maps = [#a, #r, #r, #a, #r, #r]}
    ins(%a, %m, %s : tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>)
    outs(%a0, %r0, %r0 : tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>)
    -> tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>
  return %x#0, %x#1, %x#2 : tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>
}

// -----

#a = affine_map<(m, e) -> (m, e)>
#r = affine_map<(m, e) -> (m)>
!a = tensor<5x4xf32>
!r = tensor<5xf32>

// Associativity: (0 + 1) + (2 + 3) becomes 0 + (1 + (2 + 3)), all into the
// destination of 3, and every merge keeps its tag.
// CHECK-LABEL: func.func @chain
// CHECK-SAME: %[[A0:[a-z0-9]+]]: tensor<5x4xf32>, %[[A1:[a-z0-9]+]]: tensor<5x4xf32>, %[[A2:[a-z0-9]+]]: tensor<5x4xf32>, %[[A3:[a-z0-9]+]]: tensor<5x4xf32>
// CHECK: %[[X:.*]]:3 = mqa.merge {{{.*}}, tag = 2 : i32} ins(%[[A2]], {{.*}} outs(%[[A3]],
// CHECK: %[[Y:.*]]:3 = mqa.merge {{{.*}}, tag = 1 : i32} ins(%[[A1]], {{.*}} outs(%[[X]]#0, %[[X]]#1, %[[X]]#2 :
// CHECK: %[[Z:.*]]:3 = mqa.merge {{{.*}}, tag = 3 : i32} ins(%[[A0]], {{.*}} outs(%[[Y]]#0, %[[Y]]#1, %[[Y]]#2 :
// CHECK: return %[[Z]]#0, %[[Z]]#1, %[[Z]]#2
func.func @chain(%a0: !a, %a1: !a, %a2: !a, %a3: !a, %m: !r, %s: !r) -> (!a, !r, !r) {
  %x:3 = mqa.merge {indexing_maps = [#a, #r, #r, #a, #r, #r], tag = 1 : i32}
    ins(%a0, %m, %s : !a, !r, !r) outs(%a1, %m, %s : !a, !r, !r) -> !a, !r, !r
  %y:3 = mqa.merge {indexing_maps = [#a, #r, #r, #a, #r, #r], tag = 2 : i32}
    ins(%a2, %m, %s : !a, !r, !r) outs(%a3, %m, %s : !a, !r, !r) -> !a, !r, !r
  %z:3 = mqa.merge {indexing_maps = [#a, #r, #r, #a, #r, #r], tag = 3 : i32}
    ins(%x#0, %x#1, %x#2 : !a, !r, !r) outs(%y#0, %y#1, %y#2 : !a, !r, !r) -> !a, !r, !r
  return %z#0, %z#1, %z#2 : !a, !r, !r
}

// A state that somebody else reads stays.
// CHECK-LABEL: func.func @used_twice
// CHECK: %[[X:.*]]:3 = mqa.merge
// CHECK: mqa.merge {{.*}} ins(%[[X]]#0, %[[X]]#1, %[[X]]#2 :
func.func @used_twice(%a0: !a, %a1: !a, %a2: !a, %m: !r, %s: !r) -> (!a, !a) {
  %x:3 = mqa.merge {indexing_maps = [#a, #r, #r, #a, #r, #r]}
    ins(%a0, %m, %s : !a, !r, !r) outs(%a1, %m, %s : !a, !r, !r) -> !a, !r, !r
  %z:3 = mqa.merge {indexing_maps = [#a, #r, #r, #a, #r, #r]}
    ins(%x#0, %x#1, %x#2 : !a, !r, !r) outs(%a2, %m, %s : !a, !r, !r) -> !a, !r, !r
  return %z#0, %x#0 : !a, !a
}

// -----

#a = affine_map<(m, e) -> (m, e)>
#r = affine_map<(m, e) -> (m)>

// The empty state gives 0 and minus infinity.
// CHECK-LABEL: func.func @finalize_empty
// CHECK-SAME: %[[O:[a-z0-9]+]]: tensor<5x4xbf16>, %[[L:[a-z0-9]+]]: tensor<5xf32>
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : bf16
// CHECK-DAG: %[[INF:.*]] = arith.constant 0xFF800000 : f32
// CHECK: %[[X:.*]] = linalg.fill ins(%[[ZERO]] : bf16) outs(%[[O]] :
// CHECK: %[[Y:.*]] = linalg.fill ins(%[[INF]] : f32) outs(%[[L]] :
// CHECK: return %[[X]], %[[Y]]
func.func @finalize_empty(%o: tensor<5x4xbf16>, %l: tensor<5xf32>) -> (tensor<5x4xbf16>, tensor<5xf32>) {
  %a = arith.constant dense<0.0> : tensor<5x4xf32>
  %m = arith.constant dense<0xFF800000> : tensor<5xf32>
  %s = arith.constant dense<0.0> : tensor<5xf32>
  %x:2 = mqa.finalize {indexing_maps = [#a, #r, #r, #a, #r]}
    ins(%a, %m, %s : tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>)
    outs(%o, %l : tensor<5x4xbf16>, tensor<5xf32>) -> tensor<5x4xbf16>, tensor<5xf32>
  return %x#0, %x#1 : tensor<5x4xbf16>, tensor<5xf32>
}

// CHECK-LABEL: func.func @finalize_unused_logsumexp
// CHECK: mqa.finalize {indexing_maps = [#{{.*}}, #{{.*}}, #{{.*}}, #{{[a-z0-9]+}}], tag} {{.*}} outs(%{{.*}} : tensor<5x4xbf16>) -> tensor<5x4xbf16>
func.func @finalize_unused_logsumexp(%a: tensor<5x4xf32>, %m: tensor<5xf32>, %s: tensor<5xf32>,
                                     %o: tensor<5x4xbf16>, %l: tensor<5xf32>) -> tensor<5x4xbf16> {
  %x:2 = mqa.finalize {indexing_maps = [#a, #r, #r, #a, #r], tag}
    ins(%a, %m, %s : tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>)
    outs(%o, %l : tensor<5x4xbf16>, tensor<5xf32>) -> tensor<5x4xbf16>, tensor<5xf32>
  return %x#0 : tensor<5x4xbf16>
}
