// RUN: mqa-opt %s --convert-mqa-to-linalg --split-input-file | FileCheck %s

// The reference of mqa.attention materialises the scores, visits them twice, and
// keeps every feature of the op: one linalg op per step, named by its role.

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>

// CHECK-DAG: #[[$KEY:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, d3)>
// CHECK-DAG: #[[$QUERY:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>
// CHECK-LABEL: func @plain
// CHECK-SAME: %[[Q:[^:]*]]: tensor<3x5x8xbf16>, %[[K:[^:]*]]: tensor<?x8xbf16>, %[[V:[^:]*]]: tensor<?x7xbf16>, %[[O:[^:]*]]: tensor<3x5x7xbf16>
// CHECK-NOT: mqa.attention
// CHECK: %[[ZEROS:.*]] = linalg.fill {mqa.role = "zero_scores"} {{.*}} -> tensor<3x5x?xf32>
// CHECK: %[[S:.*]] = linalg.generic {indexing_maps = [#[[$KEY]], #[[$QUERY]], {{.*}}], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%[[K]], %[[Q]] :
// CHECK-SAME: outs(%[[ZEROS]] {{.*}} {mqa.role = "scores"}
// CHECK-NOT: "modify"
// CHECK: %[[MAX:.*]] = linalg.generic {{.*}} ins(%[[S]] : {{.*}} {mqa.role = "row_max"}
// CHECK: %[[SHIFT:.*]] = linalg.generic {{.*}} ins(%[[MAX]] : {{.*}} {mqa.role = "row_shift"}
// CHECK: %[[P:.*]] = linalg.generic {{.*}} ins(%[[SHIFT]] : {{.*}} outs(%[[S]] : {{.*}} {mqa.role = "exp"}
// CHECK: %[[SUM:.*]] = linalg.generic {{.*}} ins(%[[P]] : {{.*}} {mqa.role = "row_sum"}
// CHECK: %[[ACC:.*]] = linalg.generic {{.*}} ins(%[[V]], %[[P]] : {{.*}} {mqa.role = "output"}
// CHECK: %[[R:.*]] = linalg.generic {{.*}} ins(%[[ACC]], %[[SUM]] : {{.*}} outs(%[[O]] : {{.*}} {mqa.role = "quotient"}
// CHECK: arith.truncf %{{.*}} : f32 to bf16
// CHECK: return %[[R]]
func.func @plain(%q: tensor<3x5x8xbf16>, %k: tensor<?x8xbf16>, %v: tensor<?x7xbf16>, %o: tensor<3x5x7xbf16>) -> tensor<3x5x7xbf16> {
  %r = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %k, %v : tensor<3x5x8xbf16>, tensor<?x8xbf16>, tensor<?x7xbf16>)
    outs(%o : tensor<3x5x7xbf16>) -> tensor<3x5x7xbf16>
  return %r : tensor<3x5x7xbf16>
}

// -----

#q = affine_map<(m, n, d, e, h) -> (h, m, d)>
#k = affine_map<(m, n, d, e, h) -> (n, d)>
#v = affine_map<(m, n, d, e, h) -> (n, e)>
#o = affine_map<(m, n, d, e, h) -> (h, m, e)>
#x = affine_map<(m, n, d, e, h) -> (h)>
#l = affine_map<(m, n, d, e, h) -> (h, m)>

// Region indices follow the iteration space: here row, key, head.

// CHECK-DAG: #[[$HEAD:.*]] = affine_map<(d0, d1, d2) -> (d2)>
// CHECK-LABEL: func @features
// CHECK-SAME: %[[X:[^:]*]]: tensor<3xf32>, %[[OFFSET:[^:]*]]: index
// CHECK: linalg.generic {indexing_maps = [#[[$HEAD]], {{.*}}ins(%[[X]] : {{.*}} {mqa.role = "modify", mqa.schedule = #mqa.schedule<{{.*}}>, other.name}
// CHECK: ^bb0(%[[IN:.*]]: f32, %[[PRODUCT:.*]]: f32):
// CHECK: %[[SCALED:.*]] = arith.mulf %[[PRODUCT]], %{{.*}} : f32
// CHECK: %[[ROW:.*]] = linalg.index 0
// CHECK: %[[KEY:.*]] = linalg.index 1
// CHECK: linalg.index 2
// CHECK: %[[SCORE:.*]] = arith.addf %[[SCALED]], %[[IN]]
// CHECK: %[[LAST:.*]] = arith.addi %[[ROW]], %[[OFFSET]]
// CHECK: %[[KEEP:.*]] = arith.cmpi ule, %[[KEY]], %[[LAST]]
// CHECK: arith.select %[[KEEP]], %[[SCORE]], %{{.*}} : f32
// CHECK: linalg.generic {{.*}} {mqa.role = "initial_max"
// CHECK: linalg.generic {{.*}} {mqa.role = "initial_sum"
// CHECK: linalg.generic {{.*}} {mqa.role = "quotient"
// CHECK: linalg.generic {{.*}} {mqa.role = "log_sum_exp"
func.func @features(%q: tensor<3x5x8xf32>, %k: tensor<11x8xf32>, %v: tensor<11x7xf32>, %o: tensor<3x5x7xf32>, %l: tensor<3x5xf32>, %x: tensor<3xf32>, %offset: index) -> (tensor<3x5x7xf32>, tensor<3x5xf32>) {
  %r:2 = mqa.attention {indexing_maps = [#q, #k, #v, #x, #x, #o, #l], scale = 0.25 : f32, other.name,
      schedule = #mqa.schedule<row_block = 64, row_panel = 16, key_block = 32, key_tile = 4, value_tile = 4, depth_step = 4>}
    ins(%q, %k, %v, %x : tensor<3x5x8xf32>, tensor<11x8xf32>, tensor<11x7xf32>, tensor<3xf32>)
    sink(%x : tensor<3xf32>)
    outs(%o, %l : tensor<3x5x7xf32>, tensor<3x5xf32>)
    mask {
    ^bb0(%y: f32, %m: index, %n: index, %h: index):
      %last = arith.addi %m, %offset : index
      %keep = arith.cmpi ule, %n, %last : index
      mqa.yield %keep : i1
    } score {
    ^bb0(%s: f32, %y: f32, %m: index, %n: index, %h: index):
      %t = arith.addf %s, %y : f32
      mqa.yield %t : f32
    } -> tensor<3x5x7xf32>, tensor<3x5xf32>
  return %r#0, %r#1 : tensor<3x5x7xf32>, tensor<3x5xf32>
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>

// f64 is computed in f64, inside a loop as anywhere.

// CHECK-LABEL: func @in_a_loop
// CHECK: scf.for
// CHECK-NOT: f32
// CHECK: math.exp %{{.*}} : f64
// CHECK: scf.yield
func.func @in_a_loop(%q: tensor<5x8xf64>, %k: tensor<11x8xf64>, %v: tensor<11x7xf64>, %o: tensor<5x7xf64>, %n: index) -> tensor<5x7xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %o) -> tensor<5x7xf64> {
    %s = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.1 : f64}
      ins(%q, %k, %v : tensor<5x8xf64>, tensor<11x8xf64>, tensor<11x7xf64>)
      outs(%a : tensor<5x7xf64>) -> tensor<5x7xf64>
    scf.yield %s : tensor<5x7xf64>
  }
  return %r : tensor<5x7xf64>
}
