// One request that decodes, or a few rows: what it may see of the cache are the
// keys [first, length); the rest of the memory may not even be there.
#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>

func.func @decode(%q: tensor<8x1x64xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>,
                  %first: index, %length: index, %init: tensor<8x1x64xf32>) -> tensor<8x1x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.125 : f32}
         ins(%q, %k, %v : tensor<8x1x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>)
         outs(%init : tensor<8x1x64xf32>)
         mask {
         ^bb0(%h: index, %m: index, %n: index):
           %after = arith.cmpi sge, %n, %first : index
           %before = arith.cmpi slt, %n, %length : index
           %keep = arith.andi %after, %before : i1
           mqa.yield %keep : i1
         } -> tensor<8x1x64xf32>
  return %o : tensor<8x1x64xf32>
}

func.func @prefill(%q: tensor<8x40x64xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>,
                   %first: index, %length: index, %init: tensor<8x40x64xf32>) -> tensor<8x40x64xf32> {
  // The last query is at length - 1; a query sees nothing before first.
  %c40 = arith.constant 40 : index
  %offset = arith.subi %length, %c40 : index
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.125 : f32}
         ins(%q, %k, %v : tensor<8x40x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>)
         outs(%init : tensor<8x40x64xf32>)
         mask {
         ^bb0(%h: index, %m: index, %n: index):
           %position = arith.addi %m, %offset : index
           %causal = arith.cmpi sle, %n, %position : index
           %after = arith.cmpi sge, %n, %first : index
           %keep = arith.andi %causal, %after : i1
           mqa.yield %keep : i1
         } -> tensor<8x40x64xf32>
  return %o : tensor<8x40x64xf32>
}
