// Round trip of mqa.paged_view, and its canonical form.
// RUN: mqa-opt %s | mqa-opt --mlir-print-op-generic | mqa-opt | FileCheck %s
// RUN: mqa-opt %s --verify-roundtrip -o /dev/null
// RUN: mqa-opt %s --canonicalize | FileCheck %s --check-prefix=CANON

// Batches of the table first, keys where the positions are.
// CHECK-LABEL: func.func @layouts(
// CHECK-SAME: %[[POOL:.*]]: tensor<?x16x8x64xf32>, %[[HEADS:.*]]: tensor<?x8x16x64xi8>, %[[LAST:.*]]: tensor<8x16x64x40xbf16>, %[[T:.*]]: tensor<2x?xi32>, %[[ONE:.*]]: tensor<5xindex>, %[[N:.*]]: index
// CHECK: mqa.paged_view %[[POOL]][%[[T]]] keys(%[[N]]) page_dim(0) slot_dim(1) : tensor<?x16x8x64xf32>, tensor<2x?xi32> -> tensor<2x?x8x64xf32>
// CHECK: mqa.paged_view %[[HEADS]][%[[ONE]]] page_dim(0) slot_dim(2) : tensor<?x8x16x64xi8>, tensor<5xindex> -> tensor<8x80x64xi8>
// CHECK: mqa.paged_view %[[LAST]][%[[T]]] page_dim(3) slot_dim(0) {tag = "x"} : tensor<8x16x64x40xbf16>, tensor<2x?xi32> -> tensor<2x?x16x64xbf16>
func.func @layouts(%pool: tensor<?x16x8x64xf32>, %heads: tensor<?x8x16x64xi8>, %last: tensor<8x16x64x40xbf16>,
                   %t: tensor<2x?xi32>, %one: tensor<5xindex>, %n: index)
    -> (tensor<2x?x8x64xf32>, tensor<8x80x64xi8>, tensor<2x?x16x64xbf16>) {
  %0 = mqa.paged_view %pool[%t] keys(%n) page_dim(0) slot_dim(1) : tensor<?x16x8x64xf32>, tensor<2x?xi32> -> tensor<2x?x8x64xf32>
  %1 = mqa.paged_view %heads[%one] page_dim(0) slot_dim(2) : tensor<?x8x16x64xi8>, tensor<5xindex> -> tensor<8x80x64xi8>
  %2 = mqa.paged_view %last[%t] page_dim(3) slot_dim(0) {tag = "x"} : tensor<8x16x64x40xbf16>, tensor<2x?xi32> -> tensor<2x?x16x64xbf16>
  return %0, %1, %2 : tensor<2x?x8x64xf32>, tensor<8x80x64xi8>, tensor<2x?x16x64xbf16>
}

// Casts that forget sizes, and constant numbers of keys, make the view static.
// CANON-LABEL: func.func @static(
// CANON: %[[V:.*]] = mqa.paged_view %{{.*}}[%{{.*}}] page_dim(0) slot_dim(1) {tag = "x"} : tensor<9x16x8xf32>, tensor<2x5xi32> -> tensor<2x70x8xf32>
// CANON: tensor.cast %[[V]] : tensor<2x70x8xf32> to tensor<?x?x8xf32>
func.func @static(%pool: tensor<9x16x8xf32>, %t: tensor<2x5xi32>) -> tensor<?x?x8xf32> {
  %n = arith.constant 70 : index
  %p = tensor.cast %pool : tensor<9x16x8xf32> to tensor<?x?x8xf32>
  %c = tensor.cast %t : tensor<2x5xi32> to tensor<?x?xi32>
  %0 = mqa.paged_view %p[%c] keys(%n) page_dim(0) slot_dim(1) {tag = "x"} : tensor<?x?x8xf32>, tensor<?x?xi32> -> tensor<?x?x8xf32>
  return %0 : tensor<?x?x8xf32>
}

// Without a number of keys, there are as many as the table has positions.
// CANON-LABEL: func.func @all_positions(
// CANON: -> tensor<80x8xf32>
func.func @all_positions(%pool: tensor<9x16x8xf32>, %t: tensor<5xi32>) -> tensor<?x8xf32> {
  %0 = mqa.paged_view %pool[%t] page_dim(0) slot_dim(1) : tensor<9x16x8xf32>, tensor<5xi32> -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// A number of keys that the table has no pages for stays what it is.
// CANON-LABEL: func.func @too_many_keys(
// CANON: mqa.paged_view {{.*}} keys(%{{.*}}) {{.*}} -> tensor<?x8xf32>
func.func @too_many_keys(%pool: tensor<9x16x8xf32>, %t: tensor<5xi32>) -> tensor<?x8xf32> {
  %n = arith.constant 81 : index
  %0 = mqa.paged_view %pool[%t] keys(%n) page_dim(0) slot_dim(1) : tensor<9x16x8xf32>, tensor<5xi32> -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// Sizes of a view need no view, and a view that nobody uses is dead.
// CANON-LABEL: func.func @sizes(
// CANON-SAME: %[[POOL:.*]]: tensor<?x?x?xf32>, %[[T:.*]]: tensor<?x?xi32>, %[[N:.*]]: index
// CANON-NOT: mqa.paged_view
// CANON-DAG: %[[B:.*]] = tensor.dim %[[T]], %c0
// CANON-DAG: %[[D:.*]] = tensor.dim %[[POOL]], %c2
// CANON-DAG: %[[P:.*]] = tensor.dim %[[POOL]], %c1
// CANON-DAG: %[[C:.*]] = tensor.dim %[[T]], %c1
// CANON-DAG: %[[ALL:.*]] = arith.muli %[[C]], %[[P]]
// CANON: return %[[B]], %[[N]], %[[D]], %[[ALL]]
func.func @sizes(%pool: tensor<?x?x?xf32>, %t: tensor<?x?xi32>, %n: index) -> (index, index, index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %0 = mqa.paged_view %pool[%t] keys(%n) page_dim(0) slot_dim(1) : tensor<?x?x?xf32>, tensor<?x?xi32> -> tensor<?x?x?xf32>
  %1 = mqa.paged_view %pool[%t] page_dim(0) slot_dim(1) : tensor<?x?x?xf32>, tensor<?x?xi32> -> tensor<?x?x?xf32>
  %b = tensor.dim %0, %c0 : tensor<?x?x?xf32>
  %k = tensor.dim %0, %c1 : tensor<?x?x?xf32>
  %d = tensor.dim %0, %c2 : tensor<?x?x?xf32>
  %a = tensor.dim %1, %c1 : tensor<?x?x?xf32>
  return %b, %k, %d, %a : index, index, index, index
}
