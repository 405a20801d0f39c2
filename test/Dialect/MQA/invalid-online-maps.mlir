// What is no mqa.online_attention: forms and maps (docs/Spec.md).
// RUN: mqa-opt %s -split-input-file -verify-diagnostics

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c1(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: tensor<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>) {
  // expected-error@below {{expected all operands to be tensors or all to be memrefs, got 'memref<3x5x8xf32>' for query and 'tensor<7x4xf32>' for value}}
  mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, tensor<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c1_encoding(%q: tensor<3x5x8xf32>, %k: tensor<7x8xf32, "x">, %v: tensor<7x4xf32>, %o: tensor<3x5x4xf32>, %x: tensor<3x5xf32>, %s: tensor<3x5xf32>) {
  // expected-error@below {{expected tensors without an encoding, got 'tensor<7x8xf32, "x">' for key}}
  %res:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r]}
    ins(%q, %k, %v : tensor<3x5x8xf32>, tensor<7x8xf32, "x">, tensor<7x4xf32>)
    outs(%o, %x, %s : tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>) -> tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c2(%q: tensor<3x5x8xf32>, %k: tensor<7x8xf32>, %v: tensor<7x4xf32>, %o: tensor<3x5x4xf32>, %x: tensor<3x5xf32>, %s: tensor<3x5xf32>) {
  // expected-error@below {{expected the number of tensor results (1) to be equal to the number of output tensors (3)}}
  %res = mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r]}
    ins(%q, %k, %v : tensor<3x5x8xf32>, tensor<7x8xf32>, tensor<7x4xf32>)
    outs(%o, %x, %s : tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>) -> tensor<3x5x4xf32>
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c3(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>) {
  // expected-error@below {{expected 6 indexing maps, one per operand, got 5}}
  mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c4(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>) {
  // expected-error@below {{expected the map of key to have 5 dimensions, as that of the first operand, and no symbols, got affine_map<(d0, d1, d2, d3, d4, d5) -> (d2, d3)>}}
  mqa.online_attention {indexing_maps = [#q, affine_map<(h, m, n, d, e, f) -> (n, d)>, #v, #o, #r, #r]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c4_symbol(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>) {
  // expected-error@below {{expected the map of value to have 5 dimensions, as that of the first operand, and no symbols, got affine_map<(d0, d1, d2, d3, d4)[s0] -> (d2, s0)>}}
  mqa.online_attention {indexing_maps = [#q, #k, affine_map<(h, m, n, d, e)[s] -> (n, s)>, #o, #r, #r]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c5(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>) {
  // expected-error@below {{expected the map of key to be a projected permutation, got affine_map<(d0, d1, d2, d3, d4) -> (d2, d2)>}}
  mqa.online_attention {indexing_maps = [#q, affine_map<(h, m, n, d, e) -> (n, n)>, #v, #o, #r, #r]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c5_sum(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>) {
  // expected-error@below {{expected the map of key to be a projected permutation, got affine_map<(d0, d1, d2, d3, d4) -> (d0 + d2, d3)>}}
  mqa.online_attention {indexing_maps = [#q, affine_map<(h, m, n, d, e) -> (n + h, d)>, #v, #o, #r, #r]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c6(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>) {
  // expected-error@below {{expected the map of query to have 3 results, the rank of the operand, got affine_map<(d0, d1, d2, d3, d4) -> (d0, d3)>}}
  mqa.online_attention {indexing_maps = [affine_map<(h, m, n, d, e) -> (h, d)>, #k, #v, #o, #r, #r]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c7(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>) {
  // expected-error@below {{expected dimension d3 in all of query, key, value and output (batch), in query and output (row), in key and value (key), in query and key (depth) or in value and output (value), got it in query and key and output}}
  mqa.online_attention {indexing_maps = [#q, #k, #v, affine_map<(h, m, n, d, e) -> (h, m, d)>, #r, #r]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

func.func @online_c7_unused(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>) {
  // expected-error@below {{got it in none}}
  mqa.online_attention {indexing_maps = [affine_map<(h, m, n, d, e, z) -> (h, m, d)>, affine_map<(h, m, n, d, e, z) -> (n, d)>, affine_map<(h, m, n, d, e, z) -> (n, e)>, affine_map<(h, m, n, d, e, z) -> (h, m, e)>, affine_map<(h, m, n, d, e, z) -> (h, m)>, affine_map<(h, m, n, d, e, z) -> (h, m)>]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

func.func @online_c8(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7xf32>, %o: memref<3x5xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>) {
  // expected-error@below {{expected at least one value dimension, got none}}
  mqa.online_attention {indexing_maps = [affine_map<(h, m, n, d) -> (h, m, d)>, affine_map<(h, m, n, d) -> (n, d)>, affine_map<(h, m, n, d) -> (n)>, affine_map<(h, m, n, d) -> (h, m)>, affine_map<(h, m, n, d) -> (h, m)>, affine_map<(h, m, n, d) -> (h, m)>]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7xf32>)
    outs(%o, %x, %s : memref<3x5xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}
