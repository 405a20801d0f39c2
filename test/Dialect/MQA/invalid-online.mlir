// What is no mqa.online_attention: operands and attributes (docs/Spec.md).
// RUN: mqa-opt %s -split-input-file -verify-diagnostics

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c9(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %a: memref<3x5xi1>, %b: memref<7x4xi32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>) {
  // expected-error@below {{expected the map of input #1 to mention only batch, row and key dimensions, got the value dimension d4}}
  mqa.online_attention {indexing_maps = [#q, #k, #v, #r, #v, #o, #r, #r]}
    ins(%q, %k, %v, %a, %b : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>, memref<3x5xi1>, memref<7x4xi32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c10(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<5xf32>) {
  // expected-error@below {{expected the map of sum to mention all batch and row dimensions, got none of d0}}
  mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, affine_map<(h, m, n, d, e) -> (m)>]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<5xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c11(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x6xf32>, %s: memref<3x5xf32>) {
  // expected-error@below {{expected one size of dimension d1, got 5 in query and 6 in max}}
  mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x6xf32>, memref<3x5xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c12(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf64>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>) {
  // expected-error@below {{expected f64 in all float operands or in none, got 'f32' in query and 'f64' in value}}
  mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf64>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c12_state(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf64>, %s: memref<3x5xf32>) {
  // expected-error@below {{expected max to have elements of type 'f32', got 'f64'}}
  mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf64>, memref<3x5xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c13(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>) {
  // expected-error@below {{expected a finite scale, got 0x7FC00000 : f32}}
  mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r], scale = 0x7FC00000 : f32}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c14(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>) {
  // expected-error@below {{expected max to be no other operand, got the memref of sum}}
  mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %x : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
  return
}
