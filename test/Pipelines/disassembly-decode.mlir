// Decoding, one new token: the product loops of 8 heads (two depth elements of
// each in the lanes) and of 32 heads, with f32 keys where they lie and bf16
// keys that are staged. Prefetches are in the product loops and nowhere in a
// burst.
// REQUIRES: x86_64
// RUN: mqa-opt %s --mqa-select-schedule="cpu=x86-64-v4 row-block=8 row-panel=8 key-block=64 key-tile=8 value-tile=16 lane-depth=2 split-keys=0" -o %t.8.mlir
// RUN: mqa-compile %t.8.mlir --cpu=x86-64-v4 --no-runtime -o %t.8.o
// RUN: llvm-objdump -d --no-show-raw-insn %t.8.o > %t.8.s
// RUN: %python %S/Inputs/inner_loops.py %t.8.s --tasks=2 --vector=zmm --accumulators=8 --loads=1.2 --prefetches=4 --strict
// RUN: mqa-opt %s --mqa-select-schedule="cpu=x86-64-v4 row-block=32 row-panel=32 key-block=64 key-tile=8 value-tile=8 split-keys=0" -o %t.32.mlir
// RUN: mqa-compile %t.32.mlir --cpu=x86-64-v4 --no-runtime -o %t.32.o
// RUN: llvm-objdump -d --no-show-raw-insn %t.32.o > %t.32.s
// RUN: %python %S/Inputs/inner_loops.py %t.32.s --tasks=2 --vector=zmm --accumulators=16 --loads=0.65 --prefetches=2 --strict
// RUN: mqa-opt %s --mqa-select-schedule="cpu=x86-64-v3 row-block=8 row-panel=8 key-block=64 key-tile=8 value-tile=8 split-keys=0" -o %t.y.mlir
// RUN: mqa-compile %t.y.mlir --cpu=x86-64-v3 --no-runtime -o %t.y.o
// RUN: llvm-objdump -d --no-show-raw-insn %t.y.o > %t.y.s
// RUN: %python %S/Inputs/inner_loops.py %t.y.s --tasks=2 --vector=ymm --accumulators=8 --loads=1.2 --prefetches=2 --strict

#q = affine_map<(b, h, n, d, e) -> (b, h, d)>
#k = affine_map<(b, h, n, d, e) -> (b, n, d)>
#v = affine_map<(b, h, n, d, e) -> (b, n, e)>
#o = affine_map<(b, h, n, d, e) -> (b, h, e)>

func.func @f32(%q: tensor<4x?x128xf32>, %k: tensor<4x?x128xf32>, %v: tensor<4x?x128xf32>,
               %init: tensor<4x?x128xf32>) -> tensor<4x?x128xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.0883883461 : f32}
         ins(%q, %k, %v : tensor<4x?x128xf32>, tensor<4x?x128xf32>, tensor<4x?x128xf32>)
         outs(%init : tensor<4x?x128xf32>) -> tensor<4x?x128xf32>
  return %o : tensor<4x?x128xf32>
}

func.func @bf16(%q: tensor<4x?x128xf32>, %k: tensor<4x?x128xbf16>, %v: tensor<4x?x128xbf16>,
                %init: tensor<4x?x128xf32>) -> tensor<4x?x128xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.0883883461 : f32}
         ins(%q, %k, %v : tensor<4x?x128xf32>, tensor<4x?x128xbf16>, tensor<4x?x128xbf16>)
         outs(%init : tensor<4x?x128xf32>) -> tensor<4x?x128xf32>
  return %o : tensor<4x?x128xf32>
}
