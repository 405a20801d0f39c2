// What an object needs from outside: the parallel loop and libc's memory
// functions, nothing else. It defines its entries. Its code is below 16 KiB.
// REQUIRES: x86_64
// RUN: mqa-compile %s --cpu=x86-64-v3 --no-runtime -o %t.v3.o
// RUN: mqa-compile %s --cpu=x86-64-v4 --no-runtime -o %t.v4.o
// RUN: llvm-nm -u %t.v3.o | not grep -vwE "mqa_parallel_for|memcpy|memset|malloc|free"
// RUN: llvm-nm -u %t.v4.o | not grep -vwE "mqa_parallel_for|memcpy|memset|malloc|free"
// RUN: llvm-nm --extern-only %t.v3.o | FileCheck %s
// RUN: llvm-nm --extern-only %t.v4.o | FileCheck %s
// RUN: llvm-objdump --section-headers %t.v3.o | FileCheck %s --check-prefix=SIZE
// RUN: llvm-objdump --section-headers %t.v4.o | FileCheck %s --check-prefix=SIZE

// CHECK-NOT: {{ [TWDB] }}
// CHECK: T _mlir_ciface_plain
// CHECK-NOT: {{ [TWDB] }}
// CHECK: U mqa_parallel_for
// CHECK-NOT: {{ [TWDB] }}

// SIZE: .text {{ *}}0000{{[0-3][0-9a-f][0-9a-f][0-9a-f]}} {{.*}} TEXT

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
func.func @plain(%q: tensor<8x1024x128xf32>, %k: tensor<1024x128xf32>, %v: tensor<1024x128xf32>,
                 %init: tensor<8x1024x128xf32>) -> tensor<8x1024x128xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.0883883461 : f32}
         ins(%q, %k, %v : tensor<8x1024x128xf32>, tensor<1024x128xf32>, tensor<1024x128xf32>)
         outs(%init : tensor<8x1024x128xf32>) -> tensor<8x1024x128xf32>
  return %o : tensor<8x1024x128xf32>
}
