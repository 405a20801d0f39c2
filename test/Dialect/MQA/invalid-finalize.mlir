// What is no mqa.finalize (docs/Spec.md).
// RUN: mqa-opt %s -split-input-file -verify-diagnostics

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @finalize_c1(%a: memref<3x5x4xf32>, %m: tensor<3x5xf32>, %s: memref<3x5xf32>, %o: memref<3x5x4xf16>, %l: memref<3x5xf32>) {
  // expected-error@below {{expected all operands to be tensors or all to be memrefs, got 'memref<3x5x4xf32>' for acc and 'tensor<3x5xf32>' for max}}
  mqa.finalize {indexing_maps = [#acc, #row, #row, #acc, #row]}
    ins(%a, %m, %s : memref<3x5x4xf32>, tensor<3x5xf32>, memref<3x5xf32>)
    outs(%o, %l : memref<3x5x4xf16>, memref<3x5xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @finalize_c2(%a: tensor<3x5x4xf32>, %m: tensor<3x5xf32>, %s: tensor<3x5xf32>, %o: tensor<3x5x4xf16>, %l: tensor<3x5xf32>) {
  // expected-error@below {{expected the number of tensor results (0) to be equal to the number of output tensors (2)}}
  mqa.finalize {indexing_maps = [#acc, #row, #row, #acc, #row]}
    ins(%a, %m, %s : tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>)
    outs(%o, %l : tensor<3x5x4xf16>, tensor<3x5xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @finalize_c3(%a: memref<3x5x4xf32>, %m: memref<3x5xf32>, %s: memref<3x5xf32>, %o: memref<3x5x4xf16>, %l: memref<3x5xf32>) {
  // expected-error@below {{expected 5 indexing maps, one per operand, got 4}}
  mqa.finalize {indexing_maps = [#acc, #row, #row, #acc]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%o, %l : memref<3x5x4xf16>, memref<3x5xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @finalize_c4(%a: memref<3x5x4xf32>, %m: memref<3x5xf32>, %s: memref<3x5xf32>, %o: memref<3x5x4xf16>, %l: memref<3x5xf32>) {
  // expected-error@below {{expected the map of max to have 3 dimensions, as that of the first operand, and no symbols, got affine_map<(d0, d1) -> (d0, d1)>}}
  mqa.finalize {indexing_maps = [#acc, affine_map<(h, m) -> (h, m)>, #row, #acc, #row]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%o, %l : memref<3x5x4xf16>, memref<3x5xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @finalize_c5(%a: memref<3x5x4xf32>, %m: memref<3x5xf32>, %s: memref<3x5xf32>, %o: memref<3x5x4xf16>, %l: memref<3x5xf32>) {
  // expected-error@below {{to be a projected permutation, got affine_map<(d0, d1, d2) -> (d0, 0)>}}
  mqa.finalize {indexing_maps = [#acc, affine_map<(h, m, e) -> (h, 0)>, #row, #acc, #row]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%o, %l : memref<3x5x4xf16>, memref<3x5xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @finalize_c6(%a: memref<3x5x4xf32>, %m: memref<3x5xf32>, %s: memref<3x5xf32>, %o: memref<3x5x4xf16>, %l: memref<3x5xf32>) {
  // expected-error@below {{to have 2 results, the rank of the operand, got affine_map<(d0, d1, d2) -> (d0)>}}
  mqa.finalize {indexing_maps = [#acc, affine_map<(h, m, e) -> (h)>, #row, #acc, #row]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%o, %l : memref<3x5x4xf16>, memref<3x5xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @finalize_c7(%a: memref<3x5x4xf32>, %m: memref<3x5xf32>, %s: memref<3x5xf32>, %o: memref<3x5xf32>) {
  // expected-error@below {{expected the map of output to mention every dimension, got none of d2}}
  mqa.finalize {indexing_maps = [#acc, #row, #row, #row]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%o : memref<3x5xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @finalize_c8(%a: memref<3x5x4xf32>, %m: memref<3x5xf32>, %s: memref<3x5xf32>, %o: memref<3x5x4xf16>, %l: memref<3xf32>) {
  // expected-error@below {{expected the maps of max and logsumexp to mention the same dimensions, got affine_map<(d0, d1, d2) -> (d0, d1)> and affine_map<(d0, d1, d2) -> (d0)>}}
  mqa.finalize {indexing_maps = [#acc, #row, #row, #acc, affine_map<(h, m, e) -> (h)>]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%o, %l : memref<3x5x4xf16>, memref<3xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @finalize_c9(%a: memref<3x5x4xf32>, %m: memref<3x5xf32>, %s: memref<3x5xf32>, %o: memref<3x5x4xf16>, %l: memref<3x6xf32>) {
  // expected-error@below {{expected one size of dimension d1, got 5 in acc and 6 in logsumexp}}
  mqa.finalize {indexing_maps = [#acc, #row, #row, #acc, #row]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%o, %l : memref<3x5x4xf16>, memref<3x6xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @finalize_c10(%a: memref<3x5x4xf32>, %m: memref<3x5xf32>, %s: memref<3x5xf32>, %o: memref<3x5x4xf16>, %l: memref<3x5xf64>) {
  // expected-error@below {{expected logsumexp to have elements of type 'f32', got 'f64'}}
  mqa.finalize {indexing_maps = [#acc, #row, #row, #acc, #row]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%o, %l : memref<3x5x4xf16>, memref<3x5xf64>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @finalize_c11(%a: memref<3x5x4xf32>, %m: memref<3x5xf32>, %s: memref<3x5xf32>, %o: memref<3x5x4xf64>, %l: memref<3x5xf32>) {
  // expected-error@below {{expected f64 in all float operands or in none, got 'f32' in acc and 'f64' in output}}
  mqa.finalize {indexing_maps = [#acc, #row, #row, #acc, #row]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%o, %l : memref<3x5x4xf64>, memref<3x5xf32>)
  return
}

// -----

#acc = affine_map<(h, m, e) -> (h, m, e)>
#row = affine_map<(h, m, e) -> (h, m)>
func.func @finalize_c12(%a: memref<3x5x4xf32>, %m: memref<3x5xf32>, %s: memref<3x5xf32>, %l: memref<3x5xf32>) {
  // expected-error@below {{expected output to be no other operand, got the memref of acc}}
  mqa.finalize {indexing_maps = [#acc, #row, #row, #acc, #row]}
    ins(%a, %m, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    outs(%a, %l : memref<3x5x4xf32>, memref<3x5xf32>)
  return
}
