// Decoder self-attention of StarCoder, in its published shape: 48 query heads
// share one key/value head, depth 128, causal, a prompt of 2048 tokens.
//
//   mqa-run starcoder.mlir --random=1 --bench=json
//   mqa-run starcoder.mlir --arg=q.npy --arg=k.npy --arg=v.npy --out=o.npy
//   mqa-compile starcoder.mlir --target=cpu -o starcoder.o --emit-header=starcoder.h
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

func.func @attention(%q: tensor<48x2048x128xf32>, %k: tensor<2048x128xf32>,
                     %v: tensor<2048x128xf32>, %init: tensor<48x2048x128xf32>)
    -> tensor<48x2048x128xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.0883883461 : f32}
         ins(%q, %k, %v : tensor<48x2048x128xf32>, tensor<2048x128xf32>, tensor<2048x128xf32>)
         outs(%init : tensor<48x2048x128xf32>)
         mask {
         ^bb0(%h: index, %m: index, %n: index):
           %keep = arith.cmpi ule, %n, %m : index
           mqa.yield %keep : i1
         } -> tensor<48x2048x128xf32>
  return %o : tensor<48x2048x128xf32>
}
