// What is no mqa.attention: operands and attributes (docs/Spec.md).
// RUN: mqa-opt %s -split-input-file -verify-diagnostics

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @attention_c9(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %a: memref<3x5xi1>, %b: memref<7x4xi32>, %o: memref<3x5x4xf32>) {
  // expected-error@below {{expected the map of input #1 to mention only batch, row and key dimensions, got the value dimension d4}}
  mqa.attention {indexing_maps = [#q, #k, #v, #r, #v, #o]}
    ins(%q, %k, %v, %a, %b : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>, memref<3x5xi1>, memref<7x4xi32>)
    outs(%o : memref<3x5x4xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
func.func @attention_c10(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %s: memref<7xf32>, %o: memref<3x5x4xf32>) {
  // expected-error@below {{expected the map of sink to mention only batch and row dimensions, got the key dimension d2}}
  mqa.attention {indexing_maps = [#q, #k, #v, affine_map<(h, m, n, d, e) -> (n)>, #o]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    sink(%s : memref<7xf32>)
    outs(%o : memref<3x5x4xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
func.func @attention_c11(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %l: memref<3xf32>) {
  // expected-error@below {{expected the map of logsumexp to mention all batch and row dimensions, got none of d1}}
  mqa.attention {indexing_maps = [#q, #k, #v, #o, affine_map<(h, m, n, d, e) -> (h)>]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %l : memref<3x5x4xf32>, memref<3xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
func.func @attention_c11_value(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %l: memref<3x5x4xf32>) {
  // expected-error@below {{expected the map of logsumexp to mention only batch and row dimensions, got the value dimension d4}}
  mqa.attention {indexing_maps = [#q, #k, #v, #o, #o]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %l : memref<3x5x4xf32>, memref<3x5x4xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
func.func @attention_c12(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<6x4xf32>, %o: memref<3x5x4xf32>) {
  // expected-error@below {{expected one size of dimension d2, got 7 in key and 6 in value}}
  mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<6x4xf32>)
    outs(%o : memref<3x5x4xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
func.func @attention_c13(%q: memref<3x5x8xf32>, %k: memref<7x8xf64>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>) {
  // expected-error@below {{expected f64 in all float operands or in none, got 'f32' in query and 'f64' in key}}
  mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf64>, memref<7x4xf32>)
    outs(%o : memref<3x5x4xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @attention_c13_sink(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %s: memref<3x5xf64>, %o: memref<3x5x4xf32>) {
  // expected-error@below {{got 'f32' in query and 'f64' in sink}}
  mqa.attention {indexing_maps = [#q, #k, #v, #r, #o]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    sink(%s : memref<3x5xf64>)
    outs(%o : memref<3x5x4xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @attention_c14(%q: memref<3x5x8xf64>, %k: memref<7x8xf64>, %v: memref<7x4xf64>, %o: memref<3x5x4xf64>, %l: memref<3x5xf32>) {
  // expected-error@below {{expected logsumexp to have elements of type 'f64', got 'f32'}}
  mqa.attention {indexing_maps = [#q, #k, #v, #o, #r]}
    ins(%q, %k, %v : memref<3x5x8xf64>, memref<7x8xf64>, memref<7x4xf64>)
    outs(%o, %l : memref<3x5x4xf64>, memref<3x5xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
func.func @attention_c15(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>) {
  // expected-error@below {{expected a finite scale, got 0x7FC00000 : f32}}
  mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0x7FC00000 : f32}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o : memref<3x5x4xf32>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
func.func @attention_c16(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x8xf32>) {
  // expected-error@below {{expected output to be no other operand, got the memref of query}}
  mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x8xf32>)
    outs(%q : memref<3x5x8xf32>)
  return
}
