// What the mask analysis emits: how many ops, and which.
// RUN: mqa-opt %s --test-mqa-mask-analysis | FileCheck %s

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
#all = affine_map<(m, n, d, e) -> ()>
#row = affine_map<(m, n, d, e) -> (m)>
#key = affine_map<(m, n, d, e) -> (n)>
#pair = affine_map<(m, n, d, e) -> (m, n)>

// CHECK-LABEL: func.func @causal_live(
// CHECK-SAME: {{.*}}ops = 5 : i64
// CHECK: %[[END:.*]] = arith.addi %arg5, %c1
// CHECK: %[[LIVE:.*]] = arith.minsi %[[END]], %dim
// CHECK: %[[FULL:.*]] = arith.minsi %{{.*}}, %dim
// CHECK: return %c0{{.*}}, %[[LIVE]], %c0{{.*}}, %[[FULL]] :
// CHECK-LABEL: func.func @causal_classify(
// CHECK-SAME: {{.*}}ops = 3 : i64
// CHECK: %[[LAST:.*]] = arith.subi %arg7, %c1
// CHECK: %[[FULL:.*]] = arith.cmpi sle, %[[LAST]], %arg4
// CHECK: %[[EMPTY:.*]] = arith.cmpi slt, %arg5, %arg6
// CHECK: return %[[FULL]], %[[EMPTY]] :
// CHECK-LABEL: func.func @causal_rows(
// CHECK-SAME: {{.*}}ops = 2 : i64
// CHECK: %[[SOME:.*]] = arith.cmpi slt, %c0{{.*}}, %dim
// CHECK: return %[[SOME]] :
func.func @causal(%q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x4xf32>, %init: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>)
         outs(%init : tensor<?x4xf32>)
         mask {
         ^bb0(%m: index, %n: index):
           %keep = arith.cmpi sle, %n, %m : index
           mqa.yield %keep : i1
         } -> tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @window_live(
// CHECK-SAME: {{.*}}ops = 9 : i64
// CHECK-NOT: arith.select
// CHECK: arith.addi %arg4, %c-1023
// CHECK-NOT: arith.select
// CHECK: return
// CHECK-LABEL: func.func @window_classify(
// CHECK-SAME: {{.*}}ops = 10 : i64
// CHECK-LABEL: func.func @window_rows(
// CHECK-SAME: {{.*}}ops = 13 : i64
func.func @window(%q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x4xf32>, %init: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>)
         outs(%init : tensor<?x4xf32>)
         mask {
         ^bb0(%m: index, %n: index):
           %causal = arith.cmpi sle, %n, %m : index
           %c1024 = arith.constant 1024 : index
           %distance = arith.subi %m, %n : index
           %near = arith.cmpi slt, %distance, %c1024 : index
           %keep = arith.andi %causal, %near : i1
           mqa.yield %keep : i1
         } -> tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @length_live(
// CHECK-SAME: {{.*}}ops = 4 : i64
// CHECK-COUNT-1: tensor.extract %arg4[]
// CHECK-NOT: tensor.extract
// CHECK: return %c0{{.*}}, %[[END:.*]], %c0{{.*}}, %[[END]] :
// CHECK-LABEL: func.func @length_classify(
// CHECK-SAME: {{.*}}ops = 7 : i64
// CHECK-LABEL: func.func @length_rows(
// CHECK-SAME: {{.*}}ops = 9 : i64
func.func @length(%q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x4xf32>, %init: tensor<?x4xf32>,
                  %lengths: tensor<i32>) -> tensor<?x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #all, #o]}
         ins(%q, %k, %v, %lengths : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<i32>)
         outs(%init : tensor<?x4xf32>)
         mask {
         ^bb0(%length: i32, %m: index, %n: index):
           %wide = arith.index_cast %length : i32 to index
           %keep = arith.cmpi slt, %n, %wide : index
           mqa.yield %keep : i1
         } -> tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @offset_live(
// CHECK-SAME: {{.*}}ops = 12 : i64
// CHECK-DAG: arith.cmpi sle, %c-536870912{{.*}}, %arg4
// CHECK-DAG: arith.cmpi sle, %arg4, %c536870912
// CHECK: %[[GUARD:.*]] = arith.andi
// CHECK: arith.select %[[GUARD]], %{{.*}}, %dim
// CHECK: arith.select %[[GUARD]], %{{.*}}, %c0
// CHECK-LABEL: func.func @offset_classify(
// CHECK-SAME: {{.*}}ops = 10 : i64
// CHECK-LABEL: func.func @offset_rows(
// CHECK-SAME: {{.*}}ops = 17 : i64
func.func @offset(%q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x4xf32>, %init: tensor<?x4xf32>, %off: index) -> tensor<?x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>)
         outs(%init : tensor<?x4xf32>)
         mask {
         ^bb0(%m: index, %n: index):
           %last = arith.addi %m, %off : index
           %keep = arith.cmpi sle, %n, %last : index
           mqa.yield %keep : i1
         } -> tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @prefix_live(
// CHECK-SAME: {{.*}}ops = 7 : i64
// CHECK: arith.maxsi %{{.*}}, %c128
// CHECK-NOT: arith.cmpi
// CHECK: return
// CHECK-LABEL: func.func @prefix_classify(
// CHECK-SAME: {{.*}}ops = 8 : i64
// CHECK-LABEL: func.func @prefix_rows(
// CHECK-SAME: {{.*}}ops = 2 : i64
// CHECK-NOT: arith.ori
// CHECK: return
func.func @prefix(%q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x4xf32>, %init: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>)
         outs(%init : tensor<?x4xf32>)
         mask {
         ^bb0(%m: index, %n: index):
           %causal = arith.cmpi sle, %n, %m : index
           %c128 = arith.constant 128 : index
           %seen = arith.cmpi slt, %n, %c128 : index
           %keep = arith.ori %seen, %causal : i1
           mqa.yield %keep : i1
         } -> tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @chunked_live(
// CHECK-SAME: {{.*}}ops = 23 : i64
// CHECK-COUNT-2: arith.divui
// CHECK-NOT: arith.divui
// CHECK: return
// CHECK-LABEL: func.func @chunked_classify(
// CHECK-SAME: {{.*}}ops = 16 : i64
// CHECK-COUNT-4: arith.divui
// CHECK-NOT: arith.divui
// CHECK: return
// CHECK-LABEL: func.func @chunked_rows(
// CHECK-SAME: {{.*}}ops = 18 : i64
func.func @chunked(%q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x4xf32>, %init: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>)
         outs(%init : tensor<?x4xf32>)
         mask {
         ^bb0(%m: index, %n: index):
           %causal = arith.cmpi sle, %n, %m : index
           %c64 = arith.constant 64 : index
           %row = arith.divui %m, %c64 : index
           %key = arith.divui %n, %c64 : index
           %same = arith.cmpi eq, %row, %key : index
           %keep = arith.andi %same, %causal : i1
           mqa.yield %keep : i1
         } -> tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @documents_classify(
// CHECK-SAME: {{.*}}ops = 26 : i64
// CHECK-COUNT-2: scf.for
// CHECK-NOT: scf.for
// CHECK: return
// CHECK-LABEL: func.func @documents_rows(
// CHECK-SAME: {{.*}}ops = 0 : i64
// CHECK: return %false :
func.func @documents(%q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x4xf32>, %init: tensor<?x4xf32>,
                     %ids: tensor<?xi32>) -> tensor<?x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #row, #key, #o]}
         ins(%q, %k, %v, %ids, %ids : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?xi32>, tensor<?xi32>)
         outs(%init : tensor<?x4xf32>)
         mask {
         ^bb0(%row: i32, %key: i32, %m: index, %n: index):
           %causal = arith.cmpi sle, %n, %m : index
           %same = arith.cmpi eq, %row, %key : i32
           %keep = arith.andi %same, %causal : i1
           mqa.yield %keep : i1
         } -> tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @boolean_live(
// CHECK-SAME: {{.*}}ops = 3 : i64
// CHECK-NOT: tensor.extract
// CHECK: return
// CHECK-LABEL: func.func @boolean_classify(
// CHECK-SAME: {{.*}}ops = 1 : i64
// CHECK: %[[EMPTY:.*]] = arith.cmpi slt, %arg6, %arg7
// CHECK: return %false, %[[EMPTY]] :
// CHECK-LABEL: func.func @boolean_rows(
// CHECK-SAME: {{.*}}ops = 0 : i64
// CHECK: return %false :
func.func @boolean(%q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x4xf32>, %init: tensor<?x4xf32>,
                   %flags: tensor<?x?xi1>) -> tensor<?x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #pair, #o]}
         ins(%q, %k, %v, %flags : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x?xi1>)
         outs(%init : tensor<?x4xf32>)
         mask {
         ^bb0(%flag: i1, %m: index, %n: index):
           %causal = arith.cmpi sle, %n, %m : index
           %keep = arith.andi %flag, %causal : i1
           mqa.yield %keep : i1
         } -> tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @sinks_live(
// CHECK-SAME: -> (index, index, index, index, index, index)
// CHECK-SAME: {{.*}}ops = 37 : i64
// CHECK-LABEL: func.func @sinks_classify(
// CHECK-SAME: {{.*}}ops = 14 : i64
// CHECK-LABEL: func.func @sinks_rows(
// CHECK-SAME: {{.*}}ops = 2 : i64
func.func @sinks(%q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x4xf32>, %init: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>)
         outs(%init : tensor<?x4xf32>)
         mask {
         ^bb0(%m: index, %n: index):
           %causal = arith.cmpi sle, %n, %m : index
           %c4 = arith.constant 4 : index
           %c1024 = arith.constant 1024 : index
           %distance = arith.subi %m, %n : index
           %near = arith.cmpi slt, %distance, %c1024 : index
           %sink = arith.cmpi slt, %n, %c4 : index
           %either = arith.ori %near, %sink : i1
           %keep = arith.andi %either, %causal : i1
           mqa.yield %keep : i1
         } -> tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}
