// RUN: mqa-opt %s --mqa-promote-to-f64 --split-input-file --verify-diagnostics

// What depends on the bits of a float, or on somebody else's idea of its type,
// cannot be promoted.

func.func @bits_of_a_float(%x: f32) -> i32 {
  // expected-error@below {{expected no use of the bits of a float that becomes f64, got 'f32' to 'i32'}}
  %0 = arith.bitcast %x : f32 to i32
  return %0 : i32
}

// -----

func.func @float_from_bits(%x: tensor<4xi16>) -> tensor<4xbf16> {
  // expected-error@below {{expected no use of the bits of a float that becomes f64, got 'tensor<4xi16>' to 'tensor<4xbf16>'}}
  %0 = tensor.bitcast %x : tensor<4xi16> to tensor<4xbf16>
  return %0 : tensor<4xbf16>
}

// -----

func.func @view_of_bytes(%x: memref<64xi8>, %i: index) -> memref<4xf32> {
  // expected-error@below {{expected no use of the bits of a float that becomes f64, got 'memref<64xi8>' to 'memref<4xf32>'}}
  %0 = memref.view %x[%i][] : memref<64xi8> to memref<4xf32>
  return %0 : memref<4xf32>
}

// -----

// expected-error@below {{expected a function with a body, got the declaration of one that takes or gives floats}}
func.func private @elsewhere(tensor<4xf32>)

// -----

func.func @foreign_dialect(%x: !llvm.ptr) -> f32 {
  // expected-error@below {{expected an op whose floats can become f64, got one of dialect 'llvm'}}
  %0 = llvm.load %x : !llvm.ptr -> f32
  return %0 : f32
}

// -----

func.func @opaque_elements() -> tensor<2xf32> {
  // expected-error@below {{expected dense elements that can become f64, got dense_resource<blob> : tensor<2xf32>}}
  %0 = arith.constant dense_resource<blob> : tensor<2xf32>
  return %0 : tensor<2xf32>
}
{-# dialect_resources: { builtin: { blob: "0x040000000000803F00000040" } } #-}
