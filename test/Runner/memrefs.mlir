// Attention on memrefs, with strides, a dynamic size and an extra input: what
// it writes is its result.
// RUN: mqa-run %s --random=3 --dims=n=9 --check --bench=json --repeats=1 --out=%t.npy | FileCheck %s
// RUN: %python %S/Inputs/show.py %t.npy "bool(abs(x).max() > 0.1)" | FileCheck %s --check-prefix=VALUE
// CHECK: check: result 0 (3x5x8xf16): error {{.*}}: PASS
// CHECK-NEXT: "live_pairs":135,"flops":4320,
// VALUE: <f2 (3, 5, 8) True

#q = affine_map<(h, m, n, d, e) -> (m, h, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#x = affine_map<(h, m, n, d, e) -> (h)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
func.func @attention(%q: memref<5x3x8xf16, strided<[32, 8, 1], offset: 4>>,
                     %k: memref<?x8xf16>, %v: memref<?x8xf16>,
                     %slope: memref<3xf32>, %o: memref<3x5x8xf16>) {
  mqa.attention {indexing_maps = [#q, #k, #v, #x, #o]}
      ins(%q, %k, %v, %slope : memref<5x3x8xf16, strided<[32, 8, 1], offset: 4>>,
          memref<?x8xf16>, memref<?x8xf16>, memref<3xf32>)
      outs(%o : memref<3x5x8xf16>)
      score {
      ^bb0(%s: f32, %x: f32, %h: index, %m: index, %n: index):
        %t = arith.addf %s, %x : f32
        mqa.yield %t : f32
      }
  return
}
