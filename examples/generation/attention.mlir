// Token-by-token generation over a growing cache of keys and values, driven by
// generate.c: `decode` attends from one new token to all tokens so far, `prefill`
// does a whole text in one causal pass. 8 query heads share one key/value head
// of depth 64. The program checks that both give the same outputs.
//
//   mqa-compile attention.mlir --target=cpu -o attention.o --emit-header=attention.h
//   cc generate.c attention.o -lpthread -o generate && ./generate
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RUN: mkdir -p %t
// RUN: mqa-compile %s --target=cpu -o %t/attention.o --emit-header=%t/attention.h
// RUN: %cc -std=c11 -Wall -Werror -I %t %examples/generation/generate.c \
// RUN:   %t/attention.o -lpthread -o %t/generate
// RUN: %t/generate | FileCheck %s

// CHECK: 200 tokens, one by one and in one pass: largest difference {{.*}}: equal

#decode_q = affine_map<(h, n, d, e) -> (h, d)>
#decode_k = affine_map<(h, n, d, e) -> (n, d)>
#decode_v = affine_map<(h, n, d, e) -> (n, e)>
#decode_o = affine_map<(h, n, d, e) -> (h, e)>

// One query per head over the `n` tokens that the cache holds.
func.func @decode(%q: tensor<8x64xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>,
                  %init: tensor<8x64xf32>) -> tensor<8x64xf32> {
  %o = mqa.attention {indexing_maps = [#decode_q, #decode_k, #decode_v, #decode_o],
                      scale = 0.125 : f32}
         ins(%q, %k, %v : tensor<8x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>)
         outs(%init : tensor<8x64xf32>) -> tensor<8x64xf32>
  return %o : tensor<8x64xf32>
}

#q = affine_map<(m, h, n, d, e) -> (m, h, d)>
#k = affine_map<(m, h, n, d, e) -> (n, d)>
#v = affine_map<(m, h, n, d, e) -> (n, e)>
#o = affine_map<(m, h, n, d, e) -> (m, h, e)>

// All tokens at once; token m sees the tokens up to itself.
func.func @prefill(%q: tensor<?x8x64xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>,
                   %init: tensor<?x8x64xf32>) -> tensor<?x8x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.125 : f32}
         ins(%q, %k, %v : tensor<?x8x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>)
         outs(%init : tensor<?x8x64xf32>)
         mask {
         ^bb0(%m: index, %h: index, %n: index):
           %keep = arith.cmpi ule, %n, %m : index
           mqa.yield %keep : i1
         } -> tensor<?x8x64xf32>
  return %o : tensor<?x8x64xf32>
}
