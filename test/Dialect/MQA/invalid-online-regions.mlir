// What is no mqa.online_attention: its regions (docs/Spec.md).
// RUN: mqa-opt %s -split-input-file -verify-diagnostics

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c15(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>) {
  // expected-error@below {{expected one block in the mask region, got 2}}
  mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    mask {
    ^bb0(%h: index, %m: index, %n: index):
      %t = arith.constant true
      cf.br ^bb1
    ^bb1:
      %u = arith.constant true
      mqa.yield %u : i1
    }
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c16(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>) {
  // expected-error@below {{expected 3 arguments of the mask region, got 2}}
  mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    mask {
    ^bb0(%h: index, %m: index):
      %t = arith.constant true
      mqa.yield %t : i1
    }
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c16_type(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>) {
  // expected-error@below {{expected argument #0 of the score region to be 'f32', got 'f64'}}
  mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    score {
    ^bb0(%t: f64, %h: index, %m: index, %n: index):
      %u = arith.constant 1.0 : f32
      mqa.yield %u : f32
    }
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c17(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>) {
  // expected-error@below {{expected the mask region to end in 'mqa.yield'}}
  mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    mask {
    ^bb0(%h: index, %m: index, %n: index):
      llvm.unreachable
    }
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c17_type(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>) {
  mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    mask {
    ^bb0(%h: index, %m: index, %n: index):
      // expected-error@below {{expected 'i1' from the mask region, got 'index'}}
      mqa.yield %n : index
    }
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c18(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>, %z: memref<7xi1>) {
  mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    mask {
    ^bb0(%h: index, %m: index, %n: index):
      // expected-error@below {{expected only pure operations in the mask region}}
      %t = memref.load %z[%n] : memref<7xi1>
      mqa.yield %t : i1
    }
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @online_c19(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>, %x: memref<3x5xf32>, %s: memref<3x5xf32>, %z: tensor<7xi1>) {
  mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o, %x, %s : memref<3x5x4xf32>, memref<3x5xf32>, memref<3x5xf32>)
    mask {
    ^bb0(%h: index, %m: index, %n: index):
      // expected-error@below {{expected only scalars in the mask region, got 'tensor<7xi1>'}}
      %t = tensor.extract %z[%n] : tensor<7xi1>
      mqa.yield %t : i1
    }
  return
}
