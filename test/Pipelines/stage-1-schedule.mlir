// Calls are inlined, public functions are on memrefs, attention has a schedule.
// RUN: mqa-opt %s --mqa-stage-1-schedule="row-panel=8 row-block=24" | FileCheck %s

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
// CHECK-NOT: @layer
// CHECK-LABEL: func.func @f(
// CHECK-SAME: memref<50x8xf32>, %{{.*}}: memref<7x8xf32>, %{{.*}}: memref<7x4xf32>, %[[INIT:.*]]: memref<50x4xf32>) attributes {llvm.emit_c_interface}
// CHECK: %[[O:.*]] = mqa.attention {{.*}}schedule = #mqa.schedule<row_block = 24, row_panel = 8,
// CHECK: bufferization.materialize_in_destination %[[O]] in writable %[[INIT]]
// CHECK-NOT: @layer
func.func private @layer(%q: tensor<50x8xf32>, %k: tensor<7x8xf32>, %v: tensor<7x4xf32>,
                         %init: tensor<50x4xf32>) -> tensor<50x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<50x8xf32>, tensor<7x8xf32>, tensor<7x4xf32>)
         outs(%init : tensor<50x4xf32>) -> tensor<50x4xf32>
  return %o : tensor<50x4xf32>
}
func.func @f(%q: tensor<50x8xf32>, %k: tensor<7x8xf32>, %v: tensor<7x4xf32>,
             %init: tensor<50x4xf32>) -> tensor<50x4xf32> {
  %o = call @layer(%q, %k, %v, %init) : (tensor<50x8xf32>, tensor<7x8xf32>, tensor<7x4xf32>, tensor<50x4xf32>) -> tensor<50x4xf32>
  return %o : tensor<50x4xf32>
}
