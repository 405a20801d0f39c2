// --bench=json prints one object; its flops are those of the pairs that the
// mask keeps: 2 (D + E) each.
// RUN: mqa-run %s --entry=full --random=1 --bench=json --repeats=3 --threads=1 | FileCheck %s --check-prefix=FULL
// FULL: {"entry":"full","cpu":"{{[^"]+}}","vectors":"{{[^"]+}}","threads":1,"warmup":1,"repeats":3,
// FULL-SAME: "median_s":{{[0-9.e-]+}},"min_s":{{[0-9.e-]+}},"live_pairs":60,"flops":2400,
// FULL-SAME: "gflops":{{[0-9.e-]+}},"median_gflops":{{[0-9.e-]+}},
// FULL-SAME: "peak_gflops":{{[0-9.e+-]+}},"fraction_of_peak":{{[0-9.e-]+}}}

// Causal: 2 heads, 1 + 2 + 3 + 4 + 5 + 5 pairs.
// RUN: mqa-run %s --entry=causal --random=1 --bench=json --repeats=1 --warmup=0 | FileCheck %s --check-prefix=CAUSAL
// CAUSAL: "live_pairs":40,"flops":1600,

// A captured length, and a second attention that a loop runs three times.
// RUN: mqa-run %s --entry=lengths --arg=- --arg=- --arg=- --arg=3 --random=1 --bench=json --repeats=1 | FileCheck %s --check-prefix=LENGTHS
// LENGTHS: "live_pairs":144,"flops":5760,

// An extra input, whose dimensions alone are visited.
// RUN: %python %S/Inputs/save.py %t.npy "np.array([True, False, True, True, False])"
// RUN: mqa-run %s --entry=extra --arg=- --arg=- --arg=- --arg=%t.npy --random=1 --bench=json --repeats=1 | FileCheck %s --check-prefix=EXTRA
// EXTRA: "live_pairs":36,"flops":1440,

// No attention: no flops. With --check the unfused time comes along.
// RUN: mqa-run %S/Inputs/functions.mlir --entry=overflow --arg=2.0 --bench=json --check | FileCheck %s --check-prefix=NONE
// NONE: PASS
// NONE-NEXT: "flops":0,"gflops":0,{{.*}}"fraction_of_peak":null,"check":"pass","errors":[0],"unfused_errors":[0],"naive_s":{{[0-9.e-]+}},"naive_gflops":0}

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#x = affine_map<(h, m, n, d, e) -> (n)>

func.func @full(%q: tensor<2x6x8xf32>, %k: tensor<5x8xf32>, %v: tensor<5x12xf32>,
                %init: tensor<2x6x12xf32>) -> tensor<2x6x12xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
      ins(%q, %k, %v : tensor<2x6x8xf32>, tensor<5x8xf32>, tensor<5x12xf32>)
      outs(%init : tensor<2x6x12xf32>) -> tensor<2x6x12xf32>
  return %o : tensor<2x6x12xf32>
}

func.func @causal(%q: tensor<2x6x8xf32>, %k: tensor<5x8xf32>, %v: tensor<5x12xf32>,
                  %init: tensor<2x6x12xf32>) -> tensor<2x6x12xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
      ins(%q, %k, %v : tensor<2x6x8xf32>, tensor<5x8xf32>, tensor<5x12xf32>)
      outs(%init : tensor<2x6x12xf32>)
      mask {
      ^bb0(%h: index, %m: index, %n: index):
        %keep = arith.cmpi ule, %n, %m : index
        mqa.yield %keep : i1
      } -> tensor<2x6x12xf32>
  return %o : tensor<2x6x12xf32>
}

func.func @lengths(%q: tensor<2x6x8xf32>, %k: tensor<5x8xf32>, %v: tensor<5x12xf32>,
                   %length: index, %init: tensor<2x6x12xf32>) -> tensor<2x6x12xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
      ins(%q, %k, %v : tensor<2x6x8xf32>, tensor<5x8xf32>, tensor<5x12xf32>)
      outs(%init : tensor<2x6x12xf32>)
      mask {
      ^bb0(%h: index, %m: index, %n: index):
        %keep = arith.cmpi ult, %n, %length : index
        mqa.yield %keep : i1
      } -> tensor<2x6x12xf32>
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%acc = %o) -> tensor<2x6x12xf32> {
    %next = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
        ins(%q, %k, %v : tensor<2x6x8xf32>, tensor<5x8xf32>, tensor<5x12xf32>)
        outs(%acc : tensor<2x6x12xf32>)
        mask {
        ^bb0(%h: index, %m: index, %n: index):
          %keep = arith.cmpi ult, %n, %length : index
          mqa.yield %keep : i1
        } -> tensor<2x6x12xf32>
    scf.yield %next : tensor<2x6x12xf32>
  }
  return %r : tensor<2x6x12xf32>
}

func.func @extra(%q: tensor<2x6x8xf32>, %k: tensor<5x8xf32>, %v: tensor<5x12xf32>,
                 %live: tensor<5xi1>, %init: tensor<2x6x12xf32>) -> tensor<2x6x12xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #x, #o]}
      ins(%q, %k, %v, %live : tensor<2x6x8xf32>, tensor<5x8xf32>, tensor<5x12xf32>, tensor<5xi1>)
      outs(%init : tensor<2x6x12xf32>)
      mask {
      ^bb0(%l: i1, %h: index, %m: index, %n: index):
        mqa.yield %l : i1
      } -> tensor<2x6x12xf32>
  return %o : tensor<2x6x12xf32>
}
