// Math that would become a library call becomes vector code.
// RUN: mqa-opt %s --mqa-expand-math | FileCheck %s --check-prefixes=CHECK,FMA
// RUN: mqa-opt %s --mqa-expand-math=avx512 | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: mqa-opt %s --mqa-expand-math=fma=false | FileCheck %s --check-prefixes=CHECK,SPLIT --implicit-check-not=math.fma

// CHECK-LABEL: func.func @exp2
// CHECK-NOT: math.exp2
// FMA: arith.maximumf %{{.*}} fastmath<nnan,nsz>
// FMA: arith.minimumf %{{.*}} fastmath<nnan,nsz>
// FMA-COUNT-5: math.fma
// FMA-NOT: math.fma
// FMA: arith.shli %{{.*}} : vector<2x16xi32>
// FMA: arith.bitcast %{{.*}} : vector<2x16xi32> to vector<2x16xf32>
// AVX512-NOT: arith.maximumf
// AVX512: llvm.call_intrinsic "llvm.x86.avx512.mask.reduce.ps.512"
// AVX512-COUNT-5: math.fma {{.*}} : vector<16xf32>
// AVX512: llvm.call_intrinsic "llvm.x86.avx512.mask.scalef.ps.512"
// AVX512: llvm.call_intrinsic "llvm.x86.avx512.mask.reduce.ps.512"
// AVX512: llvm.call_intrinsic "llvm.x86.avx512.mask.scalef.ps.512"
// SPLIT: arith.mulf
// SPLIT-NEXT: arith.addf
func.func @exp2(%x: vector<2x16xf32>) -> vector<2x16xf32> {
  %y = math.exp2 %x : vector<2x16xf32>
  return %y : vector<2x16xf32>
}

// What is never positive is not clamped from above. Vectors that are no whole
// AVX-512 vectors, and scalars, go by integer arithmetic.
// CHECK-LABEL: func.func @nonpositive
// CHECK-NOT: call_intrinsic
// CHECK: arith.maximumf
// CHECK-NOT: arith.minimumf
// CHECK: arith.shli %{{.*}} : vector<8xi32>
// CHECK-LABEL: func.func @scalar
// CHECK: arith.shli %{{.*}} : i32
func.func @nonpositive(%x: vector<8xf32>) -> vector<8xf32> {
  %y = math.exp2 %x {mqa.nonpositive} : vector<8xf32>
  return %y : vector<8xf32>
}
func.func @scalar(%x: f32) -> f32 {
  %y = math.exp2 %x : f32
  return %y : f32
}

// Widening of bf16, which LLVM's x86 back end cannot do for every length.
// CHECK-LABEL: func.func @from_bf16
// CHECK: %[[BITS:.*]] = arith.bitcast %{{.*}} : vector<17xbf16> to vector<17xi16>
// CHECK: %[[LOW:.*]] = arith.extui %[[BITS]] : vector<17xi16> to vector<17xi32>
// CHECK: %[[HIGH:.*]] = arith.shli %[[LOW]], %cst
// CHECK: arith.bitcast %[[HIGH]] : vector<17xi32> to vector<17xf32>
func.func @from_bf16(%x: vector<17xbf16>) -> vector<17xf32> {
  %y = arith.extf %x : vector<17xbf16> to vector<17xf32>
  return %y : vector<17xf32>
}

// Rounding to bf16: to nearest even, NaNs stay quiet NaNs.
// CHECK-LABEL: func.func @to_bf16
// CHECK-NOT: arith.truncf
// CHECK: arith.cmpi ugt
// CHECK: arith.select
// CHECK: arith.bitcast %{{.*}} : vector<8xi16> to vector<8xbf16>
func.func @to_bf16(%x: vector<8xf32>) -> vector<8xbf16> {
  %y = arith.truncf %x : vector<8xf32> to vector<8xbf16>
  return %y : vector<8xbf16>
}

// CHECK-LABEL: func.func @others
// CHECK-NOT: math.{{(exp|log|tanh|sinh|powf)}}
func.func @others(%x: vector<8xf32>) -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>) {
  %a = math.exp %x : vector<8xf32>
  %b = math.log %x : vector<8xf32>
  %c = math.tanh %x : vector<8xf32>
  %d = math.sinh %x : vector<8xf32>
  %e = math.powf %x, %x : vector<8xf32>
  return %a, %b, %c, %d, %e : vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>
}

// f64 has no expansion here, and f16 has instructions.
// CHECK-LABEL: func.func @not_expanded
// CHECK: math.exp2 %{{.*}} : vector<8xf64>
// CHECK: arith.truncf %{{.*}} : vector<8xf32> to vector<8xf16>
// CHECK: return
func.func @not_expanded(%x: vector<8xf64>, %z: vector<8xf32>) -> (vector<8xf64>, vector<8xf16>) {
  %y = math.exp2 %x : vector<8xf64>
  %h = arith.truncf %z : vector<8xf32> to vector<8xf16>
  return %y, %h : vector<8xf64>, vector<8xf16>
}
