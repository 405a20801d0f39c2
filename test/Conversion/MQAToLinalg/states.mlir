// RUN: mqa-opt %s --convert-mqa-to-linalg --split-input-file | FileCheck %s

// The steps of the state ops: rescaling by powers of two, scores in place, and
// the destinations in the layout that the op gives them.

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#a = affine_map<(h, m, n, d, e) -> (m, h, e)>
#r = affine_map<(h, m, n, d, e) -> (m, h)>

// CHECK-DAG: #[[$SCORES:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG: #[[$SWAPPED:.*]] = affine_map<(d0, d1) -> (d1, d0)>
// CHECK-DAG: #[[$ROWS:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[$VALUE:.*]] = affine_map<(d0, d1, d2, d3) -> (d3, d2)>
// CHECK-LABEL: func @online
// CHECK-SAME: %[[V:[^:]*]]: tensor<11x7xf16>, %[[ACC:[^:]*]]: tensor<5x3x7xf32>, %[[MAX:[^:]*]]: tensor<5x3xf32>, %[[SUM:[^:]*]]: tensor<5x3xf32>
// CHECK: linalg.fill {mqa.role = "zero_scores"} {{.*}} -> tensor<3x5x11xf32>
// CHECK: linalg.generic {{.*}} {mqa.role = "scores"}
// CHECK: %[[S:.*]] = linalg.generic {{.*}} {mqa.role = "modify"}
// CHECK: %[[OLD:.*]] = linalg.generic {indexing_maps = [#[[$SWAPPED]], #[[$ROWS]]]{{.*}} ins(%[[MAX]] : {{.*}} {mqa.role = "copy_max"}
// CHECK: %[[NEW:.*]] = linalg.generic {{.*}}["parallel", "parallel", "reduction"]} ins(%[[S]] : {{.*}} outs(%[[OLD]] : {{.*}} {mqa.role = "row_max"}
// CHECK: arith.maximumf {{.*}} fastmath<nnan,nsz>
// CHECK: %[[SHIFT:.*]] = linalg.generic {{.*}} ins(%[[NEW]] : {{.*}} {mqa.role = "row_shift"}
// CHECK: %[[ALPHA:.*]] = linalg.generic {{.*}} ins(%[[MAX]], %[[SHIFT]] : {{.*}} {mqa.role = "row_alpha"}
// CHECK: %[[DIFFERENCE:.*]] = arith.subf
// CHECK: arith.mulf %[[DIFFERENCE]]
// CHECK: math.exp2
// CHECK: %[[MAX1:.*]] = linalg.generic {indexing_maps = [#[[$ROWS]], #[[$SWAPPED]]]{{.*}} ins(%[[NEW]] : {{.*}} outs(%[[MAX]] : {{.*}} {mqa.role = "row_new_max"}
// CHECK: %[[P:.*]] = linalg.generic {{.*}} ins(%[[SHIFT]] : {{.*}} outs(%[[S]] : {{.*}} {mqa.role = "exp"}
// CHECK: %[[BELOW:.*]] = arith.subf
// CHECK: %[[POWER:.*]] = arith.mulf %[[BELOW]]
// CHECK: math.exp2 %[[POWER]]
// CHECK: %[[SCALED:.*]] = linalg.generic {{.*}} ins(%[[ALPHA]] : {{.*}} outs(%[[SUM]] : {{.*}} {mqa.role = "scale_sum"}
// CHECK: %[[SUM1:.*]] = linalg.generic {{.*}} ins(%[[P]] : {{.*}} outs(%[[SCALED]] : {{.*}} {mqa.role = "row_sum"}
// CHECK: %[[REST:.*]] = linalg.generic {{.*}} ins(%[[ALPHA]] : {{.*}} outs(%[[ACC]] : {{.*}} {mqa.role = "scale_acc"}
// CHECK: %[[ACC1:.*]] = linalg.generic {indexing_maps = [#[[$VALUE]], {{.*}}], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%[[V]], %[[P]] : {{.*}} outs(%[[REST]] : {{.*}} {mqa.role = "output"}
// CHECK: return %[[ACC1]], %[[MAX1]], %[[SUM1]]
func.func @online(%q: tensor<3x5x8xf16>, %k: tensor<11x8xf16>, %v: tensor<11x7xf16>, %acc: tensor<5x3x7xf32>, %max: tensor<5x3xf32>, %sum: tensor<5x3xf32>) -> (tensor<5x3x7xf32>, tensor<5x3xf32>, tensor<5x3xf32>) {
  %s:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r], scale = 0.25 : f32}
    ins(%q, %k, %v : tensor<3x5x8xf16>, tensor<11x8xf16>, tensor<11x7xf16>)
    outs(%acc, %max, %sum : tensor<5x3x7xf32>, tensor<5x3xf32>, tensor<5x3xf32>)
    -> tensor<5x3x7xf32>, tensor<5x3xf32>, tensor<5x3xf32>
  return %s#0, %s#1, %s#2 : tensor<5x3x7xf32>, tensor<5x3xf32>, tensor<5x3xf32>
}

// -----

#a = affine_map<(m, e) -> (m, e)>
#t = affine_map<(m, e) -> (e, m)>
#r = affine_map<(m, e) -> (m)>

// CHECK-LABEL: func @merge
// CHECK-SAME: %[[A0:[^:]*]]: tensor<?x7xf32>, %[[M0:[^:]*]]: tensor<?xf32>, %[[S0:[^:]*]]: tensor<?xf32>, %[[A1:[^:]*]]: tensor<7x?xf32>, %[[M1:[^:]*]]: tensor<?xf32>, %[[S1:[^:]*]]: tensor<?xf32>
// CHECK: %[[NEW:.*]] = linalg.generic {{.*}} ins(%[[M0]], %[[M1]] : {{.*}} {mqa.role = "row_max"}
// CHECK: %[[SHIFT:.*]] = linalg.generic {{.*}} ins(%[[NEW]] : {{.*}} {mqa.role = "row_shift"}
// CHECK: %[[W0:.*]] = linalg.generic {{.*}} ins(%[[M0]], %[[SHIFT]] : {{.*}} {mqa.role = "row_alpha"}
// CHECK: %[[W1:.*]] = linalg.generic {{.*}} ins(%[[M1]], %[[SHIFT]] : {{.*}} {mqa.role = "row_alpha"}
// CHECK: %[[M:.*]] = linalg.generic {{.*}} ins(%[[M0]] : {{.*}} outs(%[[M1]] : {{.*}} {mqa.role = "merge_max"}
// CHECK: %[[S:.*]] = linalg.generic {{.*}} ins(%[[S0]], %[[W0]], %[[W1]] : {{.*}} outs(%[[S1]] : {{.*}} {mqa.role = "merge_sum"}
// CHECK: %[[A:.*]] = linalg.generic {{.*}} ins(%[[A0]], %[[W0]], %[[W1]] : {{.*}} outs(%[[A1]] : {{.*}} {mqa.role = "merge_acc"}
// CHECK: return %[[A]], %[[M]], %[[S]]
func.func @merge(%a0: tensor<?x7xf32>, %m0: tensor<?xf32>, %s0: tensor<?xf32>, %a1: tensor<7x?xf32>, %m1: tensor<?xf32>, %s1: tensor<?xf32>) -> (tensor<7x?xf32>, tensor<?xf32>, tensor<?xf32>) {
  %s:3 = mqa.merge {indexing_maps = [#a, #r, #r, #t, #r, #r]}
    ins(%a0, %m0, %s0 : tensor<?x7xf32>, tensor<?xf32>, tensor<?xf32>)
    outs(%a1, %m1, %s1 : tensor<7x?xf32>, tensor<?xf32>, tensor<?xf32>)
    -> tensor<7x?xf32>, tensor<?xf32>, tensor<?xf32>
  return %s#0, %s#1, %s#2 : tensor<7x?xf32>, tensor<?xf32>, tensor<?xf32>
}

// -----

#a = affine_map<(m, e) -> (m, e)>
#r = affine_map<(m, e) -> (m)>

// CHECK-LABEL: func @finalize
// CHECK: %[[O:.*]] = linalg.generic {{.*}} {mqa.role = "quotient"}
// CHECK: arith.truncf {{.*}} : f32 to f16
// CHECK: %[[L:.*]] = linalg.generic {{.*}} {mqa.role = "log_sum_exp"}
// CHECK: return %[[O]], %[[L]]
func.func @finalize(%a: tensor<5x7xf32>, %m: tensor<5xf32>, %s: tensor<5xf32>, %o: tensor<5x7xf16>, %l: tensor<5xf32>) -> (tensor<5x7xf16>, tensor<5xf32>) {
  %r:2 = mqa.finalize {indexing_maps = [#a, #r, #r, #a, #r]}
    ins(%a, %m, %s : tensor<5x7xf32>, tensor<5xf32>, tensor<5xf32>)
    outs(%o, %l : tensor<5x7xf16>, tensor<5xf32>) -> tensor<5x7xf16>, tensor<5xf32>
  return %r#0, %r#1 : tensor<5x7xf16>, tensor<5xf32>
}
