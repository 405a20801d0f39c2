// The reducer drops what the property does not need: here only a function with
// an attention op is interesting.
// RUN: printf '#!/bin/sh\n! grep -q mqa.attention "$1"\n' > %t.sh
// RUN: chmod +x %t.sh
// RUN: mqa-reduce %s -reduction-tree='traversal-mode=0 test=%t.sh' | FileCheck %s

// CHECK-NOT: @dropped
// CHECK: mqa.attention
func.func @dropped(%x: f32) -> f32 {
  %0 = arith.addf %x, %x : f32
  return %0 : f32
}

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>

func.func @kept(%q: tensor<5x4xf32>, %k: tensor<7x4xf32>, %v: tensor<7x8xf32>,
                %init: tensor<5x8xf32>) -> tensor<5x8xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %k, %v : tensor<5x4xf32>, tensor<7x4xf32>, tensor<7x8xf32>)
    outs(%init : tensor<5x8xf32>) -> tensor<5x8xf32>
  return %o : tensor<5x8xf32>
}
