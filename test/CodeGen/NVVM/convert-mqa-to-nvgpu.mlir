// RUN: mqa-opt %s --convert-mqa-to-nvgpu --canonicalize --cse -split-input-file | FileCheck %s
// One kernel per attention, in one module; loops and masks as the mask analysis
// says.

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>

// Every block is full: nothing is masked, no copy is guarded.
// CHECK: module attributes {gpu.container_module}
// CHECK-LABEL: func.func @full
// CHECK-DAG: %[[BLOCKS:.*]] = arith.constant 8 : index
// CHECK-DAG: %[[BYTES:.*]] = arith.constant 40960 : i32
// CHECK: cf.assert %{{.*}}, "expected key aligned to 16 bytes, got another address"
// CHECK: gpu.launch_func @kernels::@full_kernel
// CHECK-SAME: dynamic_shared_memory_size %[[BYTES]]
// CHECK: gpu.module @kernels
// CHECK: llvm.mlir.global external @mqa_shared() {addr_space = 3 : i32, alignment = 1024 : i64}
// CHECK: llvm.func @full_kernel(
// CHECK-SAME: gpu.kernel
// CHECK-SAME: nvvm.maxntid = array<i32: 128, 1, 1>
// CHECK: scf.while
// CHECK: nvvm.cp.async.wait.group 0
// CHECK: nvvm.barrier
// CHECK: nvvm.cp.async.shared.global %{{.*}}, %{{.*}}, 16, cache = cg :
// CHECK: nvvm.ldmatrix
// CHECK: nvvm.mma.sync
// CHECK-NOT: arith.select {{.*}} f32
// CHECK: nvvm.shfl.sync bfly
// CHECK: llvm.nvvm.ex2.approx.ftz.f
// CHECK: nvvm.ldmatrix {{.*}}layout = #nvvm.mma_layout<col>
// CHECK: nvvm.mma.sync
// CHECK-NOT: mqa.attention
func.func @full(%q: memref<4x128x64xf16>, %k: memref<192x64xf16>, %v: memref<192x64xf16>, %o: memref<4x128x64xf16>) {
  mqa.attention {indexing_maps = [#q, #k, #v, #o], mqa.gpu_schedule = #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 64, stages = 2>}
    ins(%q, %k, %v : memref<4x128x64xf16>, memref<192x64xf16>, memref<192x64xf16>)
    outs(%o : memref<4x128x64xf16>)
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>

// Only blocks that are not full apply the region.
// CHECK-LABEL: llvm.func @causal_kernel(
// CHECK: scf.while
// CHECK: nvvm.mma.sync
// CHECK: scf.if {{.*}} -> (f32,
// CHECK: arith.cmpi ule
// CHECK: arith.select
// CHECK: scf.yield
// CHECK: nvvm.shfl.sync bfly
func.func @causal(%q: memref<4x128x64xbf16>, %k: memref<?x64xbf16>, %v: memref<?x64xbf16>, %o: memref<4x128x64xbf16>) {
  mqa.attention {indexing_maps = [#q, #k, #v, #o], mqa.gpu_schedule = #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 64, stages = 2>}
    ins(%q, %k, %v : memref<4x128x64xbf16>, memref<?x64xbf16>, memref<?x64xbf16>)
    outs(%o : memref<4x128x64xbf16>)
    mask {
    ^bb0(%h: index, %m: index, %n: index):
      %keep = arith.cmpi ule, %n, %m : index
      mqa.yield %keep : i1
    }
  return
}

// -----

#q = affine_map<(h, n, d, e) -> (h, d)>
#k = affine_map<(h, n, d, e) -> (n, d)>
#v = affine_map<(h, n, d, e) -> (n, e)>
#b = affine_map<(h, n, d, e) -> (h, n)>
#s = affine_map<(h, n, d, e) -> (h)>
#o = affine_map<(h, n, d, e) -> (h, e)>

// Splits: a workspace, and a second kernel that knows the sink.
// CHECK-LABEL: func.func @splits
// CHECK: memref.alloc
// CHECK: memref.alloc
// CHECK: gpu.launch_func @kernels::@splits_kernel
// CHECK: gpu.launch_func @kernels::@splits_combine
// CHECK: llvm.func @splits_kernel(
// CHECK: memref.load
// CHECK: math.tanh
// CHECK: llvm.func @splits_combine(
// CHECK: scf.for
// CHECK: memref.load {{.*}} : memref<8xf32
// CHECK: llvm.store {{.*}} : bf16
func.func @splits(%q: memref<8x64xbf16>, %k: memref<?x64xbf16>, %v: memref<?x64xbf16>, %bias: memref<8x?xf32>, %sink: memref<8xf32>, %o: memref<8x64xbf16>, %lse: memref<8xf32>) {
  mqa.attention {indexing_maps = [#q, #k, #v, #b, #s, #o, #s], mqa.gpu_schedule = #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 64, stages = 3, split_keys = 256>}
    ins(%q, %k, %v, %bias : memref<8x64xbf16>, memref<?x64xbf16>, memref<?x64xbf16>, memref<8x?xf32>)
    sink(%sink : memref<8xf32>)
    outs(%o, %lse : memref<8x64xbf16>, memref<8xf32>)
    score {
    ^bb0(%x: f32, %b: f32, %h: index, %n: index):
      %y = math.tanh %x : f32
      %z = arith.addf %y, %b : f32
      mqa.yield %z : f32
    }
  return
}

// -----

// What folding leaves of an attention without live keys.
// CHECK-LABEL: func.func @fill
// CHECK: gpu.launch_func @kernels::@fill_fill
// CHECK: llvm.func @fill_fill(
// CHECK: llvm.store
func.func @fill(%o: memref<?x64xf16>) {
  %zero = arith.constant 0.0 : f16
  linalg.fill ins(%zero : f16) outs(%o : memref<?x64xf16>)
  return
}
