// Keys and values that are not f32 are converted block by block, in vectors:
// one load that widens and one operation per vector of bf16, one instruction
// per vector of f16, three for int8 with a scale. No copy of the whole cache is
// allocated, and nothing is called.
// REQUIRES: x86_64
// RUN: mqa-compile %s --cpu=x86-64-v3 --no-runtime -o %t.v3.o
// RUN: llvm-objdump -d --no-show-raw-insn %t.v3.o | FileCheck %s --check-prefixes=CHECK,V3
// RUN: llvm-nm -u %t.v3.o | FileCheck %s --check-prefix=UNDEFINED --implicit-check-not="{{ U }}"
// RUN: mqa-compile %s --cpu=x86-64-v4 --no-runtime -o %t.v4.o
// RUN: llvm-objdump -d --no-show-raw-insn %t.v4.o | FileCheck %s --check-prefixes=CHECK,V4
// RUN: llvm-nm -u %t.v4.o | FileCheck %s --check-prefix=UNDEFINED --implicit-check-not="{{ U }}"

// UNDEFINED: U mqa_parallel_for

#q = affine_map<(b, h, n, d, e) -> (b, h, d)>
#k = affine_map<(b, h, n, d, e) -> (b, n, d)>
#v = affine_map<(b, h, n, d, e) -> (b, n, e)>
#o = affine_map<(b, h, n, d, e) -> (b, h, e)>
#id = affine_map<(b, n, d) -> (b, n, d)>
#row = affine_map<(b, n, d) -> (b, n)>

// CHECK-LABEL: <bfloat_task>:
// V3: vpmovzxwd {{.*}}, %ymm[[#A:]]
// V3: vpslld $0x10, %ymm[[#A]], %ymm
// V4: vpmovzxwd {{.*}}, %zmm[[#A:]]
// V4: vpslld $0x10, %zmm[[#A]], %zmm
func.func @bfloat(%q: tensor<2x8x128xf32>, %k: tensor<2x512x128xbf16>, %v: tensor<2x512x128xbf16>, %init: tensor<2x8x128xf32>) -> tensor<2x8x128xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.125 : f32}
         ins(%q, %k, %v : tensor<2x8x128xf32>, tensor<2x512x128xbf16>, tensor<2x512x128xbf16>)
         outs(%init : tensor<2x8x128xf32>) -> tensor<2x8x128xf32>
  return %o : tensor<2x8x128xf32>
}

// CHECK-LABEL: <half_task>:
// V3: vcvtph2ps {{.*}}(%{{.*}}), %ymm
// V4: vcvtph2ps {{.*}}(%{{.*}}), %zmm
func.func @half(%q: tensor<2x8x128xf32>, %k: tensor<2x512x128xf16>, %v: tensor<2x512x128xf16>, %init: tensor<2x8x128xf32>) -> tensor<2x8x128xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.125 : f32}
         ins(%q, %k, %v : tensor<2x8x128xf32>, tensor<2x512x128xf16>, tensor<2x512x128xf16>)
         outs(%init : tensor<2x8x128xf32>) -> tensor<2x8x128xf32>
  return %o : tensor<2x8x128xf32>
}

// CHECK-LABEL: <int8_task>:
// V3: vpmovsxbd {{.*}}(%{{.*}}), %ymm
// V3: vcvtdq2ps %ymm{{.*}}, %ymm
// V3: vmulps %ymm
// V4: vpmovsxbd {{.*}}(%{{.*}}), %zmm
// V4: vcvtdq2ps %zmm{{.*}}, %zmm
// V4: vmulps %zmm
func.func @int8(%q: tensor<2x8x128xf32>, %p: tensor<40x16x128xi8>, %t: tensor<2x32xi32>, %ks: tensor<2x512xf32>, %init: tensor<2x8x128xf32>) -> tensor<2x8x128xf32> {
  %view = mqa.paged_view %p[%t] page_dim(0) slot_dim(1) : tensor<40x16x128xi8>, tensor<2x32xi32> -> tensor<2x512x128xi8>
  %e = tensor.empty() : tensor<2x512x128xf32>
  %k = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%view, %ks : tensor<2x512x128xi8>, tensor<2x512xf32>) outs(%e : tensor<2x512x128xf32>) {
  ^bb0(%x: i8, %s: f32, %y: f32):
    %f = arith.sitofp %x : i8 to f32
    %r = arith.mulf %f, %s : f32
    linalg.yield %r : f32
  } -> tensor<2x512x128xf32>
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.125 : f32}
         ins(%q, %k, %k : tensor<2x8x128xf32>, tensor<2x512x128xf32>, tensor<2x512x128xf32>)
         outs(%init : tensor<2x8x128xf32>) -> tensor<2x8x128xf32>
  return %o : tensor<2x8x128xf32>
}
