// Regions that no printer would write are refused with an error, never a crash.
// RUN: mqa-opt %s -split-input-file -verify-diagnostics -allow-unregistered-dialect

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @empty_block(%a: memref<4x4xf32>, %b: memref<4x4xf32>) {
  // expected-error@below {{empty block: expect at least a terminator}}
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [#q, #k, #v, #o], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({
  ^bb0(%m: index, %n: index):
  }, {}) : (memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @no_terminator(%a: memref<4x4xf32>, %b: memref<4x4xf32>) {
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [#q, #k, #v, #o], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({
  ^bb0(%m: index, %n: index):
    // expected-error@below {{block with no terminator}}
    %c = arith.constant true
  }, {}) : (memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @unregistered_terminator(%a: memref<4x4xf32>, %b: memref<4x4xf32>) {
  // expected-error@below {{expected the mask region to end in 'mqa.yield'}}
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [#q, #k, #v, #o], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({
  ^bb0(%m: index, %n: index):
    "a.b"() : () -> ()
  }, {}) : (memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @branch(%a: memref<4x4xf32>, %b: memref<4x4xf32>) {
  // expected-error@below {{entry block of region may not have predecessors}}
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [#q, #k, #v, #o], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({
  ^bb0(%m: index, %n: index):
    cf.br ^bb0(%m, %n : index, index)
  }, {}) : (memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @yield_nothing(%a: memref<4x4xf32>, %b: memref<4x4xf32>) {
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [#q, #k, #v, #o], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({
  ^bb0(%m: index, %n: index):
    // expected-error@below {{requires a single operand}}
    "mqa.yield"() : () -> ()
  }, {}) : (memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @unregistered_op(%a: memref<4x4xf32>, %b: memref<4x4xf32>) {
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [#q, #k, #v, #o], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({
  ^bb0(%m: index, %n: index):
    // expected-error@below {{expected only pure operations in the mask region}}
    %c = "a.b"() : () -> i1
    mqa.yield %c : i1
  }, {}) : (memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @side_effect_below(%a: memref<4x4xf32>, %b: memref<4x4xf32>, %c: memref<4xi1>) {
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [#q, #k, #v, #o], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({
  ^bb0(%m: index, %n: index):
    %t = arith.constant true
    scf.if %t {
      // expected-error@below {{expected only pure operations in the mask region}}
      memref.store %t, %c[%m] : memref<4xi1>
    }
    mqa.yield %t : i1
  }, {}) : (memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

// A forward reference out of the mask may find the score region.
#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @value_of_the_other_region(%a: memref<4x4xf32>, %b: memref<4x4xf32>) {
  mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%a, %a, %a : memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>)
    outs(%b : memref<4x4xf32>)
    // expected-error@below {{expected regions that use no value of each other}}
    mask {
    ^bb0(%m: index, %n: index):
      %keep = arith.cmpf ogt, %s, %s : f32
      mqa.yield %keep : i1
    } score {
    ^bb0(%s: f32, %m: index, %n: index):
      mqa.yield %s : f32
    }
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @broken_second_region(%a: memref<4x4xf32>, %b: memref<4x4xf32>) {
  mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%a, %a, %a : memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>)
    outs(%b : memref<4x4xf32>)
    mask {
    ^bb0(%m: index, %n: index):
      %keep = arith.cmpf ogt, %s, %t : f32
      mqa.yield %keep : i1
    } score {
    ^bb0(%s: f32, %m: index, %n: index):
    // expected-error@below {{redefinition of block '^bb0'}}
    ^bb0(%t: f32, %x: index, %y: index):
      mqa.yield %s : f32
    }
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @value_that_never_comes(%a: memref<4x4xf32>, %b: memref<4x4xf32>) {
  mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%a, %a, %a : memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>)
    outs(%b : memref<4x4xf32>)
    mask {
    ^bb0(%m: index, %n: index):
      // expected-error@below {{use of undeclared SSA value name}}
      %keep = arith.cmpi eq, %never, %n : index
      mqa.yield %keep : i1
    }
  return
}
