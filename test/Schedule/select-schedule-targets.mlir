// Named targets: x86-64 with and without AVX-512, single cores, AArch64, which
// is the CPU's own architecture and not the host's.
// REQUIRES: x86_64
// RUN: mqa-opt %s --mqa-select-schedule=cpu=haswell | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: mqa-opt %s --mqa-select-schedule=cpu=znver3 | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: mqa-opt %s --mqa-select-schedule=cpu=skylake-avx512 | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: mqa-opt %s --mqa-select-schedule=cpu=icelake-server | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: mqa-opt %s --mqa-select-schedule=cpu=sapphirerapids | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: mqa-opt %s --mqa-select-schedule=cpu=znver4 | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: mqa-opt %s --mqa-select-schedule=cpu=znver5 | FileCheck %s --check-prefixes=CHECK,AVX512

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>

// CHECK-LABEL: @prefill
// AVX2: #mqa.schedule<row_block = 64, row_panel = 16, key_block = 96, key_tile = 6, value_tile = 4, depth_step = 4>
// AVX512: #mqa.schedule<row_block = 64, row_panel = 64, key_block = 64, key_tile = 4, value_tile = 4, depth_step = 4>
func.func @prefill(%q: tensor<?x64xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>, %init: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>)
         outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %o : tensor<?x64xf32>
}

// The end of what is live is known: small blocks there, whole ones in a block.
// CHECK-LABEL: @causal
// AVX2: key_block = 96, key_tile = 6, value_tile = 4, depth_step = 4, edge_block = 24>
// AVX512: key_block = 64, key_tile = 4, value_tile = 4, depth_step = 4, edge_block = 16>
func.func @causal(%q: tensor<?x64xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>, %init: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>)
         outs(%init : tensor<?x64xf32>)
         mask {
         ^bb0(%m: index, %n: index):
           %keep = arith.cmpi ule, %n, %m : index
           mqa.yield %keep : i1
         } -> tensor<?x64xf32>
  return %o : tensor<?x64xf32>
}

// All rows in one task: the keys are split. One row leaves lanes to the depth.
// CHECK-LABEL: @decode
// AVX2: row_block = 1, row_panel = 1, key_block = 64, key_tile = 1, value_tile = 64, depth_step = 4, split_keys = 1024, lane_depth = 8>
// AVX512: row_block = 1, row_panel = 1, key_block = 64, key_tile = 1, value_tile = 64, depth_step = 4, split_keys = 1024, lane_depth = 16>
func.func @decode(%q: tensor<1x64xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>, %init: tensor<1x64xf32>) -> tensor<1x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<1x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>)
         outs(%init : tensor<1x64xf32>) -> tensor<1x64xf32>
  return %o : tensor<1x64xf32>
}

// Not many keys: no split. A value size that is no whole number of tiles: rows
// alone are in lanes.
// CHECK-LABEL: @decode_few
// CHECK-NOT: split_keys
// CHECK-NOT: lane_depth
func.func @decode_few(%q: tensor<1x64xf32>, %k: tensor<1024x64xf32>, %v: tensor<1024x30xf32>, %init: tensor<1x30xf32>) -> tensor<1x30xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<1x64xf32>, tensor<1024x64xf32>, tensor<1024x30xf32>)
         outs(%init : tensor<1x30xf32>) -> tensor<1x30xf32>
  return %o : tensor<1x30xf32>
}

// Keys that are converted a block at a time: twice the rows share that.
// CHECK-LABEL: @converted
// CHECK: row_block = 128,
func.func @converted(%q: tensor<?x64xbf16>, %k: tensor<?x64xbf16>, %v: tensor<?x64xbf16>, %init: tensor<?x64xbf16>) -> tensor<?x64xbf16> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<?x64xbf16>, tensor<?x64xbf16>, tensor<?x64xbf16>)
         outs(%init : tensor<?x64xbf16>) -> tensor<?x64xbf16>
  return %o : tensor<?x64xbf16>
}
