// Multi-head attention of an encoder, as a model for sentiment analysis uses it:
// 12 heads of depth 64, each with its own keys and values, bidirectional. Four
// sentences are padded to 128 tokens; `lengths` says how many are real.
// The layout is that of the projections: batch, token, head, depth.
//
//   mqa-run multi-head.mlir --arg=q.npy --arg=k.npy --arg=v.npy \
//     --arg=lengths.npy --out=o.npy
//   mqa-run multi-head.mlir --random=1 --check
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A sentence without a token gives 0.
// RUN: %python -c "import numpy; \
// RUN:   numpy.save('%t.npy', numpy.array([128, 3, 0, 77], 'int32'))"
// RUN: mqa-run %s --arg=- --arg=- --arg=- --arg=%t.npy --random=1 --check \
// RUN:   --out=%t.o.npy
// RUN: %python -c "import numpy; o = numpy.load('%t.o.npy'); \
// RUN:   print(o.shape, abs(o[2]).max(), abs(o[1]).max() > 0.1)" | FileCheck %s

// CHECK: (4, 128, 12, 64) 0.0 True

#q = affine_map<(b, h, m, n, d, e) -> (b, m, h, d)>
#k = affine_map<(b, h, m, n, d, e) -> (b, n, h, d)>
#v = affine_map<(b, h, m, n, d, e) -> (b, n, h, e)>
#length = affine_map<(b, h, m, n, d, e) -> (b)>
#o = affine_map<(b, h, m, n, d, e) -> (b, m, h, e)>

func.func @attention(%q: tensor<4x128x12x64xf32>, %k: tensor<4x128x12x64xf32>,
                     %v: tensor<4x128x12x64xf32>, %lengths: tensor<4xi32>,
                     %init: tensor<4x128x12x64xf32>) -> tensor<4x128x12x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #length, #o], scale = 0.125 : f32}
         ins(%q, %k, %v, %lengths : tensor<4x128x12x64xf32>, tensor<4x128x12x64xf32>,
             tensor<4x128x12x64xf32>, tensor<4xi32>)
         outs(%init : tensor<4x128x12x64xf32>)
         mask {
         ^bb0(%length: i32, %b: index, %h: index, %m: index, %n: index):
           %end = arith.index_cast %length : i32 to index
           %keep = arith.cmpi slt, %n, %end : index
           mqa.yield %keep : i1
         } -> tensor<4x128x12x64xf32>
  return %o : tensor<4x128x12x64xf32>
}
