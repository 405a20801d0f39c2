// RUN: mqa-opt %s --mqa-promote-to-f64 --split-input-file | FileCheck %s

// f16, bf16 and f32 become f64 wherever a type or an attribute has them; numbers
// stay what they are, and conversions that become superfluous vanish.

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
#l = affine_map<(m, n, d, e) -> (m)>
#x = affine_map<(m, n, d, e) -> (n)>

// CHECK-LABEL: func @attention
// CHECK-SAME: %{{.*}}: tensor<5x8xf64>, %{{.*}}: tensor<?x8xf64>, %{{.*}}: tensor<?x7xf64>, %{{.*}}: tensor<?xf64>, %{{.*}}: tensor<5x7xf64>, %{{.*}}: tensor<5xf64>) -> (tensor<5x7xf64>, tensor<5xf64>)
// CHECK: mqa.attention {{.*}}scale = 1.250000e-01 : f64
// CHECK: ^bb0(%[[S:.*]]: f64, %[[X:.*]]: f64, %{{.*}}: index, %{{.*}}: index):
// CHECK-NEXT: %[[SUM:.*]] = arith.addf %[[S]], %[[X]] : f64
// CHECK-NEXT: mqa.yield %[[SUM]] : f64
func.func @attention(%q: tensor<5x8xbf16>, %k: tensor<?x8xbf16>, %v: tensor<?x7xf16>, %x: tensor<?xbf16>, %o: tensor<5x7xbf16>, %l: tensor<5xf32>) -> (tensor<5x7xbf16>, tensor<5xf32>) {
  %r:2 = mqa.attention {indexing_maps = [#q, #k, #v, #x, #o, #l], scale = 0.125 : f32}
    ins(%q, %k, %v, %x : tensor<5x8xbf16>, tensor<?x8xbf16>, tensor<?x7xf16>, tensor<?xbf16>)
    outs(%o, %l : tensor<5x7xbf16>, tensor<5xf32>)
    score {
    ^bb0(%s: f32, %b: bf16, %m: index, %n: index):
      %wide = arith.extf %b : bf16 to f32
      %t = arith.addf %s, %wide : f32
      mqa.yield %t : f32
    } -> tensor<5x7xbf16>, tensor<5xf32>
  return %r#0, %r#1 : tensor<5x7xbf16>, tensor<5xf32>
}

// -----

// CHECK: memref.global "private" constant @table : memref<2xf64> = dense<[1.500000e+00, -2.000000e+00]>
memref.global "private" constant @table : memref<2xf32> = dense<[1.5, -2.0]>

// CHECK-LABEL: func @constants
// CHECK-SAME: -> (f64, tensor<2xf64>, vector<4xf64>, memref<2xf64>, tensor<2xi32>)
// CHECK-DAG: arith.constant 0.10000000149011612 : f64
// CHECK-DAG: arith.constant dense<[0xFFF0000000000000, 6.550400e+04]> : tensor<2xf64>
// CHECK-DAG: arith.constant dense<3.000000e+00> : vector<4xf64>
// CHECK-DAG: arith.constant dense<[1, 2]> : tensor<2xi32>
// CHECK-DAG: memref.get_global @table : memref<2xf64>
func.func @constants() -> (f32, tensor<2xf16>, vector<4xbf16>, memref<2xf32>, tensor<2xi32>) {
  %0 = arith.constant 0.1 : f32
  %1 = arith.constant dense<[0xFC00, 65504.0]> : tensor<2xf16>
  %2 = arith.constant dense<3.0> : vector<4xbf16>
  %3 = memref.get_global @table : memref<2xf32>
  %4 = arith.constant dense<[1, 2]> : tensor<2xi32>
  return %0, %1, %2, %3, %4 : f32, tensor<2xf16>, vector<4xbf16>, memref<2xf32>, tensor<2xi32>
}

// -----

// CHECK-LABEL: func @conversions
// CHECK-SAME: %[[X:.*]]: f64, %[[I:.*]]: i32) -> (f64, f64, i32)
// CHECK: %[[F:.*]] = arith.sitofp %[[I]] : i32 to f64
// CHECK: %[[T:.*]] = arith.fptosi %[[X]] : f64 to i32
// CHECK: return %[[X]], %[[F]], %[[T]]
func.func @conversions(%x: f64, %i: i32) -> (f16, f32, i32) {
  %0 = arith.truncf %x : f64 to f32
  %1 = arith.truncf %0 : f32 to f16
  %2 = arith.sitofp %i : i32 to f32
  %3 = arith.fptosi %0 : f32 to i32
  return %1, %2, %3 : f16, f32, i32
}

// -----

// Loops, calls and linalg: the types of blocks follow.

// CHECK-LABEL: func @loop
// CHECK-NOT: f32
// CHECK: scf.for {{.*}} -> (tensor<5xf64>)
// CHECK: ^bb0(%[[IN:.*]]: f64, %{{.*}}: f64):
// CHECK-NEXT: %[[E:.*]] = math.exp %[[IN]] : f64
// CHECK-NEXT: linalg.yield %[[E]] : f64
// CHECK: call @loop(%{{.*}}) : (tensor<5xf64>, index) -> tensor<5xf64>
func.func @loop(%x: tensor<5xf32>, %n: index) -> tensor<5xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> tensor<5xf32> {
    %e = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<5xf32>) outs(%a : tensor<5xf32>) {
    ^bb0(%in: f32, %out: f32):
      %y = math.exp %in : f32
      linalg.yield %y : f32
    } -> tensor<5xf32>
    scf.yield %e : tensor<5xf32>
  }
  %s = func.call @loop(%r, %c0) : (tensor<5xf32>, index) -> tensor<5xf32>
  return %s : tensor<5xf32>
}
