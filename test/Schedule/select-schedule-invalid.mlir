// Pins that do not fit each other are reported at the op.
// RUN: mqa-opt %s --mqa-select-schedule="cpu=x86-64-v3 key-block=30 key-tile=4" -verify-diagnostics
// Bad option values are reported before anything runs.
// REQUIRES: x86_64
// RUN: not mqa-opt %s --mqa-select-schedule=row-panel=-1 2>&1 | FileCheck %s --check-prefix=PANEL
// RUN: not mqa-opt %s --mqa-select-schedule=depth-step=-4 2>&1 | FileCheck %s --check-prefix=STEP
// RUN: not mqa-opt %s --mqa-select-schedule=lane-depth=-1 2>&1 | FileCheck %s --check-prefix=LANES
// RUN: not mqa-opt %s --mqa-select-schedule=edge-block=-2 2>&1 | FileCheck %s --check-prefix=EDGE
// RUN: not mqa-opt %s --mqa-select-schedule=split-keys=-2 2>&1 | FileCheck %s --check-prefix=SPLIT
// RUN: not mqa-opt %s --mqa-select-schedule=cpu=z80 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: not mqa-opt %s --mqa-select-schedule=cpu= 2>&1 | FileCheck %s --check-prefix=NOCPU
// RUN: not mqa-opt %s --mqa-select-schedule=key-tile=four 2>&1 | FileCheck %s --check-prefix=NUMBER

// PANEL: error: expected row-panel of at least 0, got -1
// STEP: error: expected depth-step of at least 0, got -4
// LANES: error: expected lane-depth of at least 0, got -1
// EDGE: error: expected edge-block of at least -1, got -2
// SPLIT: error: expected split-keys of at least -1, got -2
// CPU: error: expected cpu 'host' or one that LLVM knows for x86_64 or aarch64 {{.*}}, got 'z80'
// NOCPU: error: expected cpu 'host' {{.*}}, got ''
// NUMBER: 'four' value invalid for

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @pins(%q: tensor<50x20xf32>, %k: tensor<90x20xf32>, %v: tensor<90x12xf32>,
                %init: tensor<50x12xf32>) -> tensor<50x12xf32> {
  // expected-error@below {{cannot take this schedule: expected key_block to be a multiple of key_tile, got 30 and 4}}
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<50x20xf32>, tensor<90x20xf32>, tensor<90x12xf32>)
         outs(%init : tensor<50x12xf32>) -> tensor<50x12xf32>
  return %o : tensor<50x12xf32>
}
