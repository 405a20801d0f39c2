// Cross-attention of an encoder-decoder, as a translator uses it: a few target
// tokens look at all tokens of the source sentence. Both lengths are dynamic;
// 8 query heads of depth 64 share one key/value head.
//
//   mqa-run translation.mlir --random=1 --dims=m=3,n=17 --check
//   mqa-run translation.mlir --arg=q.npy --arg=k.npy --arg=v.npy --out=o.npy
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RUN: mqa-run %s --random=1 --dims=m=3,n=17 --check
// RUN: mqa-run %s --random=2 --dims=m=1,n=200 --check
// RUN: mqa-run %s --random=3 --dims=m=40,n=1 --check

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>

func.func @attention(%targets: tensor<8x?x64xf32>, %keys: tensor<?x64xf32>,
                     %values: tensor<?x64xf32>, %init: tensor<8x?x64xf32>)
    -> tensor<8x?x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.125 : f32}
         ins(%targets, %keys, %values : tensor<8x?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>)
         outs(%init : tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}
