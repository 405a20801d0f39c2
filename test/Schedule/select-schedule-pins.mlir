// What is not pinned fits what is.
// REQUIRES: x86_64
// DEFINE: %{pins} =
// DEFINE: %{check} = CHECK
// DEFINE: %{run} = mqa-opt %s --mqa-select-schedule="cpu=x86-64-v3 %{pins}" | FileCheck %s --check-prefix=%{check}

// REDEFINE: %{pins} = key-block=64
// REDEFINE: %{check} = BLOCK
// RUN: %{run}
// BLOCK: row_panel = 16, key_block = 64, key_tile = 4, value_tile = 4, depth_step = 4, edge_block = 16>

// REDEFINE: %{pins} = edge-block=0
// REDEFINE: %{check} = NOEDGE
// RUN: %{run}
// NOEDGE: row_panel = 16, key_block = 96, key_tile = 6, value_tile = 4, depth_step = 4>

// REDEFINE: %{pins} = edge-block=20
// REDEFINE: %{check} = EDGE
// RUN: %{run}
// EDGE: key_block = 100, key_tile = 5, value_tile = 4, depth_step = 4, edge_block = 20>

// REDEFINE: %{pins} = split-keys=640
// REDEFINE: %{check} = SPLIT
// RUN: %{run}
// SPLIT: key_block = 80, key_tile = 5, value_tile = 4, depth_step = 4, edge_block = 40, split_keys = 640>

// REDEFINE: %{pins} = row-block=24
// REDEFINE: %{check} = ROWS
// RUN: %{run}
// ROWS: row_block = 24, row_panel = 8,

// REDEFINE: %{pins} = row-panel=48
// REDEFINE: %{check} = PANEL
// RUN: %{run}
// PANEL: row_block = 96, row_panel = 48,

// REDEFINE: %{pins} = lane-depth=2
// REDEFINE: %{check} = LANES
// RUN: %{run}
// LANES: row_panel = 8, {{.*}}key_tile = 6, value_tile = 8, {{.*}}lane_depth = 2>

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
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
