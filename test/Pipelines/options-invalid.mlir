// Bad options are errors that name what was expected, before anything runs.
// REQUIRES: x86_64
// RUN: not mqa-opt %s --mqa-to-cpu-pipeline=cpu=z80 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: not mqa-opt %s --mqa-to-cpu-pipeline=row-block=-3 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not mqa-opt %s --mqa-to-cpu-pipeline="row-block=24 row-panel=16" 2>&1 | FileCheck %s --check-prefix=MULTIPLE
// RUN: not mqa-opt %s --mqa-to-cpu-pipeline=tile=4 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not mqa-opt %s --mqa-stage-1-schedule=cpu=z80 2>&1 | FileCheck %s --check-prefix=CPU

// CPU: error: expected cpu 'host' or one that LLVM knows {{.*}}, got 'z80'
// NEGATIVE: error: expected row-block of at least 0, got -3
// MULTIPLE: {{.*}}options-invalid.mlir:[[#@LINE+9]]:8: error: {{.*}}expected row_block to be a multiple of row_panel, got 24 and 16
// UNKNOWN: no such option tile

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @f(%q: tensor<50x8xf32>, %k: tensor<7x8xf32>, %v: tensor<7x4xf32>,
             %init: tensor<50x4xf32>) -> tensor<50x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<50x8xf32>, tensor<7x8xf32>, tensor<7x4xf32>)
         outs(%init : tensor<50x4xf32>) -> tensor<50x4xf32>
  return %o : tensor<50x4xf32>
}
