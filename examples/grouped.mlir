// Grouped-query attention: 32 query heads in 8 groups of 4; a group shares one
// key/value head. Depth 128, causal, a prompt of 1024 tokens.
//
// The key/value head c is one more batch dimension, the query head within the
// group g is one more row dimension. Query head 4 c + g is (c, g): a reshape.
//
//   mqa-run grouped.mlir --random=1 --bench=json
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The test takes 90 tokens, so that the slow reference ends soon.
// RUN: mqa-opt %s | FileCheck %s
// RUN: sed 's/1024/90/g' %s > %t.mlir
// RUN: mqa-run %t.mlir --random=1 --check

// CHECK: mqa.attention

#q = affine_map<(c, g, m, n, d, e) -> (c, g, m, d)>
#k = affine_map<(c, g, m, n, d, e) -> (c, n, d)>
#v = affine_map<(c, g, m, n, d, e) -> (c, n, e)>
#o = affine_map<(c, g, m, n, d, e) -> (c, g, m, e)>

func.func @attention(%q: tensor<8x4x1024x128xf32>, %k: tensor<8x1024x128xf32>,
                     %v: tensor<8x1024x128xf32>, %init: tensor<8x4x1024x128xf32>)
    -> tensor<8x4x1024x128xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.0883883461 : f32}
         ins(%q, %k, %v : tensor<8x4x1024x128xf32>, tensor<8x1024x128xf32>, tensor<8x1024x128xf32>)
         outs(%init : tensor<8x4x1024x128xf32>)
         mask {
         ^bb0(%c: index, %g: index, %m: index, %n: index):
           %keep = arith.cmpi ule, %n, %m : index
           mqa.yield %keep : i1
         } -> tensor<8x4x1024x128xf32>
  return %o : tensor<8x4x1024x128xf32>
}
