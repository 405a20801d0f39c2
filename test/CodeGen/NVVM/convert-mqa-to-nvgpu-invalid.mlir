// RUN: mqa-opt %s --convert-mqa-to-nvgpu -split-input-file -verify-diagnostics
// What no kernel does is refused where it stands.

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @no_schedule(%q: memref<40x64xf16>, %k: memref<90x64xf16>, %v: memref<90x64xf16>, %o: memref<40x64xf16>) {
  // expected-error@below {{expected attribute 'mqa.gpu_schedule' (run mqa-select-gpu-schedule), got none}}
  mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %k, %v : memref<40x64xf16>, memref<90x64xf16>, memref<90x64xf16>) outs(%o : memref<40x64xf16>)
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @tensors(%q: tensor<40x64xf16>, %k: tensor<90x64xf16>, %v: tensor<90x64xf16>, %o: tensor<40x64xf16>) -> tensor<40x64xf16> {
  // expected-error@below {{expected memref operands, got tensors}}
  %r = mqa.attention {indexing_maps = [#q, #k, #v, #o], mqa.gpu_schedule = #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 64, stages = 2>}
    ins(%q, %k, %v : tensor<40x64xf16>, tensor<90x64xf16>, tensor<90x64xf16>) outs(%o : tensor<40x64xf16>) -> tensor<40x64xf16>
  return %r : tensor<40x64xf16>
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @f32(%q: memref<40x64xf32>, %k: memref<90x64xf32>, %v: memref<90x64xf32>, %o: memref<40x64xf32>) {
  // expected-error@below {{expected f16 or bf16 queries on a GPU, got 'f32'}}
  mqa.attention {indexing_maps = [#q, #k, #v, #o], mqa.gpu_schedule = #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 64, stages = 2>}
    ins(%q, %k, %v : memref<40x64xf32>, memref<90x64xf32>, memref<90x64xf32>) outs(%o : memref<40x64xf32>)
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @mixed(%q: memref<40x64xf16>, %k: memref<90x64xbf16>, %v: memref<90x64xbf16>, %o: memref<40x64xf16>) {
  // expected-error@below {{expected queries, keys and values of one element type on a GPU, got 'f16' and 'bf16'}}
  mqa.attention {indexing_maps = [#q, #k, #v, #o], mqa.gpu_schedule = #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 64, stages = 2>}
    ins(%q, %k, %v : memref<40x64xf16>, memref<90x64xbf16>, memref<90x64xbf16>) outs(%o : memref<40x64xf16>)
  return
}

// -----

#q = affine_map<(m, n, c, d, e) -> (m, c, d)>
#k = affine_map<(m, n, c, d, e) -> (n, c, d)>
#v = affine_map<(m, n, c, d, e) -> (n, e)>
#o = affine_map<(m, n, c, d, e) -> (m, e)>
func.func @two_depths(%q: memref<40x2x32xf16>, %k: memref<90x2x32xf16>, %v: memref<90x64xf16>, %o: memref<40x64xf16>) {
  // expected-error@below {{not yet on a GPU: expected one depth dimension, got 2}}
  mqa.attention {indexing_maps = [#q, #k, #v, #o], mqa.gpu_schedule = #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 64, stages = 2>}
    ins(%q, %k, %v : memref<40x2x32xf16>, memref<90x2x32xf16>, memref<90x64xf16>) outs(%o : memref<40x64xf16>)
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @too_wide(%q: memref<40x64xf16>, %k: memref<90x64xf16>, %v: memref<90x264xf16>, %o: memref<40x264xf16>) {
  // expected-error@below {{expected a value size of 1 to 256 on a GPU, got 264}}
  mqa.attention {indexing_maps = [#q, #k, #v, #o], mqa.gpu_schedule = #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 64, stages = 2>}
    ins(%q, %k, %v : memref<40x64xf16>, memref<90x64xf16>, memref<90x264xf16>) outs(%o : memref<40x264xf16>)
  return
}

// -----

func.func @on_the_host(%o: memref<40x64xf16>, %p: memref<40x64xf16>) {
  // expected-error@below {{not yet on a GPU: expected attention alone to read and write buffers}}
  memref.copy %o, %p : memref<40x64xf16> to memref<40x64xf16>
  return
}
