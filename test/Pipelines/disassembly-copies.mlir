// Where all blocks of keys are full, nothing is copied in the loops over them:
// keys and values are read where they lie, accumulators stay where they are.
// (With 16 registers, where the rows of a task are several panels, the 256 bytes
// of their maxima are.)
// REQUIRES: x86_64
// DEFINE: %{cpu} =
// DEFINE: %{check} =
// DEFINE: %{run} = mqa-compile %s --cpu=%{cpu} --no-runtime -o %t.o \
// DEFINE:   && llvm-objdump -d --no-show-raw-insn %t.o > %t.s \
// DEFINE:   && %python %S/Inputs/inner_loops.py %t.s --no-copies %{check}
// REDEFINE: %{cpu} = x86-64-v4
// REDEFINE: %{check} = --tasks=3 --vector=zmm --accumulators=8 --loads=1.2 --products=2
// RUN: %{run}
// REDEFINE: %{cpu} = x86-64-v3
// REDEFINE: %{check} = --tasks=2 --function=heads_task --vector=ymm --accumulators=8 --loads=1.2 --products=2
// RUN: %{run}

#q = affine_map<(b, h, n, d, e) -> (b, h, d)>
#k = affine_map<(b, h, n, d, e) -> (b, n, d)>
#v = affine_map<(b, h, n, d, e) -> (b, n, e)>
#o = affine_map<(b, h, n, d, e) -> (b, h, e)>

func.func @four_heads(%q: tensor<2x4x128xf32>, %k: tensor<2x1024x128xf32>, %v: tensor<2x1024x128xf32>,
                      %init: tensor<2x4x128xf32>) -> tensor<2x4x128xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<2x4x128xf32>, tensor<2x1024x128xf32>, tensor<2x1024x128xf32>)
         outs(%init : tensor<2x4x128xf32>) -> tensor<2x4x128xf32>
  return %o : tensor<2x4x128xf32>
}

func.func @eight_heads(%q: tensor<2x8x128xf32>, %k: tensor<2x1024x128xf32>, %v: tensor<2x1024x128xf32>,
                       %init: tensor<2x8x128xf32>) -> tensor<2x8x128xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<2x8x128xf32>, tensor<2x1024x128xf32>, tensor<2x1024x128xf32>)
         outs(%init : tensor<2x8x128xf32>) -> tensor<2x8x128xf32>
  return %o : tensor<2x8x128xf32>
}

func.func @many_rows(%q: tensor<2x512x128xf32>, %k: tensor<2x1024x128xf32>, %v: tensor<2x1024x128xf32>,
                     %init: tensor<2x512x128xf32>) -> tensor<2x512x128xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<2x512x128xf32>, tensor<2x1024x128xf32>, tensor<2x1024x128xf32>)
         outs(%init : tensor<2x512x128xf32>) -> tensor<2x512x128xf32>
  return %o : tensor<2x512x128xf32>
}
