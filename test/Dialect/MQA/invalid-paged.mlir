// What is no mqa.paged_view (docs/Spec.md).
// RUN: mqa-opt %s -split-input-file -verify-diagnostics

func.func @paged_c1(%pool: memref<4x16x8xf32>, %table: tensor<3xi32>) {
  // expected-error@below {{invalid kind of type specified: expected builtin.tensor, but found 'memref<4x16x8xf32>'}}
  %0 = mqa.paged_view %pool[%table] page_dim(0) slot_dim(1) : memref<4x16x8xf32>, tensor<3xi32> -> tensor<48x8xf32>
  return
}

// -----

func.func @paged_c1_encoding(%pool: tensor<4x16x8xf32, "sparse">, %table: tensor<3xi32>) {
  // expected-error@below {{expected tensors without an encoding, got 'tensor<4x16x8xf32, "sparse">'}}
  %0 = mqa.paged_view %pool[%table] page_dim(0) slot_dim(1) : tensor<4x16x8xf32, "sparse">, tensor<3xi32> -> tensor<48x8xf32>
  return
}

// -----

func.func @paged_c1_table(%pool: tensor<4x16x8xf32>, %table: tensor<3xi8>) {
  // expected-error@below {{operand #1 must be ranked tensor of 32-bit signless integer or 64-bit signless integer or index values, but got 'tensor<3xi8>'}}
  %0 = mqa.paged_view %pool[%table] page_dim(0) slot_dim(1) : tensor<4x16x8xf32>, tensor<3xi8> -> tensor<48x8xf32>
  return
}

// -----

func.func @paged_c2(%pool: tensor<4x16x8xf32>, %table: tensor<3xi32>) {
  // expected-error@below {{expected page_dim and slot_dim to be two dimensions of the pool 'tensor<4x16x8xf32>', got 0 and 3}}
  %0 = mqa.paged_view %pool[%table] page_dim(0) slot_dim(3) : tensor<4x16x8xf32>, tensor<3xi32> -> tensor<48x8xf32>
  return
}

// -----

func.func @paged_c2_same(%pool: tensor<4x16x8xf32>, %table: tensor<3xi32>) {
  // expected-error@below {{expected page_dim and slot_dim to be two dimensions of the pool 'tensor<4x16x8xf32>', got 1 and 1}}
  %0 = mqa.paged_view %pool[%table] page_dim(1) slot_dim(1) : tensor<4x16x8xf32>, tensor<3xi32> -> tensor<48x8xf32>
  return
}

// -----

func.func @paged_c2_negative(%pool: tensor<4x16x8xf32>, %table: tensor<3xi32>) {
  // expected-error@below {{attribute 'page_dim' failed to satisfy constraint: 64-bit signless integer attribute whose value is non-negative}}
  %0 = mqa.paged_view %pool[%table] page_dim(-1) slot_dim(1) : tensor<4x16x8xf32>, tensor<3xi32> -> tensor<48x8xf32>
  return
}

// -----

func.func @paged_c3(%pool: tensor<4x16x8xf32>, %table: tensor<i32>) {
  // expected-error@below {{expected a table of at least one dimension, got 'tensor<i32>'}}
  %0 = mqa.paged_view %pool[%table] page_dim(0) slot_dim(1) : tensor<4x16x8xf32>, tensor<i32> -> tensor<48x8xf32>
  return
}

// -----

func.func @paged_c4(%pool: tensor<4x16x8xf32>, %table: tensor<2x3xi32>) {
  // expected-error@below {{expected a result of rank 3, the table's and the pool's less 2, got 'tensor<48x8xf32>'}}
  %0 = mqa.paged_view %pool[%table] page_dim(0) slot_dim(1) : tensor<4x16x8xf32>, tensor<2x3xi32> -> tensor<48x8xf32>
  return
}

// -----

func.func @paged_c4_batch(%pool: tensor<4x16x8xf32>, %table: tensor<2x3xi32>) {
  // expected-error@below {{expected 2 as size of dimension 0 of the result, as in the table, got 'tensor<5x48x8xf32>'}}
  %0 = mqa.paged_view %pool[%table] page_dim(0) slot_dim(1) : tensor<4x16x8xf32>, tensor<2x3xi32> -> tensor<5x48x8xf32>
  return
}

// -----

func.func @paged_c4_pool(%pool: tensor<8x16x4xf32>, %table: tensor<2x3xi32>) {
  // expected-error@below {{expected 8 as size of dimension 1 of the result, as in the pool, got 'tensor<2x?x48xf32>'}}
  %0 = mqa.paged_view %pool[%table] page_dim(2) slot_dim(1) : tensor<8x16x4xf32>, tensor<2x3xi32> -> tensor<2x?x48xf32>
  return
}

// -----

func.func @paged_c5(%pool: tensor<4x16x8xi8>, %table: tensor<3xi32>) {
  // expected-error@below {{failed to verify that all of {pool, result} have same element type}}
  %0 = mqa.paged_view %pool[%table] page_dim(0) slot_dim(1) : tensor<4x16x8xi8>, tensor<3xi32> -> tensor<48x8xf32>
  return
}

// -----

func.func @paged_c6(%pool: tensor<4x16x8xf32>, %table: tensor<3xi32>, %n: index) {
  // expected-error@below {{expected a dynamic number of keys in the result of a view with keys, got 40}}
  %0 = mqa.paged_view %pool[%table] keys(%n) page_dim(0) slot_dim(1) : tensor<4x16x8xf32>, tensor<3xi32> -> tensor<40x8xf32>
  return
}

// -----

func.func @paged_c7(%pool: tensor<4x16x8xf32>, %table: tensor<3xi32>) {
  // expected-error@below {{expected at most 48 keys, the positions of all pages in a row of the table, got 49}}
  %0 = mqa.paged_view %pool[%table] page_dim(0) slot_dim(1) : tensor<4x16x8xf32>, tensor<3xi32> -> tensor<49x8xf32>
  return
}
