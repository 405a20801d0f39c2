// The textbook example of multi-query attention: three tokens, two queries and
// one key and value per token, with the projections.
//
// The tokens are "Katten" (1, 0), "spinnar" (0, 1) and "." (1, 1). The weights
// make keys that are logarithms of small numbers, ln 2 and ln 3, so that the
// softmax can be done by hand. No scale, no mask.
//
//   token      query 0   query 1    key           value
//   Katten     (1, 0)    (0,  1)    (ln 2, 0)     (1, 0)
//   spinnar    (0, 1)    (1, -1)    (0, ln 3)     (0, 1)
//   .          (1, 1)    (1,  0)    (ln 2, ln 3)  (1, 1)
//
// exp(query . key) over the three keys, and what comes out, sum(w v) / sum(w):
//
//   token      query 0                        query 1
//   Katten     2 1 2 : (4/5, 3/5)             1 3 3     : (4/7, 6/7)
//   spinnar    1 3 3 : (4/7, 6/7)             2 1/3 2/3 : (8/9, 1/3)
//   .          2 3 6 : (8/11, 9/11)           2 1 2     : (4/5, 3/5)
//
//   mqa-run two-query.mlir --check
//   mqa-run two-query.mlir --out=o.npy && python3 -c \
//     "import numpy; print(numpy.load('o.npy'))"
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RUN: mqa-run %s --check
// RUN: mqa-run %s --out=%t.npy
// RUN: %python -c "import numpy; print(numpy.load('%t.npy').round(4))" \
// RUN:   | FileCheck %s
// RUN: mqa-run %s --reference --out=%t.npy
// RUN: %python -c "import numpy; print(numpy.load('%t.npy').round(4))" \
// RUN:   | FileCheck %s

// CHECK:      {{\[\[\[}}0.8 0.6 ]
// CHECK-NEXT: [0.5714 0.8571]
// CHECK:      [0.5714 0.8571]
// CHECK-NEXT: [0.8889 0.3333]
// CHECK:      [0.7273 0.8182]
// CHECK-NEXT: [0.8 0.6 ]

// m: token with a query, h: which of its queries, n: token with a key and value
#q = affine_map<(m, h, n, d, e) -> (m, h, d)>
#k = affine_map<(m, h, n, d, e) -> (n, d)>
#v = affine_map<(m, h, n, d, e) -> (n, e)>
#o = affine_map<(m, h, n, d, e) -> (m, h, e)>

func.func @two_query() -> tensor<3x2x2xf32> {
  %tokens = arith.constant dense<[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]> : tensor<3x2xf32>
  // The columns: query 0 (2 wide), query 1 (2 wide).
  %wq = arith.constant dense<[[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, -1.0]]> : tensor<2x4xf32>
  %wk = arith.constant dense<[[0.693147182, 0.0], [0.0, 1.09861231]]> : tensor<2x2xf32>
  %wv = arith.constant dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf32>

  %zero = arith.constant 0.0 : f32
  %q_empty = tensor.empty() : tensor<3x4xf32>
  %q_zero = linalg.fill ins(%zero : f32) outs(%q_empty : tensor<3x4xf32>) -> tensor<3x4xf32>
  %q_flat = linalg.matmul ins(%tokens, %wq : tensor<3x2xf32>, tensor<2x4xf32>)
                          outs(%q_zero : tensor<3x4xf32>) -> tensor<3x4xf32>
  %q = tensor.expand_shape %q_flat [[0], [1, 2]] output_shape [3, 2, 2]
         : tensor<3x4xf32> into tensor<3x2x2xf32>
  %kv_empty = tensor.empty() : tensor<3x2xf32>
  %kv_zero = linalg.fill ins(%zero : f32) outs(%kv_empty : tensor<3x2xf32>) -> tensor<3x2xf32>
  %k = linalg.matmul ins(%tokens, %wk : tensor<3x2xf32>, tensor<2x2xf32>)
                     outs(%kv_zero : tensor<3x2xf32>) -> tensor<3x2xf32>
  %v = linalg.matmul ins(%tokens, %wv : tensor<3x2xf32>, tensor<2x2xf32>)
                     outs(%kv_zero : tensor<3x2xf32>) -> tensor<3x2xf32>

  %init = tensor.empty() : tensor<3x2x2xf32>
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<3x2x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>)
         outs(%init : tensor<3x2x2xf32>) -> tensor<3x2x2xf32>
  return %o : tensor<3x2x2xf32>
}
