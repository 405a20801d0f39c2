// Exponentials, logarithms, tanh, 16-bit conversions and results that are
// allocated need no library beyond libc's memory functions.
// REQUIRES: x86_64
// RUN: mqa-compile %s --cpu=x86-64-v3 --no-runtime -o %t.v3.o
// RUN: llvm-nm -u %t.v3.o | not grep -vwE "mqa_parallel_for|memcpy|memset|malloc|free"
// RUN: llvm-nm -u %t.v3.o | FileCheck %s
// RUN: mqa-compile %s --cpu=x86-64-v4 --no-runtime -o %t.v4.o
// RUN: llvm-nm -u %t.v4.o | not grep -vwE "mqa_parallel_for|memcpy|memset|malloc|free"

// CHECK: U malloc
#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#b = affine_map<(h, m, n, d, e) -> (h, n)>
#s = affine_map<(h, m, n, d, e) -> (h)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#l = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @f(%q: tensor<3x?x20xbf16>, %k: tensor<?x20xbf16>, %v: tensor<?x10xf16>, %bias: tensor<3x?xf16>,
             %sink: tensor<3xf32>, %size: index) -> (tensor<3x?x10xbf16>, tensor<3x?xf32>) {
  %init = tensor.empty(%size) : tensor<3x?x10xbf16>
  %linit = tensor.empty(%size) : tensor<3x?xf32>
  %o:2 = mqa.attention {indexing_maps = [#q, #k, #v, #b, #s, #o, #l], scale = 0.125 : f32}
         ins(%q, %k, %v, %bias : tensor<3x?x20xbf16>, tensor<?x20xbf16>, tensor<?x10xf16>, tensor<3x?xf16>)
         sink(%sink : tensor<3xf32>)
         outs(%init, %linit : tensor<3x?x10xbf16>, tensor<3x?xf32>)
         score {
         ^bb0(%s: f32, %bias0: f16, %h: index, %m: index, %n: index):
           %wide = arith.extf %bias0 : f16 to f32
           %sum = arith.addf %s, %wide : f32
           %t = math.tanh %sum : f32
           mqa.yield %t : f32
         } -> tensor<3x?x10xbf16>, tensor<3x?xf32>
  return %o#0, %o#1 : tensor<3x?x10xbf16>, tensor<3x?xf32>
}
