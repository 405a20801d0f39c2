// RUN: mqa-opt %s --mqa-select-gpu-schedule=chip=sm_86 -split-input-file -verify-diagnostics
// RUN: not mqa-opt %s --mqa-select-gpu-schedule=chip=sm_70 -split-input-file 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not mqa-opt %s --mqa-select-gpu-schedule="chip=sm_80 key-block=30" -split-input-file 2>&1 | FileCheck %s --check-prefix=PIN
// RUN: not mqa-opt %s --mqa-select-gpu-schedule="chip=sm_80 row-block=96" -split-input-file 2>&1 | FileCheck %s --check-prefix=ROWS
// RUN: not mqa-opt %s --mqa-select-gpu-schedule="chip=sm_86 kernel=wgmma" -split-input-file 2>&1 | FileCheck %s --check-prefix=HOPPER
// RUN: not mqa-opt %s --mqa-select-gpu-schedule="chip=sm_86 kernel=wmma" -split-input-file 2>&1 | FileCheck %s --check-prefix=KERNEL
// What no schedule can be found for, and what no kernel takes yet.
// CHIP: error: expected a chip of sm_80, {{.*}}, got 'sm_70'
// PIN: cannot take this schedule: expected key_block to be a multiple of 16 of at most 128, got 30
// HOPPER: expected sm_90a for kernel "wgmma", got sm_86
// KERNEL: cannot take this schedule: expected kernel "mma" or "wgmma", got "wmma"
// ROWS: cannot take this schedule: expected row_block of 64 or 128, got 96

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @too_wide(%q: tensor<40x1024xf16>, %k: tensor<90x1024xf16>, %v: tensor<90x64xf16>, %o: tensor<40x64xf16>) -> tensor<40x64xf16> {
  // expected-error@below {{expected tiles in 101376 bytes of shared memory on sm_86, got}}
  %r = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %k, %v : tensor<40x1024xf16>, tensor<90x1024xf16>, tensor<90x64xf16>)
    outs(%o : tensor<40x64xf16>) -> tensor<40x64xf16>
  return %r : tensor<40x64xf16>
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @dynamic_depth(%q: tensor<40x?xf16>, %k: tensor<90x?xf16>, %v: tensor<90x64xf16>, %o: tensor<40x64xf16>) -> tensor<40x64xf16> {
  // expected-error@below {{expected static depth and value sizes on a GPU, got a dynamic one}}
  %r = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 1.0 : f32}
    ins(%q, %k, %v : tensor<40x?xf16>, tensor<90x?xf16>, tensor<90x64xf16>)
    outs(%o : tensor<40x64xf16>) -> tensor<40x64xf16>
  return %r : tensor<40x64xf16>
}

// -----

#a = affine_map<(m, e) -> (m, e)>
#r = affine_map<(m, e) -> (m)>
func.func @finalize(%a: tensor<5x64xf32>, %m: tensor<5xf32>, %s: tensor<5xf32>, %o: tensor<5x64xf16>) -> tensor<5x64xf16> {
  // expected-error@below {{not yet on a GPU: expected mqa.attention}}
  %r = mqa.finalize {indexing_maps = [#a, #r, #r, #a]}
    ins(%a, %m, %s : tensor<5x64xf32>, tensor<5xf32>, tensor<5xf32>)
    outs(%o : tensor<5x64xf16>) -> tensor<5x64xf16>
  return %r : tensor<5x64xf16>
}
