// Decoder self-attention of Falcon 7B, in its published shape: 71 query heads
// share one key/value head, depth 64, causal, a prompt of 2048 tokens. 71 is
// prime: no block of heads divides it.
//
//   mqa-run falcon.mlir --random=1 --bench=json
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The test takes 90 tokens, so that the slow reference ends soon.
// RUN: mqa-opt %s | FileCheck %s
// RUN: sed 's/2048/90/g' %s > %t.mlir
// RUN: mqa-run %t.mlir --random=1 --check

// CHECK: mqa.attention

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>

func.func @attention(%q: tensor<71x2048x64xf32>, %k: tensor<2048x64xf32>,
                     %v: tensor<2048x64xf32>, %init: tensor<71x2048x64xf32>)
    -> tensor<71x2048x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.125 : f32}
         ins(%q, %k, %v : tensor<71x2048x64xf32>, tensor<2048x64xf32>, tensor<2048x64xf32>)
         outs(%init : tensor<71x2048x64xf32>)
         mask {
         ^bb0(%h: index, %m: index, %n: index):
           %keep = arith.cmpi ule, %n, %m : index
           mqa.yield %keep : i1
         } -> tensor<71x2048x64xf32>
  return %o : tensor<71x2048x64xf32>
}
