// The schedules that docs/Pipelines.md shows: what decides is the number of rows,
// the sizes of depth and value, and the mask.
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RUN: mqa-opt %s --mqa-select-schedule=cpu=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: mqa-opt %s --mqa-select-schedule=cpu=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,AVX512

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>

// CHECK-LABEL: @any_rows_depth_64
// AVX2: row_panel = 16,
// AVX512: row_panel = 64,
func.func @any_rows_depth_64(%q: tensor<?x64xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>, %init: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>)
         outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %o : tensor<?x64xf32>
}

// CHECK-LABEL: @any_rows_depth_128
// AVX2: row_panel = 16,
// AVX512: row_panel = 64,
func.func @any_rows_depth_128(%q: tensor<?x128xf32>, %k: tensor<?x128xf32>, %v: tensor<?x128xf32>, %init: tensor<?x128xf32>) -> tensor<?x128xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<?x128xf32>, tensor<?x128xf32>, tensor<?x128xf32>)
         outs(%init : tensor<?x128xf32>) -> tensor<?x128xf32>
  return %o : tensor<?x128xf32>
}

// CHECK-LABEL: @rows_32_depth_64
// AVX2: row_panel = 16,
// AVX512: row_panel = 32,
func.func @rows_32_depth_64(%q: tensor<32x64xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>, %init: tensor<32x64xf32>) -> tensor<32x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<32x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>)
         outs(%init : tensor<32x64xf32>) -> tensor<32x64xf32>
  return %o : tensor<32x64xf32>
}

// CHECK-LABEL: @rows_16_depth_64
// AVX2: row_panel = 16,
// AVX512: row_panel = 16,
func.func @rows_16_depth_64(%q: tensor<16x64xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>, %init: tensor<16x64xf32>) -> tensor<16x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<16x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>)
         outs(%init : tensor<16x64xf32>) -> tensor<16x64xf32>
  return %o : tensor<16x64xf32>
}

// CHECK-LABEL: @rows_8_depth_64
// AVX2: row_panel = 8,
// AVX512: row_panel = 8,
func.func @rows_8_depth_64(%q: tensor<8x64xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>, %init: tensor<8x64xf32>) -> tensor<8x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<8x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>)
         outs(%init : tensor<8x64xf32>) -> tensor<8x64xf32>
  return %o : tensor<8x64xf32>
}

// CHECK-LABEL: @rows_4_depth_64
// AVX2: row_panel = 4, {{.*}}lane_depth = 2>
// AVX512: row_panel = 4, {{.*}}lane_depth = 4>
func.func @rows_4_depth_64(%q: tensor<4x64xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>, %init: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<4x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>)
         outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %o : tensor<4x64xf32>
}

// CHECK-LABEL: @causal_depth_64
// AVX2: edge_block = 24>
// AVX512: edge_block = 16>
func.func @causal_depth_64(%q: tensor<?x64xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>, %init: tensor<?x64xf32>) -> tensor<?x64xf32> {
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
