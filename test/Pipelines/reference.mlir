// The oracle: plain loops in the LLVM dialect, one thread, libm's functions.
// RUN: mqa-opt %s --mqa-to-reference-pipeline | FileCheck %s --implicit-check-not=mqa. \
// RUN:   --implicit-check-not=linalg. --implicit-check-not=tensor --implicit-check-not=scf. \
// RUN:   --implicit-check-not=memref. --implicit-check-not=mqa_parallel_for

// CHECK-LABEL: llvm.func @f(
// CHECK: llvm.fmul
// CHECK: llvm.fadd
// CHECK: llvm.cond_br
// CHECK: llvm.func @_mlir_ciface_f(
#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @f(%q: tensor<?x8xf64>, %k: tensor<?x8xf64>, %v: tensor<?x4xf64>, %init: tensor<?x4xf64>) -> tensor<?x4xf64> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.125 : f64}
         ins(%q, %k, %v : tensor<?x8xf64>, tensor<?x8xf64>, tensor<?x4xf64>)
         outs(%init : tensor<?x4xf64>) -> tensor<?x4xf64>
  return %o : tensor<?x4xf64>
}
