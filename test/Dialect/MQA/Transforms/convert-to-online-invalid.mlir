// RUN: mqa-opt %s --mqa-convert-to-online -split-input-file -verify-diagnostics

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @memrefs(%q: memref<5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %init: memref<5x4xf32>) {
  // expected-error@below {{expected tensor operands, got memrefs}}
  mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %k, %v : memref<5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%init : memref<5x4xf32>)
  return
}
