// Dynamic lengths, 16-bit data and few rows: the products are still spill free,
// in the loop over whole blocks and in the tail.
// REQUIRES: x86_64
// RUN: mqa-compile %s --cpu=x86-64-v3 --no-runtime -o %t.v3.o
// RUN: llvm-objdump -d --no-show-raw-insn %t.v3.o > %t.v3.s
// RUN: %python %S/Inputs/inner_loops.py %t.v3.s --tasks=2 \
// RUN:   --vector=ymm --accumulators=8 --loads=0.75 --products=4
// RUN: mqa-compile %s --cpu=x86-64-v4 --no-runtime -o %t.v4.o
// RUN: llvm-objdump -d --no-show-raw-insn %t.v4.o > %t.v4.s
// RUN: %python %S/Inputs/inner_loops.py %t.v4.s --tasks=2 \
// RUN:   --vector=zmm --accumulators=16 --loads=0.5 --strict --products=4

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>

func.func @dynamic(%q: tensor<?x?x64xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>,
                   %init: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.125 : f32}
         ins(%q, %k, %v : tensor<?x?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>)
         outs(%init : tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %o : tensor<?x?x64xf32>
}

func.func @half(%q: tensor<8x?x128xbf16>, %k: tensor<?x128xbf16>, %v: tensor<?x128xbf16>,
                %init: tensor<8x?x128xbf16>) -> tensor<8x?x128xbf16> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.0883883461 : f32}
         ins(%q, %k, %v : tensor<8x?x128xbf16>, tensor<?x128xbf16>, tensor<?x128xbf16>)
         outs(%init : tensor<8x?x128xbf16>) -> tensor<8x?x128xbf16>
  return %o : tensor<8x?x128xbf16>
}
