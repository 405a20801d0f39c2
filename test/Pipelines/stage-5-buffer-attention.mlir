// After bufferization of a whole attention, the loops over keys allocate
// nothing and copy no block of keys or values, and a task frees nothing.
// RUN: mqa-opt %s --mqa-stage-1-schedule=cpu=x86-64-v3 --mqa-stage-2-state --mqa-stage-3-linalg --mqa-stage-4-vector \
// RUN:   --mqa-stage-5-buffer | FileCheck %s --implicit-check-not=tensor
// REQUIRES: x86_64

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
// CHECK-LABEL: func.func @f
// CHECK-SAME: %{{.*}}: memref<8x1024x64xf32>, %[[K:[a-z0-9]+]]: memref<768x64xf32>, %[[V:[a-z0-9]+]]: memref<768x64xf32>, %[[O:[a-z0-9]+]]: memref<8x1024x64xf32>
// CHECK-NOT: memref.alloc
// CHECK: scf.forall
// CHECK: memref.alloca
// CHECK: scf.for %{{.*}} = %c0 to %c768
// CHECK-NOT: memref.alloc
// CHECK-NOT: memref.subview %[[K]]
// CHECK-NOT: memref.subview %[[V]]
// CHECK: vector.transfer_read %[[K]]
// CHECK: vector.contract
// CHECK-NOT: memref.alloc
// CHECK-NOT: memref.subview %[[V]]
// CHECK: vector.transfer_read %[[V]]
// CHECK: vector.contract
// CHECK-NOT: memref.{{(de)?}}alloc
// CHECK: mqa.tasks
// CHECK-NOT: memref.{{(de)?}}alloc
func.func @f(%q: tensor<8x1024x64xf32>, %k: tensor<768x64xf32>, %v: tensor<768x64xf32>,
             %init: tensor<8x1024x64xf32>) -> tensor<8x1024x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.125 : f32}
         ins(%q, %k, %v : tensor<8x1024x64xf32>, tensor<768x64xf32>, tensor<768x64xf32>)
         outs(%init : tensor<8x1024x64xf32>) -> tensor<8x1024x64xf32>
  return %o : tensor<8x1024x64xf32>
}
