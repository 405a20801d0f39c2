// Multi-query attention for the C program beside it: 4 query heads, one key
// and value head, key depth 16, value depth 24, any number of queries and keys.
//
//   mqa-compile attention.mlir -o attention.o --emit-header=attention.h
//   cc host.c attention.o -o host -lm -lpthread && ./host
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// h: query head, m: query, n: key, d: depth, e: value column
#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>

func.func @attention(%q: tensor<4x?x16xf32>, %k: tensor<?x16xf32>,
                     %v: tensor<?x24xf32>, %out: tensor<4x?x24xf32>)
    -> tensor<4x?x24xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.25 : f32}
         ins(%q, %k, %v : tensor<4x?x16xf32>, tensor<?x16xf32>, tensor<?x24xf32>)
         outs(%out : tensor<4x?x24xf32>) -> tensor<4x?x24xf32>
  return %o : tensor<4x?x24xf32>
}
