// NEON: four lanes, 32 registers, multiply-adds by lane.
// REQUIRES: aarch64-codegen
// RUN: mqa-opt %s --mqa-select-schedule=cpu=aarch64 | FileCheck %s
// RUN: mqa-opt %s --mqa-select-schedule=cpu=neoverse-v1 | FileCheck %s

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>

// CHECK-LABEL: @prefill
// CHECK: #mqa.schedule<row_block = 64, row_panel = 8, key_block = 64, key_tile = 8, value_tile = 8, depth_step = 4>
func.func @prefill(%q: tensor<?x64xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>, %init: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>)
         outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %o : tensor<?x64xf32>
}
