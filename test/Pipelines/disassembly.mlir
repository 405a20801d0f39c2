// The innermost loops of the two products, in machine code: FMAs on the widest
// vectors into enough accumulators to cover their latency, few loads, no spill,
// no store, no call. On AVX-512 the exponentials do not spill either.
// REQUIRES: x86_64
// RUN: mqa-compile %s --cpu=x86-64-v3 --no-runtime -o %t.v3.o
// RUN: llvm-objdump -d --no-show-raw-insn %t.v3.o > %t.v3.s
// RUN: %python %S/Inputs/inner_loops.py %t.v3.s --tasks=3 \
// RUN:   --vector=ymm --accumulators=8 --loads=0.75 --strict
// RUN: mqa-compile %s --cpu=x86-64-v4 --no-runtime -o %t.v4.o
// RUN: llvm-objdump -d --no-show-raw-insn %t.v4.o > %t.v4.s
// RUN: %python %S/Inputs/inner_loops.py %t.v4.s --tasks=3 \
// RUN:   --vector=zmm --accumulators=16 --loads=0.5 --strict

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>

func.func @depth64(%q: tensor<8x1024x64xf32>, %k: tensor<1024x64xf32>, %v: tensor<1024x64xf32>,
                   %init: tensor<8x1024x64xf32>) -> tensor<8x1024x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.125 : f32}
         ins(%q, %k, %v : tensor<8x1024x64xf32>, tensor<1024x64xf32>, tensor<1024x64xf32>)
         outs(%init : tensor<8x1024x64xf32>) -> tensor<8x1024x64xf32>
  return %o : tensor<8x1024x64xf32>
}

func.func @depth128(%q: tensor<32x2048x128xf32>, %k: tensor<2048x128xf32>, %v: tensor<2048x128xf32>,
                    %init: tensor<32x2048x128xf32>) -> tensor<32x2048x128xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.0883883461 : f32}
         ins(%q, %k, %v : tensor<32x2048x128xf32>, tensor<2048x128xf32>, tensor<2048x128xf32>)
         outs(%init : tensor<32x2048x128xf32>) -> tensor<32x2048x128xf32>
  return %o : tensor<32x2048x128xf32>
}

func.func @causal(%q: tensor<8x512x64xf32>, %k: tensor<512x64xf32>, %v: tensor<512x128xf32>,
                  %init: tensor<8x512x128xf32>) -> tensor<8x512x128xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.125 : f32}
         ins(%q, %k, %v : tensor<8x512x64xf32>, tensor<512x64xf32>, tensor<512x128xf32>)
         outs(%init : tensor<8x512x128xf32>)
         mask {
         ^bb0(%h: index, %m: index, %n: index):
           %keep = arith.cmpi ule, %n, %m : index
           mqa.yield %keep : i1
         } -> tensor<8x512x128xf32>
  return %o : tensor<8x512x128xf32>
}
