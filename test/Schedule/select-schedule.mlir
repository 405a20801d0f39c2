// Sizes come from a table over the target, and from the static sizes of the op.
// REQUIRES: x86_64
// RUN: mqa-opt %s --mqa-select-schedule=cpu=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3
// RUN: mqa-opt %s --mqa-select-schedule=cpu=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4
// RUN: mqa-opt %s --mqa-select-schedule="cpu=x86-64-v3 row-block=96 row-panel=32 key-block=40 key-tile=5 value-tile=2 depth-step=8 edge-block=40 split-keys=400 lane-depth=2" \
// RUN:   | FileCheck %s --check-prefix=PINS
// RUN: mqa-opt %s --mqa-select-schedule | FileCheck %s --check-prefix=HOST

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
#r = affine_map<(m, n, d, e) -> (m)>

// Panels of several vectors of the target; every field can be pinned.
// CHECK-LABEL: func.func @many_rows
// V3: schedule = #mqa.schedule<row_block = 64, row_panel = 16, {{.*}}, value_tile = 4, depth_step = 4>
// V4: schedule = #mqa.schedule<row_block = 64, row_panel = 64, {{.*}}, value_tile = 4, depth_step = 4>
// PINS-LABEL: func.func @many_rows
// PINS: schedule = #mqa.schedule<row_block = 96, row_panel = 32, key_block = 40, key_tile = 5, value_tile = 2, depth_step = 8, edge_block = 40, split_keys = 400, lane_depth = 2>
// HOST-LABEL: func.func @many_rows
// HOST: schedule = #mqa.schedule<row_block = {{[0-9]+}}, row_panel = {{[0-9]+}}, key_block
func.func @many_rows(%q: tensor<500x128xf32>, %k: tensor<?x128xf32>, %v: tensor<?x64xf32>,
                     %init: tensor<500x64xf32>) -> tensor<500x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<500x128xf32>, tensor<?x128xf32>, tensor<?x64xf32>)
         outs(%init : tensor<500x64xf32>) -> tensor<500x64xf32>
  return %o : tensor<500x64xf32>
}

// Few rows: one vector of them, taller tiles. Few keys: a small block. The
// value columns, 12, are not padded to the height of the tile.
// CHECK-LABEL: func.func @few
// V3: schedule = #mqa.schedule<row_block = 8, row_panel = 8, key_block = 16, key_tile = 8, value_tile = 4, depth_step = 4>
// V4: #mqa.schedule<row_block = 16, row_panel = 16, key_block = 16, key_tile = 16, value_tile = 4, depth_step = 4>
func.func @few(%q: tensor<3x20xf32>, %k: tensor<9x20xf32>, %v: tensor<9x12xf32>,
               %init: tensor<3x12xf32>) -> tensor<3x12xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<3x20xf32>, tensor<9x20xf32>, tensor<9x12xf32>)
         outs(%init : tensor<3x12xf32>) -> tensor<3x12xf32>
  return %o : tensor<3x12xf32>
}

// Online attention gets one too, on memrefs as well.
// CHECK-LABEL: func.func @online
// CHECK: mqa.online_attention {{.*}}schedule = #mqa.schedule<
func.func @online(%q: memref<?x20xf32>, %k: memref<?x20xf32>, %v: memref<?x12xf32>,
                  %a: memref<?x12xf32>, %m: memref<?xf32>, %s: memref<?xf32>) {
  mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r]}
    ins(%q, %k, %v : memref<?x20xf32>, memref<?x20xf32>, memref<?x12xf32>)
    outs(%a, %m, %s : memref<?x12xf32>, memref<?xf32>, memref<?xf32>)
  return
}

// A schedule that is there stays, whatever is pinned.
// CHECK-LABEL: func.func @kept
// CHECK: schedule = #mqa.schedule<row_block = 21, row_panel = 7, key_block = 5, key_tile = 5, value_tile = 2, depth_step = 1>
// PINS-LABEL: func.func @kept
// PINS: schedule = #mqa.schedule<row_block = 21, row_panel = 7, key_block = 5, key_tile = 5, value_tile = 2, depth_step = 1>
func.func @kept(%q: tensor<3x20xf32>, %k: tensor<9x20xf32>, %v: tensor<9x12xf32>,
                %init: tensor<3x12xf32>) -> tensor<3x12xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o],
         schedule = #mqa.schedule<row_block = 21, row_panel = 7, key_block = 5, key_tile = 5, value_tile = 2, depth_step = 1>}
         ins(%q, %k, %v : tensor<3x20xf32>, tensor<9x20xf32>, tensor<9x12xf32>)
         outs(%init : tensor<3x12xf32>) -> tensor<3x12xf32>
  return %o : tensor<3x12xf32>
}
