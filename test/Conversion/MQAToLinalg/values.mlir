// RUN: mqa-opt %s --convert-mqa-to-linalg %to_llvm | %run | FileCheck %s
// RUN: mqa-opt %s --mqa-promote-to-f64 --convert-mqa-to-linalg %to_llvm | %run | FileCheck %s

// What the reference computes, in f32 and in f64. The expected numbers come from
// the formula: with q = [[1, 2], [1/2, -1]], k = [[1, 0], [0, 1], [1, 1]],
// v = [1, 2, 4] and scale 1/2, the scores are [[1/2, 1, 3/2], [1/4, -1/2, -1/4]].

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
#l = affine_map<(m, n, d, e) -> (m)>
#x = affine_map<(m, n, d, e) -> (n)>
#one = affine_map<(m, n, d, e) -> ()>

// Rows before %from are masked; %bias is added to the scores of each key.
func.func @attend(%q: tensor<2x2xf32>, %k: tensor<?x2xf32>, %v: tensor<?x1xf32>, %bias: tensor<?xf32>, %sink: tensor<f32>, %from: index) {
  %o = tensor.empty() : tensor<2x1xf32>
  %l = tensor.empty() : tensor<2xf32>
  %r:2 = mqa.attention {indexing_maps = [#q, #k, #v, #x, #one, #o, #l], scale = 0.5 : f32}
    ins(%q, %k, %v, %bias : tensor<2x2xf32>, tensor<?x2xf32>, tensor<?x1xf32>, tensor<?xf32>)
    sink(%sink : tensor<f32>) outs(%o, %l : tensor<2x1xf32>, tensor<2xf32>)
    mask {
    ^bb0(%x: f32, %m: index, %n: index):
      %keep = arith.cmpi uge, %m, %from : index
      mqa.yield %keep : i1
    } score {
    ^bb0(%s: f32, %x: f32, %m: index, %n: index):
      %t = arith.addf %s, %x : f32
      mqa.yield %t : f32
    } -> tensor<2x1xf32>, tensor<2xf32>
  %c0 = arith.constant 0 : index
  %pad = arith.constant 0.0 : f32
  %column = tensor.collapse_shape %r#0 [[0, 1]] : tensor<2x1xf32> into tensor<2xf32>
  %out = vector.transfer_read %column[%c0], %pad : tensor<2xf32>, vector<2xf32>
  %lse = vector.transfer_read %r#1[%c0], %pad : tensor<2xf32>, vector<2xf32>
  vector.print %out : vector<2xf32>
  vector.print %lse : vector<2xf32>
  return
}

func.func @main() {
  %q = arith.constant dense<[[1.0, 2.0], [0.5, -1.0]]> : tensor<2x2xf32>
  %k = arith.constant dense<[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]> : tensor<3x2xf32>
  %v = arith.constant dense<[[1.0], [2.0], [4.0]]> : tensor<3x1xf32>
  %zeros = arith.constant dense<0.0> : tensor<3xf32>
  %dead = arith.constant dense<[0.0, 0.0, 0xFF800000]> : tensor<3xf32>
  %least = arith.constant dense<-3.4e38> : tensor<3xf32>
  %none = arith.constant dense<0xFF800000> : tensor<f32>
  %sink = arith.constant dense<1.0> : tensor<f32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %kd = tensor.cast %k : tensor<3x2xf32> to tensor<?x2xf32>
  %vd = tensor.cast %v : tensor<3x1xf32> to tensor<?x1xf32>
  %bz = tensor.cast %zeros : tensor<3xf32> to tensor<?xf32>
  %bd = tensor.cast %dead : tensor<3xf32> to tensor<?xf32>
  %bl = tensor.cast %least : tensor<3xf32> to tensor<?xf32>

  // Every key, no sink.
  // CHECK: ( 2.82664, 2.10249 )
  // CHECK-NEXT: ( 2.18027, 0.981838 )
  call @attend(%q, %kd, %vd, %bz, %none, %c0) : (tensor<2x2xf32>, tensor<?x2xf32>, tensor<?x1xf32>, tensor<?xf32>, tensor<f32>, index) -> ()
  // A row without a live key gives 0 and minus infinity.
  // CHECK-NEXT: ( 0, 2.10249 )
  // CHECK-NEXT: ( -inf, 0.981838 )
  call @attend(%q, %kd, %vd, %bz, %none, %c1) : (tensor<2x2xf32>, tensor<?x2xf32>, tensor<?x1xf32>, tensor<?xf32>, tensor<f32>, index) -> ()
  // A sink takes its share, and is the log-sum-exp of a row without a live key.
  // CHECK-NEXT: ( 0, 1.0417 )
  // CHECK-NEXT: ( 1, 1.68411 )
  call @attend(%q, %kd, %vd, %bz, %sink, %c1) : (tensor<2x2xf32>, tensor<?x2xf32>, tensor<?x1xf32>, tensor<?xf32>, tensor<f32>, index) -> ()
  // A score of minus infinity is a masked one.
  // CHECK-NEXT: ( 1.62246, 1.32082 )
  // CHECK-NEXT: ( 1.47408, 0.636871 )
  call @attend(%q, %kd, %vd, %bd, %none, %c0) : (tensor<2x2xf32>, tensor<?x2xf32>, tensor<?x1xf32>, tensor<?xf32>, tensor<f32>, index) -> ()
  // The least finite score is a score.
  // CHECK-NEXT: ( 2.33333, 2.33333 )
  // CHECK-NEXT: ( -3.4e+38, -3.4e+38 )
  call @attend(%q, %kd, %vd, %bl, %none, %c0) : (tensor<2x2xf32>, tensor<?x2xf32>, tensor<?x1xf32>, tensor<?xf32>, tensor<f32>, index) -> ()

  // No key at all.
  // CHECK-NEXT: ( 0, 0 )
  // CHECK-NEXT: ( -inf, -inf )
  %k0 = tensor.empty(%c0) : tensor<?x2xf32>
  %v0 = tensor.empty(%c0) : tensor<?x1xf32>
  %b0 = tensor.empty(%c0) : tensor<?xf32>
  call @attend(%q, %k0, %v0, %b0, %none, %c0) : (tensor<2x2xf32>, tensor<?x2xf32>, tensor<?x1xf32>, tensor<?xf32>, tensor<f32>, index) -> ()
  return
}
