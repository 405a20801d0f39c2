// What is no mqa.yield (docs/Spec.md).
// RUN: mqa-opt %s -split-input-file -verify-diagnostics

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @yield_c1(%q: memref<5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<5x4xf32>) {
  mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %k, %v : memref<5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o : memref<5x4xf32>)
    score {
    ^bb0(%s: f32, %m: index, %n: index):
      %t = arith.extf %s : f32 to f64
      // expected-error@below {{expected 'f32' from the score region, got 'f64'}}
      mqa.yield %t : f64
    }
  return
}

// -----

func.func @yield_c2() {
  %t = arith.constant true
  // expected-error@below {{expects parent op to be one of 'mqa.attention, mqa.online_attention'}}
  mqa.yield %t : i1
}
