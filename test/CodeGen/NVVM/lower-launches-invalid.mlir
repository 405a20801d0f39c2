// RUN: mqa-opt %s --mqa-lower-launches -split-input-file -verify-diagnostics
// Kernels must be images by now, and buffers must not escape unseen.

module attributes {gpu.container_module} {
  gpu.module @kernels {
    llvm.func @k() attributes {gpu.kernel, nvvm.kernel} {
      llvm.return
    }
  }
  func.func @no_binary() {
    %c1 = arith.constant 1 : index
    // expected-error@below {{expected its kernel as a gpu.binary with one object (run gpu-module-to-binary), got none}}
    gpu.launch_func @kernels::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    return
  }
}

// -----

func.func @escapes(%flag: i1, %other: memref<5xf32>) {
  %r = scf.if %flag -> memref<5xf32> {
    // expected-error@below {{not yet on a GPU: expected a buffer that does not leave its block, but for a result}}
    %buffer = memref.alloc() : memref<5xf32>
    scf.yield %buffer : memref<5xf32>
  } else {
    scf.yield %other : memref<5xf32>
  }
  return
}
