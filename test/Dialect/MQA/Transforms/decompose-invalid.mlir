// RUN: mqa-opt %s --mqa-decompose -split-input-file -verify-diagnostics

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
#r = affine_map<(m, n, d, e) -> (m)>
func.func @online_on_memrefs(%q: memref<5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>,
                             %a: memref<5x4xf32>, %m: memref<5xf32>, %s: memref<5xf32>) {
  // expected-error@below {{expected tensor operands to decompose, got memrefs}}
  mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r]}
    ins(%q, %k, %v : memref<5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%a, %m, %s : memref<5x4xf32>, memref<5xf32>, memref<5xf32>)
  return
}

// -----

#fa = affine_map<(m, e) -> (m, e)>
#fr = affine_map<(m, e) -> (m)>
func.func @finalize_on_memrefs(%a: memref<5x4xf32>, %m: memref<5xf32>, %s: memref<5xf32>, %o: memref<5x4xf32>) {
  // expected-error@below {{expected tensor operands to decompose, got memrefs}}
  mqa.finalize {indexing_maps = [#fa, #fr, #fr, #fa]}
    ins(%a, %m, %s : memref<5x4xf32>, memref<5xf32>, memref<5xf32>) outs(%o : memref<5x4xf32>)
  return
}

// -----

#fa = affine_map<(m, e) -> (m, e)>
#fr = affine_map<(m, e) -> (m)>
func.func @merge_on_memrefs(%a: memref<5x4xf32>, %m: memref<5xf32>, %s: memref<5xf32>,
                            %a1: memref<5x4xf32>, %m1: memref<5xf32>, %s1: memref<5xf32>) {
  // expected-error@below {{expected tensor operands to decompose, got memrefs}}
  mqa.merge {indexing_maps = [#fa, #fr, #fr, #fa, #fr, #fr]}
    ins(%a, %m, %s : memref<5x4xf32>, memref<5xf32>, memref<5xf32>)
    outs(%a1, %m1, %s1 : memref<5x4xf32>, memref<5xf32>, memref<5xf32>)
  return
}
