// RUN: mqa-opt %s --convert-mqa-to-linalg %to_llvm | %run | FileCheck %s
// RUN: mqa-opt %s --mqa-promote-to-f64 --convert-mqa-to-linalg %to_llvm | %run | FileCheck %s

// Online attention over two ranges of keys, merged and finalized, is attention;
// on memrefs as well. Row 0 sees no key, row 1 none of the second range.

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
#t = affine_map<(m, n, d, e) -> (e, m)>
#r = affine_map<(m, n, d, e) -> (m)>
#a2 = affine_map<(m, e) -> (m, e)>
#t2 = affine_map<(m, e) -> (e, m)>
#r2 = affine_map<(m, e) -> (m)>

// A number between -1 and 1 from three indices.
func.func private @number(%i: index, %j: index, %seed: index) -> f32 {
  %c7 = arith.constant 7 : index
  %c11 = arith.constant 11 : index
  %c17 = arith.constant 17 : index
  %half = arith.constant 8.0 : f32
  %0 = arith.muli %i, %c7 : index
  %1 = arith.muli %j, %c11 : index
  %2 = arith.addi %0, %1 : index
  %3 = arith.addi %2, %seed : index
  %4 = arith.remui %3, %c17 : index
  %5 = arith.index_cast %4 : index to i32
  %6 = arith.sitofp %5 : i32 to f32
  %7 = arith.subf %6, %half : f32
  %8 = arith.divf %7, %half : f32
  return %8 : f32
}

func.func @filled(%rows: index, %columns: index, %seed: index) -> tensor<?x?xf32> {
  %0 = tensor.generate %rows, %columns {
  ^bb0(%i: index, %j: index):
    %x = func.call @number(%i, %j, %seed) : (index, index, index) -> f32
    tensor.yield %x : f32
  } : tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// The state of keys %first, %first + 1, ...; row m sees the keys before 2 m.
func.func @state(%q: tensor<4x3xf32>, %k: tensor<?x3xf32>, %v: tensor<?x2xf32>, %first: index) -> (tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %zero = arith.constant 0.0 : f32
  %acc = arith.constant dense<0.0> : tensor<2x4xf32>
  %max = arith.constant dense<0xFF800000> : tensor<4xf32>
  %sum = arith.constant dense<0.0> : tensor<4xf32>
  %c2 = arith.constant 2 : index
  %s:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #t, #r, #r], scale = 3.0 : f32}
    ins(%q, %k, %v : tensor<4x3xf32>, tensor<?x3xf32>, tensor<?x2xf32>)
    outs(%acc, %max, %sum : tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>)
    mask {
    ^bb0(%m: index, %n: index):
      %key = arith.addi %n, %first : index
      %end = arith.muli %m, %c2 : index
      %keep = arith.cmpi ult, %key, %end : index
      mqa.yield %keep : i1
    } -> tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>
  return %s#0, %s#1, %s#2 : tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>
}

// Prints whether both are the same up to rounding, infinities included.
func.func @compare(%a: tensor<?xf32>, %b: tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %worst = arith.constant dense<0.0> : tensor<f32>
  %d = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
    ins(%a, %b : tensor<?xf32>, tensor<?xf32>) outs(%worst : tensor<f32>) {
  ^bb0(%x: f32, %y: f32, %w: f32):
    %zero = arith.constant 0.0 : f32
    %same = arith.cmpf oeq, %x, %y : f32
    %difference = arith.subf %x, %y : f32
    %absolute = math.absf %difference : f32
    %error = arith.select %same, %zero, %absolute : f32
    %max = arith.maximumf %w, %error : f32
    linalg.yield %max : f32
  } -> tensor<f32>
  %w = tensor.extract %d[] : tensor<f32>
  %tolerance = arith.constant 1.0e-6 : f32
  %right = arith.cmpf ole, %w, %tolerance : f32
  vector.print %right : i1
  return
}

func.func @main() {
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %c7 = arith.constant 7 : index
  %c0 = arith.constant 0 : index
  %dq = call @filled(%c4, %c3, %c0) : (index, index, index) -> tensor<?x?xf32>
  %dk = call @filled(%c7, %c3, %c2) : (index, index, index) -> tensor<?x?xf32>
  %dv = call @filled(%c7, %c2, %c3) : (index, index, index) -> tensor<?x?xf32>
  %q = tensor.cast %dq : tensor<?x?xf32> to tensor<4x3xf32>
  %k = tensor.cast %dk : tensor<?x?xf32> to tensor<?x3xf32>
  %v = tensor.cast %dv : tensor<?x?xf32> to tensor<?x2xf32>

  %o = tensor.empty() : tensor<4x2xf32>
  %l = tensor.empty() : tensor<4xf32>
  %whole:2 = mqa.attention {indexing_maps = [#q, #k, #v, #o, #r], scale = 3.0 : f32}
    ins(%q, %k, %v : tensor<4x3xf32>, tensor<?x3xf32>, tensor<?x2xf32>)
    outs(%o, %l : tensor<4x2xf32>, tensor<4xf32>)
    mask {
    ^bb0(%m: index, %n: index):
      %end = arith.muli %m, %c2 : index
      %keep = arith.cmpi ult, %n, %end : index
      mqa.yield %keep : i1
    } -> tensor<4x2xf32>, tensor<4xf32>

  %k0 = tensor.extract_slice %k[0, 0] [3, 3] [1, 1] : tensor<?x3xf32> to tensor<3x3xf32>
  %v0 = tensor.extract_slice %v[0, 0] [3, 2] [1, 1] : tensor<?x2xf32> to tensor<3x2xf32>
  %k1 = tensor.extract_slice %k[3, 0] [4, 3] [1, 1] : tensor<?x3xf32> to tensor<4x3xf32>
  %v1 = tensor.extract_slice %v[3, 0] [4, 2] [1, 1] : tensor<?x2xf32> to tensor<4x2xf32>
  %k0d = tensor.cast %k0 : tensor<3x3xf32> to tensor<?x3xf32>
  %v0d = tensor.cast %v0 : tensor<3x2xf32> to tensor<?x2xf32>
  %k1d = tensor.cast %k1 : tensor<4x3xf32> to tensor<?x3xf32>
  %v1d = tensor.cast %v1 : tensor<4x2xf32> to tensor<?x2xf32>
  %a:3 = call @state(%q, %k0d, %v0d, %c0) : (tensor<4x3xf32>, tensor<?x3xf32>, tensor<?x2xf32>, index) -> (tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>)
  %b:3 = call @state(%q, %k1d, %v1d, %c3) : (tensor<4x3xf32>, tensor<?x3xf32>, tensor<?x2xf32>, index) -> (tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>)
  %both:3 = mqa.merge {indexing_maps = [#t2, #r2, #r2, #t2, #r2, #r2]}
    ins(%a#0, %a#1, %a#2 : tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>)
    outs(%b#0, %b#1, %b#2 : tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>)
    -> tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>
  %parts:2 = mqa.finalize {indexing_maps = [#t2, #r2, #r2, #a2, #r2]}
    ins(%both#0, %both#1, %both#2 : tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>)
    outs(%o, %l : tensor<4x2xf32>, tensor<4xf32>) -> tensor<4x2xf32>, tensor<4xf32>

  // The first row of the whole: no key.
  // CHECK: 0
  // CHECK-NEXT: -inf
  %x00 = tensor.extract %whole#0[%c0, %c0] : tensor<4x2xf32>
  %l0 = tensor.extract %whole#1[%c0] : tensor<4xf32>
  vector.print %x00 : f32
  vector.print %l0 : f32

  // Output and log-sum-exp.
  // CHECK-NEXT: 1
  // CHECK-NEXT: 1
  %x = tensor.collapse_shape %whole#0 [[0, 1]] : tensor<4x2xf32> into tensor<8xf32>
  %y = tensor.collapse_shape %parts#0 [[0, 1]] : tensor<4x2xf32> into tensor<8xf32>
  %xd = tensor.cast %x : tensor<8xf32> to tensor<?xf32>
  %yd = tensor.cast %y : tensor<8xf32> to tensor<?xf32>
  call @compare(%xd, %yd) : (tensor<?xf32>, tensor<?xf32>) -> ()
  %xl = tensor.cast %whole#1 : tensor<4xf32> to tensor<?xf32>
  %yl = tensor.cast %parts#1 : tensor<4xf32> to tensor<?xf32>
  call @compare(%xl, %yl) : (tensor<?xf32>, tensor<?xf32>) -> ()

  // The same on memrefs, the state of the first range updated by the second.
  // CHECK-NEXT: 1
  %mq = bufferization.to_buffer %q : tensor<4x3xf32> to memref<4x3xf32>
  %mk = bufferization.to_buffer %k1 : tensor<4x3xf32> to memref<4x3xf32, strided<[?, ?], offset: ?>>
  %mv = bufferization.to_buffer %v1 : tensor<4x2xf32> to memref<4x2xf32, strided<[?, ?], offset: ?>>
  %acc = memref.alloc() : memref<2x4xf32>
  %max = memref.alloc() : memref<4xf32>
  %sum = memref.alloc() : memref<4xf32>
  %out = memref.alloc() : memref<4x2xf32>
  bufferization.materialize_in_destination %a#0 in restrict writable %acc : (tensor<2x4xf32>, memref<2x4xf32>) -> ()
  bufferization.materialize_in_destination %a#1 in restrict writable %max : (tensor<4xf32>, memref<4xf32>) -> ()
  bufferization.materialize_in_destination %a#2 in restrict writable %sum : (tensor<4xf32>, memref<4xf32>) -> ()
  mqa.online_attention {indexing_maps = [#q, #k, #v, #t, #r, #r], scale = 3.0 : f32}
    ins(%mq, %mk, %mv : memref<4x3xf32>, memref<4x3xf32, strided<[?, ?], offset: ?>>, memref<4x2xf32, strided<[?, ?], offset: ?>>)
    outs(%acc, %max, %sum : memref<2x4xf32>, memref<4xf32>, memref<4xf32>)
    mask {
    ^bb0(%m: index, %n: index):
      %key = arith.addi %n, %c3 : index
      %end = arith.muli %m, %c2 : index
      %keep = arith.cmpi ult, %key, %end : index
      mqa.yield %keep : i1
    }
  mqa.finalize {indexing_maps = [#t2, #r2, #r2, #a2]}
    ins(%acc, %max, %sum : memref<2x4xf32>, memref<4xf32>, memref<4xf32>) outs(%out : memref<4x2xf32>)
  %z2 = bufferization.to_tensor %out restrict : memref<4x2xf32> to tensor<4x2xf32>
  %z = tensor.collapse_shape %z2 [[0, 1]] : tensor<4x2xf32> into tensor<8xf32>
  %zd = tensor.cast %z : tensor<8xf32> to tensor<?xf32>
  call @compare(%xd, %zd) : (tensor<?xf32>, tensor<?xf32>) -> ()
  return
}
