// RUN: mqa-opt %s --mqa-to-nvvm-pipeline=chip=sm_80 | FileCheck %s
// RUN: mqa-opt %s --mqa-to-kernels-pipeline=chip=sm_80 | FileCheck %s --check-prefix=KERNELS
// RUN: mqa-opt %s --mqa-to-images-pipeline="chip=sm_90 format=isa" | FileCheck %s --check-prefix=IMAGES
// RUN: not mqa-opt %s --mqa-to-nvvm-pipeline=chip=sm_75 2>&1 | FileCheck %s --check-prefix=CHIP
// Host code in the LLVM dialect that holds the PTX of its kernels; the kernels
// alone; their images.
// CHIP: error: expected a chip of sm_80, {{.*}}, got 'sm_75'

// CHECK-DAG: llvm.mlir.global internal constant @kernels_image("{{.*}}.target sm_80
// CHECK-DAG: llvm.func @mqa_cuda_launch(
// CHECK-DAG: llvm.func @_mlir_ciface_decode(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr) -> i32
// CHECK-NOT: mqa.
// CHECK-NOT: gpu.

// KERNELS: gpu.launch_func @kernels::@decode_kernel
// KERNELS: gpu.module @kernels [#nvvm.target<O = 3, chip = "sm_80", features = "+ptx80">]
// KERNELS: llvm.func @decode_kernel(
// KERNELS-NOT: arith.
// KERNELS: nvvm.mma.sync
// KERNELS-NOT: arith.
// KERNELS: llvm.return

// IMAGES: gpu.binary @kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_90", features = "+ptx80">, {{.*}}assembly = "
#q = affine_map<(h, n, d, e) -> (h, d)>
#k = affine_map<(h, n, d, e) -> (n, d)>
#v = affine_map<(h, n, d, e) -> (n, e)>
#o = affine_map<(h, n, d, e) -> (h, e)>
func.func @decode(%q: tensor<8x64xf16>, %k: tensor<?x64xf16>, %v: tensor<?x64xf16>, %init: tensor<8x64xf16>) -> tensor<8x64xf16> {
  // A filled destination is not worth a kernel.
  %zero = arith.constant 0.0 : f16
  %filled = linalg.fill ins(%zero : f16) outs(%init : tensor<8x64xf16>) -> tensor<8x64xf16>
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %k, %v : tensor<8x64xf16>, tensor<?x64xf16>, tensor<?x64xf16>)
    outs(%filled : tensor<8x64xf16>) -> tensor<8x64xf16>
  return %o : tensor<8x64xf16>
}
