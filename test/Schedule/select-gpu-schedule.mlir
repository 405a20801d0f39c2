// RUN: mqa-opt %s --mqa-select-gpu-schedule=chip=sm_80 | FileCheck %s
// RUN: mqa-opt %s --mqa-select-gpu-schedule=chip=sm_86 | FileCheck %s --check-prefix=SMALL
// RUN: mqa-opt %s --mqa-select-gpu-schedule="chip=sm_80 row-block=64 key-block=32 stages=3 split-keys=96" | FileCheck %s --check-prefix=PINS
// RUN: mqa-opt %s --mqa-select-gpu-schedule=chip=sm_90a | FileCheck %s --check-prefix=HOPPER
// RUN: mqa-opt %s --mqa-select-gpu-schedule="chip=sm_90a kernel=mma" | FileCheck %s --check-prefix=KERNEL
// The table by rows, widths and shared memory; pins; an op's own schedule.

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>

// CHECK-LABEL: @prefill
// CHECK: #mqa.gpu_schedule<kernel = "mma", row_block = 128, key_block = 64, stages = 2>
// HOPPER-LABEL: @prefill
// HOPPER: #mqa.gpu_schedule<kernel = "wgmma", row_block = 128, key_block = 128, stages = 2>
// KERNEL-LABEL: @prefill
// KERNEL: #mqa.gpu_schedule<kernel = "mma", row_block = 128, key_block = 64, stages = 2>
// SMALL-LABEL: @prefill
// SMALL: #mqa.gpu_schedule<kernel = "mma", row_block = 128, key_block = 32, stages = 2>
// PINS-LABEL: @prefill
// PINS: #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 32, stages = 3, split_keys = 96>
func.func @prefill(%q: tensor<4x500x128xbf16>, %k: tensor<600x128xbf16>, %v: tensor<600x128xbf16>, %o: tensor<4x500x128xbf16>) -> tensor<4x500x128xbf16> {
  %r = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %k, %v : tensor<4x500x128xbf16>, tensor<600x128xbf16>, tensor<600x128xbf16>)
    outs(%o : tensor<4x500x128xbf16>) -> tensor<4x500x128xbf16>
  return %r : tensor<4x500x128xbf16>
}

// Few rows, and any number of keys: they are split.
// CHECK-LABEL: @decode
// CHECK: #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 64, stages = 3, split_keys = 1024>
// HOPPER-LABEL: @decode
// HOPPER: #mqa.gpu_schedule<kernel = "wgmma", row_block = 64, key_block = 64, stages = 3, split_keys = 1024>
func.func @decode(%q: tensor<32x1x64xf16>, %k: tensor<?x64xf16>, %v: tensor<?x64xf16>, %o: tensor<32x1x64xf16>) -> tensor<32x1x64xf16> {
  %r = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %k, %v : tensor<32x1x64xf16>, tensor<?x64xf16>, tensor<?x64xf16>)
    outs(%o : tensor<32x1x64xf16>) -> tensor<32x1x64xf16>
  return %r : tensor<32x1x64xf16>
}

// CHECK-LABEL: @decode_short
// CHECK: #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 64, stages = 3>
func.func @decode_short(%q: tensor<8x2x64xf16>, %k: tensor<1000x64xf16>, %v: tensor<1000x64xf16>, %o: tensor<8x2x64xf16>) -> tensor<8x2x64xf16> {
  %r = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %k, %v : tensor<8x2x64xf16>, tensor<1000x64xf16>, tensor<1000x64xf16>)
    outs(%o : tensor<8x2x64xf16>) -> tensor<8x2x64xf16>
  return %r : tensor<8x2x64xf16>
}

// CHECK-LABEL: @wide
// CHECK: #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 32, stages = 2>
// HOPPER-LABEL: @wide
// HOPPER: #mqa.gpu_schedule<kernel = "wgmma", row_block = 128, key_block = 48, stages = 2>
// SMALL-LABEL: @wide
// SMALL: #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 32, stages = 2>
func.func @wide(%q: tensor<4x500x256xf16>, %k: tensor<600x256xf16>, %v: tensor<600x256xf16>, %o: tensor<4x500x256xf16>) -> tensor<4x500x256xf16> {
  %r = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %k, %v : tensor<4x500x256xf16>, tensor<600x256xf16>, tensor<600x256xf16>)
    outs(%o : tensor<4x500x256xf16>) -> tensor<4x500x256xf16>
  return %r : tensor<4x500x256xf16>
}

// CHECK-LABEL: @own
// CHECK: #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 48, stages = 2>
// PINS-LABEL: @own
// PINS: #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 48, stages = 2>
func.func @own(%q: tensor<4x500x64xf16>, %k: tensor<600x64xf16>, %v: tensor<600x64xf16>, %o: tensor<4x500x64xf16>) -> tensor<4x500x64xf16> {
  %r = mqa.attention {indexing_maps = [#q, #k, #v, #o], mqa.gpu_schedule = #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 48, stages = 2>}
    ins(%q, %k, %v : tensor<4x500x64xf16>, tensor<600x64xf16>, tensor<600x64xf16>)
    outs(%o : tensor<4x500x64xf16>) -> tensor<4x500x64xf16>
  return %r : tensor<4x500x64xf16>
}
