// Loops, vectors, memrefs and linalg become the LLVM dialect.
// RUN: mqa-opt %s --mqa-stage-7-llvm=cpu=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3 \
// RUN:   --implicit-check-not=scf. --implicit-check-not=vector. --implicit-check-not=memref. --implicit-check-not=linalg. \
// RUN:   --implicit-check-not=math. --implicit-check-not=builtin. --implicit-check-not=func.func
// RUN: mqa-opt %s --mqa-stage-7-llvm=cpu=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4
// REQUIRES: x86_64

// CHECK-LABEL: llvm.func @f(
// CHECK: llvm.cond_br
// CHECK: llvm.load %{{.*}} -> vector<16xf32>
// V3-COUNT-5: llvm.intr.fma
// V3: llvm.shl
// V4: llvm.x86.avx512.mask.reduce.ps.512
// V4: llvm.x86.avx512.mask.scalef.ps.512
// CHECK: llvm.intr.fmuladd
// CHECK: llvm.func @_mlir_ciface_f(
func.func @f(%a: memref<?x16xf32>, %b: memref<4x16xf32>, %c: memref<4x16xf32>, %n: index) attributes {llvm.emit_c_interface} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %pad = ub.poison : f32
  scf.for %i = %c0 to %n step %c1 {
    %x = vector.transfer_read %a[%i, %c0], %pad {in_bounds = [true]} : memref<?x16xf32>, vector<16xf32>
    %y = math.exp2 %x : vector<16xf32>
    vector.transfer_write %y, %a[%i, %c0] {in_bounds = [true]} : vector<16xf32>, memref<?x16xf32>
  }
  %k = vector.transfer_read %b[%c0, %c0], %pad {in_bounds = [true, true]} : memref<4x16xf32>, vector<4x4xf32>
  %q = vector.transfer_read %c[%c0, %c0], %pad {in_bounds = [true, true]} : memref<4x16xf32>, vector<4x16xf32>
  %s = vector.contract {indexing_maps = [affine_map<(n, x, d) -> (n, d)>, affine_map<(n, x, d) -> (d, x)>, affine_map<(n, x, d) -> (n, x)>],
         iterator_types = ["parallel", "parallel", "reduction"], kind = #vector.kind<add>} %k, %q, %q : vector<4x4xf32>, vector<4x16xf32> into vector<4x16xf32>
  vector.transfer_write %s, %b[%c0, %c0] {in_bounds = [true, true]} : vector<4x16xf32>, memref<4x16xf32>
  memref.copy %b, %c : memref<4x16xf32> to memref<4x16xf32>
  return
}
