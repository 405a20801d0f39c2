// Where a task's state comes from and where it goes.
// RUN: mqa-opt %s --mqa-tile --canonicalize --cse | FileCheck %s

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#a = affine_map<(m, n, d, e) -> (m, e)>
#r = affine_map<(m, n, d, e) -> (m)>
#fa = affine_map<(m, e) -> (m, e)>
#fr = affine_map<(m, e) -> (m)>
#s = #mqa.schedule<row_block = 8, row_panel = 8, key_block = 8, key_tile = 4, value_tile = 4, depth_step = 4>

// Alone: the state is read from and written back to the three destinations.
// CHECK-LABEL: func.func @standalone
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<20x4xf32>, %[[M:[a-z0-9]+]]: tensor<20xf32>, %[[S:[a-z0-9]+]]: tensor<20xf32>
// CHECK: scf.forall {{.*}} shared_outs(%[[OA:.*]] = %[[A]], %[[OM:.*]] = %[[M]], %[[OS:.*]] = %[[S]])
// CHECK: tensor.extract_slice %[[OA]]
// CHECK: tensor.extract %[[OM]]
// CHECK: tensor.extract %[[OS]]
// CHECK: mqa.online_attention
// CHECK-DAG: tensor.parallel_insert_slice %{{.*}} into %[[OA]]
// CHECK-DAG: tensor.parallel_insert_slice %{{.*}} into %[[OM]]
// CHECK-DAG: tensor.parallel_insert_slice %{{.*}} into %[[OS]]
func.func @standalone(%q: tensor<20x12xf32>, %k: tensor<8x12xf32>, %v: tensor<8x4xf32>, %a: tensor<20x4xf32>, %m: tensor<20xf32>,
                      %s: tensor<20xf32>) -> (tensor<20x4xf32>, tensor<20xf32>, tensor<20xf32>) {
  %t:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r], schedule = #s}
         ins(%q, %k, %v : tensor<20x12xf32>, tensor<8x12xf32>, tensor<8x4xf32>)
         outs(%a, %m, %s : tensor<20x4xf32>, tensor<20xf32>, tensor<20xf32>)
         -> tensor<20x4xf32>, tensor<20xf32>, tensor<20xf32>
  return %t#0, %t#1, %t#2 : tensor<20x4xf32>, tensor<20xf32>, tensor<20xf32>
}

// With finalize: only output and log-sum-exp are written. The fills are made in
// the task; the maximum, a sink here, is read row by row.
// CHECK-LABEL: func.func @finalized
// CHECK-SAME: %[[SINK:[a-z0-9]+]]: tensor<20xf32>, %[[O:[a-z0-9]+]]: tensor<20x4xf32>, %[[L:[a-z0-9]+]]: tensor<20xf32>
// CHECK-NOT: linalg.fill
// CHECK: scf.forall {{.*}} shared_outs(%[[OO:.*]] = %[[O]], %[[OL:.*]] = %[[L]])
// CHECK: linalg.fill {{.*}} outs({{.*}} : tensor<1x4x8xf32>)
// CHECK: tensor.extract %[[SINK]]
// CHECK: linalg.fill {{.*}} outs({{.*}} : tensor<1x8xf32>)
// CHECK: mqa.online_attention
// CHECK: mqa.finalize {{.*}} -> tensor<1x4x8xf32>, tensor<1x8xf32>
// CHECK-DAG: tensor.parallel_insert_slice %{{.*}} into %[[OO]]
// CHECK-DAG: tensor.parallel_insert_slice %{{.*}} into %[[OL]]
func.func @finalized(%q: tensor<20x12xf32>, %k: tensor<8x12xf32>, %v: tensor<8x4xf32>, %sink: tensor<20xf32>, %o: tensor<20x4xf32>,
                     %l: tensor<20xf32>) -> (tensor<20x4xf32>, tensor<20xf32>) {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %e0 = tensor.empty() : tensor<20x4xf32>
  %e1 = tensor.empty() : tensor<20xf32>
  %a = linalg.fill ins(%zero : f32) outs(%e0 : tensor<20x4xf32>) -> tensor<20x4xf32>
  %s = linalg.fill ins(%one : f32) outs(%e1 : tensor<20xf32>) -> tensor<20xf32>
  %t:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r], schedule = #s}
         ins(%q, %k, %v : tensor<20x12xf32>, tensor<8x12xf32>, tensor<8x4xf32>)
         outs(%a, %sink, %s : tensor<20x4xf32>, tensor<20xf32>, tensor<20xf32>)
         -> tensor<20x4xf32>, tensor<20xf32>, tensor<20xf32>
  %f:2 = mqa.finalize {indexing_maps = [#fa, #fr, #fr, #fa, #fr]}
         ins(%t#0, %t#1, %t#2 : tensor<20x4xf32>, tensor<20xf32>, tensor<20xf32>)
         outs(%o, %l : tensor<20x4xf32>, tensor<20xf32>) -> tensor<20x4xf32>, tensor<20xf32>
  return %f#0, %f#1 : tensor<20x4xf32>, tensor<20xf32>
}

// A finalize that is not the only user of the state stays outside.
// CHECK-LABEL: func.func @state_used_twice
// CHECK: %[[T:.*]]:3 = scf.forall
// CHECK-NOT: mqa.finalize
// CHECK: mqa.tasks
// CHECK: mqa.finalize {{.*}} ins(%[[T]]#0, %[[T]]#1, %[[T]]#2
func.func @state_used_twice(%q: tensor<20x12xf32>, %k: tensor<8x12xf32>, %v: tensor<8x4xf32>, %a: tensor<20x4xf32>, %m: tensor<20xf32>,
                            %s: tensor<20xf32>, %o: tensor<20x4xf32>) -> (tensor<20x4xf32>, tensor<20xf32>) {
  %t:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r], schedule = #s}
         ins(%q, %k, %v : tensor<20x12xf32>, tensor<8x12xf32>, tensor<8x4xf32>)
         outs(%a, %m, %s : tensor<20x4xf32>, tensor<20xf32>, tensor<20xf32>)
         -> tensor<20x4xf32>, tensor<20xf32>, tensor<20xf32>
  %f = mqa.finalize {indexing_maps = [#fa, #fr, #fr, #fa]}
         ins(%t#0, %t#1, %t#2 : tensor<20x4xf32>, tensor<20xf32>, tensor<20xf32>)
         outs(%o : tensor<20x4xf32>) -> tensor<20x4xf32>
  return %f, %t#1 : tensor<20x4xf32>, tensor<20xf32>
}

// Without a schedule nothing is tiled.
// CHECK-LABEL: func.func @no_schedule
// CHECK-NEXT: mqa.online_attention
// CHECK-NEXT: return
func.func @no_schedule(%q: tensor<20x12xf32>, %k: tensor<8x12xf32>, %v: tensor<8x4xf32>, %a: tensor<20x4xf32>, %m: tensor<20xf32>,
                       %s: tensor<20xf32>) -> tensor<20x4xf32> {
  %t:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r]}
         ins(%q, %k, %v : tensor<20x12xf32>, tensor<8x12xf32>, tensor<8x4xf32>)
         outs(%a, %m, %s : tensor<20x4xf32>, tensor<20xf32>, tensor<20xf32>)
         -> tensor<20x4xf32>, tensor<20xf32>, tensor<20xf32>
  return %t#0 : tensor<20x4xf32>
}
