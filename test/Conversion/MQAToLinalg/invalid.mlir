// RUN: mqa-opt %s --convert-mqa-to-linalg --split-input-file --verify-diagnostics

// An attribute that the op does not have and that no dialect owns says something
// that this lowering would lose.

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @unknown_attribute(%q: tensor<5x8xf32>, %k: tensor<11x8xf32>, %v: tensor<11x7xf32>, %o: tensor<5x7xf32>) -> tensor<5x7xf32> {
  // expected-error@below {{expected only attributes of the op or of a dialect, got 'causal'}}
  %r = mqa.attention {indexing_maps = [#q, #k, #v, #o], causal}
    ins(%q, %k, %v : tensor<5x8xf32>, tensor<11x8xf32>, tensor<11x7xf32>)
    outs(%o : tensor<5x7xf32>) -> tensor<5x7xf32>
  return %r : tensor<5x7xf32>
}

// -----

#a = affine_map<(m, e) -> (m, e)>
#r = affine_map<(m, e) -> (m)>
func.func @on_memrefs(%a: memref<5x7xf32>, %m: memref<5xf32>, %s: memref<5xf32>, %o: memref<5x7xf32>) {
  // expected-error@below {{expected only attributes of the op or of a dialect, got 'fast'}}
  mqa.finalize {indexing_maps = [#a, #r, #r, #a], fast = 1 : i32}
    ins(%a, %m, %s : memref<5x7xf32>, memref<5xf32>, memref<5xf32>) outs(%o : memref<5x7xf32>)
  return
}
