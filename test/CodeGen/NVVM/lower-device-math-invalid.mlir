// RUN: mqa-opt %s --mqa-lower-device-math -split-input-file -verify-diagnostics
// What only a device library has is an error at the op.

gpu.module @kernels {
  llvm.func @f64(%x: f64) -> f64 {
    // expected-error@below {{not yet on a GPU: expected an op with a lowering without libdevice}}
    %a = math.exp %x : f64
    llvm.return %a : f64
  }
}

// -----

gpu.module @kernels {
  llvm.func @remainder(%x: f32, %y: f32) -> f32 {
    // expected-error@below {{not yet on a GPU: expected an op with a lowering without libdevice}}
    %a = arith.remf %x, %y : f32
    llvm.return %a : f32
  }
}
