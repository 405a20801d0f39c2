// RUN: mqa-opt %s --mqa-outline-tasks -split-input-file -verify-diagnostics

func.func @results(%a: tensor<5xf32>) -> tensor<5xf32> {
  // expected-error@below {{expected a bufferized task loop, got one with results}}
  %r = scf.forall (%i) in (5) shared_outs(%o = %a) -> (tensor<5xf32>) {
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %a into %o[0] [5] [1] : tensor<5xf32> into tensor<5xf32>
    }
  } {mqa.tasks}
  return %r : tensor<5xf32>
}

// -----

func.func @captures(%a: tensor<5xf32>, %b: memref<5xf32>) {
  // expected-error@below {{expected captured values of memref, integer, index or float type, got 'tensor<5xf32>'}}
  scf.forall (%i) in (5) {
    %x = tensor.extract %a[%i] : tensor<5xf32>
    memref.store %x, %b[%i] : memref<5xf32>
  } {mqa.tasks}
  return
}

// -----

// expected-error@below {{expected mqa_parallel_for of type '(i64, !llvm.ptr, !llvm.ptr) -> ()', got another symbol of that name}}
func.func private @mqa_parallel_for(index)
func.func @other_type(%b: memref<5xf32>, %x: f32) {
  scf.forall (%i) in (5) {
    memref.store %x, %b[%i] : memref<5xf32>
  } {mqa.tasks}
  return
}

// -----

// expected-error@below {{got another symbol of that name}}
memref.global @mqa_parallel_for : memref<5xf32>
func.func @other_symbol(%b: memref<5xf32>, %x: f32) {
  scf.forall (%i) in (5) {
    memref.store %x, %b[%i] : memref<5xf32>
  } {mqa.tasks}
  return
}
