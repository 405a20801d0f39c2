// The C header of compiled functions: descriptors, makers, prototypes, wrappers.
//
// RUN: mqa-compile %s --emit-header=- | FileCheck %s

// Valid C11 and C++17, also twice and beside a header that shares descriptors.
// RUN: rm -rf %t && mkdir -p %t
// RUN: mqa-compile %s --emit-header=%t/one.h
// RUN: mqa-compile %examples/host/attention.mlir --emit-header=%t/two.h
// RUN: printf '#include "one.h"\n#include "two.h"\n#include "one.h"\n' > %t/use.c
// RUN: cp %t/use.c %t/use.cpp
// RUN: %cc -std=c11 -Wall -Wextra -Werror -c %t/use.c -o %t/use.o
// RUN: %cxx -std=c++17 -Wall -Wextra -Werror -c %t/use.cpp -o %t/use.o

// CHECK:      #ifndef MQA_COMPILED__
// CHECK:      #include <stdint.h>
// CHECK:      #ifndef MQA_BUFFER_F32_2D
// CHECK:      typedef struct {
// CHECK-NEXT:   float *allocated;
// CHECK-NEXT:   float *aligned;
// CHECK-NEXT:   int64_t offset;
// CHECK-NEXT:   int64_t sizes[2];
// CHECK-NEXT:   int64_t strides[2];
// CHECK-NEXT: } mqa_buffer_f32_2d;
// CHECK:      static inline mqa_buffer_f32_2d
// CHECK-NEXT: mqa_make_buffer_f32_2d(const float *data, int64_t size0, int64_t size1) {
// CHECK:        buffer.strides[1] = 1;
// CHECK-NEXT:   buffer.strides[0] = buffer.strides[1] * size1;
// CHECK:      #endif // MQA_BUFFER_F32_2D
// CHECK-NOT:  #ifndef MQA_BUFFER_F32_2D

// CHECK:      uint8_t *allocated;
// CHECK:      } mqa_buffer_i1_1d;
// CHECK:      uint16_t *allocated;
// CHECK:      } mqa_buffer_bf16_1d;
// A buffer of rank 0 has neither sizes nor strides.
// CHECK:      double *aligned;
// CHECK-NEXT: int64_t offset;
// CHECK-NEXT: } mqa_buffer_f64_0d;

// CHECK:      extern "C" {
// CHECK:      void mqa_set_num_threads(int count);

// CHECK:      void _mlir_ciface_scale(mqa_buffer_f32_2d *arg0, float arg1, mqa_buffer_f32_2d *arg2);
// CHECK:      /// The compiled function @scale ({{.*}}header.mlir:[[#]]:1).
// CHECK:      ///   arg0: f32 [4, ?]
// CHECK-NEXT: ///   arg1: f32
// CHECK-NEXT: ///   arg2: f32 [4, ?], destination: receives result 0
// CHECK-NEXT: static inline void mqa_scale(const mqa_buffer_f32_2d *arg0, float arg1, mqa_buffer_f32_2d *arg2) {
// CHECK-NEXT:   _mlir_ciface_scale((mqa_buffer_f32_2d *)arg0, arg1, (mqa_buffer_f32_2d *)arg2);
func.func @scale(%x: tensor<4x?xf32>, %f: f32, %out: tensor<4x?xf32>) -> tensor<4x?xf32> {
  %0 = linalg.map ins(%x : tensor<4x?xf32>) outs(%out : tensor<4x?xf32>)
    (%a: f32, %b: f32) {
      %m = arith.mulf %a, %f : f32
      linalg.yield %m : f32
    }
  return %0 : tensor<4x?xf32>
}

// Several results are one struct, written through the first pointer.
// CHECK:      typedef struct {
// CHECK-NEXT:   mqa_buffer_bf16_1d result0; ///< bf16 [3]
// CHECK-NEXT:   uint8_t result1; ///< i1
// CHECK-NEXT:   int64_t result2; ///< index
// CHECK-NEXT: } mqa_several_results;
// CHECK:      void _mlir_ciface_several(mqa_several_results *results, mqa_buffer_i1_1d *arg0, uint8_t arg1, int64_t arg2);
// CHECK:      ///   result0: bf16 [3], allocated by the call: free() its `allocated`
func.func @several(%x: tensor<3xi1>, %b: i1, %n: index) -> (tensor<3xbf16>, i1, index) {
  %c = arith.constant dense<1.0> : tensor<3xbf16>
  return %c, %b, %n : tensor<3xbf16>, i1, index
}

// One buffer: the pointer is to its descriptor.
// CHECK:      void _mlir_ciface_constant(mqa_buffer_f64_0d *results);
func.func @constant() -> tensor<f64> {
  %c = arith.constant dense<1.0> : tensor<f64>
  return %c : tensor<f64>
}

// One scalar is returned; of an i1 only the lowest bit is defined.
// CHECK:      uint8_t _mlir_ciface_less(int64_t arg0, int32_t arg1);
// CHECK:      return _mlir_ciface_less(arg0, arg1) & 1;
func.func @less(%n: index, %m: i32) -> i1 {
  %k = arith.index_cast %m : i32 to index
  %r = arith.cmpi slt, %n, %k : index
  return %r : i1
}

// CHECK:      void _mlir_ciface_fill(mqa_buffer_f64_0d *arg0);
// CHECK:      ///   arg0: f64 [], read or written as the function says
func.func @fill(%m: memref<f64>) {
  %c = arith.constant 2.0 : f64
  memref.store %c, %m[] : memref<f64>
  return
}

// Private functions have no entry.
// CHECK-NOT: helper
func.func private @helper(%n: index) -> index {
  return %n : index
}
