// What is no mqa.merge (docs/Spec.md).
// RUN: mqa-opt %s -split-input-file -verify-diagnostics

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @merge_c1(%a: memref<3x5x4xf32>, %m: tensor<3x5xf32>, %s: memref<3x5xf32>, %c: memref<3x5x4xf32>, %x: memref<3x5xf32>, %u: memref<3x5xf32>) {
  // expected-error@below {{expected all operands to be tensors or all to be memrefs, got 'memref<3x5x4xf32>' for lhs acc and 'tensor<3x5xf32>' for lhs max}}
  mqa.merge {indexing_maps = [#acc, #row, #row, #acc, #row, #row]}
    ins(%a, %m, %s : memref<3x5x4xf32>, tensor<3x5xf32>, memref<3x5xf32>)
    outs(%c, %x, %u : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @merge_c2(%a: tensor<3x5x4xf32>, %m: tensor<3x5xf32>, %s: tensor<3x5xf32>, %c: tensor<3x5x4xf32>, %x: tensor<3x5xf32>, %u: tensor<3x5xf32>) {
  // expected-error@below {{expected the number of tensor results (0) to be equal to the number of output tensors (3)}}
  mqa.merge {indexing_maps = [#acc, #row, #row, #acc, #row, #row]}
    ins(%a, %m, %s : tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>)
    outs(%c, %x, %u : tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @merge_c3(%a: memref<3x5x4xf32>, %m: memref<3x5xf32>, %s: memref<3x5xf32>, %c: memref<3x5x4xf32>, %x: memref<3x5xf32>, %u: memref<3x5xf32>) {
  // expected-error@below {{expected 6 indexing maps, one per operand, got 5}}
  mqa.merge {indexing_maps = [#acc, #row, #row, #acc, #row]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%c, %x, %u : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @merge_c4(%a: memref<3x5x4xf32>, %m: memref<3x5xf32>, %s: memref<3x5xf32>, %c: memref<3x5x4xf32>, %x: memref<3x5xf32>, %u: memref<3x5xf32>) {
  // expected-error@below {{expected the map of lhs max to have 3 dimensions, as that of the first operand, and no symbols, got affine_map<(d0, d1) -> (d0, d1)>}}
  mqa.merge {indexing_maps = [#acc, affine_map<(h, m) -> (h, m)>, #row, #acc, #row, #row]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%c, %x, %u : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @merge_c5(%a: memref<3x5x4xf32>, %m: memref<3x5xf32>, %s: memref<3x5xf32>, %c: memref<3x5x4xf32>, %x: memref<3x5xf32>, %u: memref<3x5xf32>) {
  // expected-error@below {{to be a projected permutation, got affine_map<(d0, d1, d2) -> (d0, 0)>}}
  mqa.merge {indexing_maps = [#acc, affine_map<(h, m, e) -> (h, 0)>, #row, #acc, #row, #row]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%c, %x, %u : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @merge_c6(%a: memref<3x5x4xf32>, %m: memref<3x5xf32>, %s: memref<3x5xf32>, %c: memref<3x5x4xf32>, %x: memref<3x5xf32>, %u: memref<3x5xf32>) {
  // expected-error@below {{to have 2 results, the rank of the operand, got affine_map<(d0, d1, d2) -> (d0)>}}
  mqa.merge {indexing_maps = [#acc, affine_map<(h, m, e) -> (h)>, #row, #acc, #row, #row]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%c, %x, %u : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @merge_c7(%a: memref<3x5x4xf32>, %m: memref<3x5xf32>, %s: memref<3x5xf32>, %c: memref<3x5xf32>, %x: memref<3x5xf32>, %u: memref<3x5xf32>) {
  // expected-error@below {{expected the map of acc to mention every dimension, got none of d2}}
  mqa.merge {indexing_maps = [#acc, #row, #row, #row, #row, #row]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%c, %x, %u : memref<3x5xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @merge_c8(%a: memref<3x5x4xf32>, %m: memref<3x5xf32>, %s: memref<3x5xf32>, %c: memref<3x5x4xf32>, %x: memref<3x5xf32>, %u: memref<3x4xf32>) {
  // expected-error@below {{expected the maps of lhs max and sum to mention the same dimensions, got affine_map<(d0, d1, d2) -> (d0, d1)> and affine_map<(d0, d1, d2) -> (d0, d2)>}}
  mqa.merge {indexing_maps = [#acc, #row, #row, #acc, #row, affine_map<(h, m, e) -> (h, e)>]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%c, %x, %u : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x4xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @merge_c8_all(%a: memref<3x5x4xf32>, %m: memref<3x5x4xf32>, %s: memref<3x5xf32>, %c: memref<3x5x4xf32>, %x: memref<3x5xf32>, %u: memref<3x5xf32>) {
  // expected-error@below {{expected the map of lhs max to leave out at least one dimension, got affine_map<(d0, d1, d2) -> (d0, d1, d2)>}}
  mqa.merge {indexing_maps = [#acc, #acc, #row, #acc, #row, #row]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5x4xf32>, memref<3x5xf32>)
    outs(%c, %x, %u : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @merge_c9(%a: memref<3x5x4xf32>, %m: memref<3x5xf32>, %s: memref<3x5xf32>, %c: memref<3x5x6xf32>, %x: memref<3x5xf32>, %u: memref<3x5xf32>) {
  // expected-error@below {{expected one size of dimension d2, got 4 in lhs acc and 6 in acc}}
  mqa.merge {indexing_maps = [#acc, #row, #row, #acc, #row, #row]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%c, %x, %u : memref<3x5x6xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @merge_c10(%a: memref<3x5x4xf32>, %m: memref<3x5xf32>, %s: memref<3x5xf32>, %c: memref<3x5x4xf32>, %x: memref<3x5xf32>, %u: memref<3x5xf64>) {
  // expected-error@below {{expected sum to have elements of type 'f32', got 'f64'}}
  mqa.merge {indexing_maps = [#acc, #row, #row, #acc, #row, #row]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%c, %x, %u : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf64>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @merge_c11(%a: memref<3x5x4xf32>, %m: memref<3x5xf32>, %s: memref<3x5xf32>, %x: memref<3x5xf32>, %u: memref<3x5xf32>) {
  // expected-error@below {{expected acc to be no other operand, got the memref of lhs acc}}
  mqa.merge {indexing_maps = [#acc, #row, #row, #acc, #row, #row]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%a, %x, %u : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}
