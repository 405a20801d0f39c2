// From attention on tensors to the LLVM dialect, and nothing else.
// RUN: mqa-opt %s --mqa-to-cpu-pipeline="cpu=x86-64-v3" | FileCheck %s --check-prefixes=CHECK,V3 \
// RUN:   --implicit-check-not=mqa.attention --implicit-check-not=mqa.online --implicit-check-not=linalg. \
// RUN:   --implicit-check-not=tensor --implicit-check-not=scf. --implicit-check-not=memref. \
// RUN:   --implicit-check-not=vector. --implicit-check-not=func.func --implicit-check-not=builtin.
// RUN: mqa-opt %s --mqa-to-cpu-pipeline="cpu=x86-64-v4" | FileCheck %s --check-prefixes=CHECK,V4
// RUN: mqa-opt %s --mqa-to-cpu-pipeline="cpu=x86-64-v3 row-block=32 row-panel=32 key-block=40 key-tile=2 value-tile=2 depth-step=8" \
// RUN:   | FileCheck %s --check-prefix=PINS
// REQUIRES: x86_64

// The exponential is a polynomial; nothing calls a library's.
// CHECK: llvm.func internal @f_task(%{{.*}}: !llvm.ptr, %{{.*}}: i64)
// V3: llvm.intr.fmuladd{{.*}}vector<16xf32>
// V3-NOT: avx512
// V4: llvm.intr.fmuladd{{.*}}vector<64xf32>
// V4: llvm.x86.avx512.mask.scalef.ps.512
// PINS: llvm.func internal @f_task
// PINS: llvm.intr.fmuladd{{.*}}vector<32xf32>
// CHECK: llvm.func @f(
// CHECK: llvm.call @mqa_parallel_for
// CHECK: llvm.func @_mlir_ciface_f(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr) attributes {llvm.emit_c_interface}
// CHECK: llvm.func @mqa_parallel_for(i64, !llvm.ptr, !llvm.ptr)
#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
func.func @f(%q: tensor<3x?x64xf32>, %k: tensor<?x64xf32>, %v: tensor<?x32xf32>,
             %init: tensor<3x?x32xf32>) -> tensor<3x?x32xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.125 : f32}
         ins(%q, %k, %v : tensor<3x?x64xf32>, tensor<?x64xf32>, tensor<?x32xf32>)
         outs(%init : tensor<3x?x32xf32>)
         mask {
         ^bb0(%h: index, %m: index, %n: index):
           %keep = arith.cmpi ule, %n, %m : index
           mqa.yield %keep : i1
         } -> tensor<3x?x32xf32>
  return %o : tensor<3x?x32xf32>
}
