// Bad option values are reported.
// RUN: not mqa-opt %s --mqa-print-mask-blocks=rows=-1 2>&1 | FileCheck %s --check-prefix=ROWS
// RUN: not mqa-opt %s --mqa-print-mask-blocks=keys=9999999999 2>&1 | FileCheck %s --check-prefix=KEYS
// RUN: not mqa-opt %s --mqa-print-mask-blocks=block=2 2>&1 | FileCheck %s --check-prefix=BLOCK
// RUN: not mqa-opt %s --mqa-print-mask-blocks=block=0x4 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not mqa-opt %s --mqa-print-mask-blocks=scalars=7 2>&1 | FileCheck %s --check-prefix=SCALAR
// RUN: not mqa-opt %s --mqa-print-mask-blocks=scalars=arg9=7 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not mqa-opt %s --mqa-print-mask-blocks=scalars=arg4=256 2>&1 | FileCheck %s --check-prefix=NUMBER

// ROWS: error: expected rows from 0 to 2147483647, got -1
// KEYS: error: expected keys from 0 to 2147483647, got 9999999999
// BLOCK: error: expected block of the form <rows>x<keys>, got '2'
// ZERO: error: expected block of the form <rows>x<keys>, got '0x4'
// SCALAR: error: expected scalars of the form <name>=<number>, got '7'
// NAME: error: expected scalars that a mask captures, got 'arg9'
// NUMBER: error: expected a number of type 'i8' for scalar %arg4, got 256

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @length(%q: tensor<8x4xf32>, %k: tensor<8x4xf32>, %v: tensor<8x4xf32>,
                  %init: tensor<8x4xf32>, %length: i8) -> tensor<8x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>)
         outs(%init : tensor<8x4xf32>)
         mask {
         ^bb0(%m: index, %n: index):
           %wide = arith.extui %length : i8 to i32
           %end = arith.index_cast %wide : i32 to index
           %keep = arith.cmpi slt, %n, %end : index
           mqa.yield %keep : i1
         } -> tensor<8x4xf32>
  return %o : tensor<8x4xf32>
}
