// The reference lowering of mqa.paged_view is a gather.
// RUN: mqa-opt %s --convert-mqa-to-linalg | FileCheck %s
// RUN: mqa-opt %s --mqa-promote-to-f64 --convert-mqa-to-linalg | FileCheck %s --check-prefix=F64

// CHECK-LABEL: func.func @gather(
// CHECK-SAME: %[[POOL:.*]]: tensor<?x16x64xf32>, %[[T:.*]]: tensor<2x?xi32>, %[[N:.*]]: index
// CHECK-NOT: mqa.
// CHECK: %[[PAGES:.*]] = tensor.dim %[[POOL]], %c0
// CHECK: %[[LAST:.*]] = arith.subi %[[PAGES]], %c1
// CHECK: %[[INIT:.*]] = tensor.empty(%[[N]]) : tensor<2x?x64xf32>
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel"]} outs(%[[INIT]] : tensor<2x?x64xf32>)
// CHECK: %[[B:.*]] = linalg.index 0
// CHECK: %[[K:.*]] = linalg.index 1
// CHECK: %[[D:.*]] = linalg.index 2
// CHECK: %[[COLUMN:.*]] = arith.divui %[[K]], %c16
// CHECK: %[[ENTRY:.*]] = tensor.extract %[[T]][%[[B]], %[[COLUMN]]]
// CHECK: %[[INDEX:.*]] = arith.index_cast %[[ENTRY]] : i32 to index
// CHECK: %[[PAGE:.*]] = arith.minui %[[INDEX]], %[[LAST]]
// CHECK: %[[SLOT:.*]] = arith.remui %[[K]], %c16
// CHECK: tensor.extract %[[POOL]][%[[PAGE]], %[[SLOT]], %[[D]]]
// F64-LABEL: func.func @gather(
// F64-SAME: tensor<?x16x64xf64>, %{{.*}}: tensor<2x?xi32>
// F64: tensor.extract {{.*}} : tensor<?x16x64xf64>
func.func @gather(%pool: tensor<?x16x64xf32>, %t: tensor<2x?xi32>, %n: index) -> tensor<2x?x64xf32> {
  %0 = mqa.paged_view %pool[%t] keys(%n) page_dim(0) slot_dim(1) : tensor<?x16x64xf32>, tensor<2x?xi32> -> tensor<2x?x64xf32>
  return %0 : tensor<2x?x64xf32>
}

// Pages last: the key stands where the positions are.
// CHECK-LABEL: func.func @pages_last(
// CHECK-SAME: %[[POOL:.*]]: tensor<8x16x64x?xi8>
// CHECK: %[[H:.*]] = linalg.index 0
// CHECK: %[[K:.*]] = linalg.index 1
// CHECK: %[[D:.*]] = linalg.index 2
// CHECK: tensor.extract %[[POOL]][%[[H]], %{{.*}}, %[[D]], %{{.*}}]
// CHECK: } -> tensor<8x40x64xi8>
func.func @pages_last(%pool: tensor<8x16x64x?xi8>, %t: tensor<?xindex>) -> tensor<8x40x64xi8> {
  %0 = mqa.paged_view %pool[%t] page_dim(3) slot_dim(1) : tensor<8x16x64x?xi8>, tensor<?xindex> -> tensor<8x40x64xi8>
  return %0 : tensor<8x40x64xi8>
}

// An attribute that nobody knows is not dropped silently: see invalid.mlir.
// CHECK-LABEL: func.func @keeps_attributes(
// CHECK: linalg.generic {{.*}} attrs = {other.tag = 1 : i64}
func.func @keeps_attributes(%pool: tensor<4x16x64xf32>, %t: tensor<3xi32>) -> tensor<48x64xf32> {
  %0 = mqa.paged_view %pool[%t] page_dim(0) slot_dim(1) {other.tag = 1} : tensor<4x16x64xf32>, tensor<3xi32> -> tensor<48x64xf32>
  return %0 : tensor<48x64xf32>
}
