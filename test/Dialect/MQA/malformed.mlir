// Input that no printer would write is refused with an error, never a crash.
// RUN: mqa-opt %s -split-input-file -verify-diagnostics -allow-unregistered-dialect

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @no_operands() {
  // expected-error@below {{expected 4 or more operands, but found 0}}
  "mqa.attention"() <{indexing_maps = [#q, #k, #v, #o], operandSegmentSizes = array<i32: 0, 0, 0, 0, 0, 0, 0>}> ({}, {}) : () -> ()
  return
}

// -----

func.func @segments(%a: memref<4x4xf32>) {
  // expected-error@below {{operand count (4) does not match with the total size (5) specified in attribute 'operandSegmentSizes'}}
  "mqa.attention"(%a, %a, %a, %a) <{indexing_maps = [], operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1, 0>}> ({}, {}) : (memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

func.func @negative_segment(%a: memref<4x4xf32>) {
  // expected-error@below {{'operandSegmentSizes'}}
  "mqa.attention"(%a, %a, %a, %a) <{indexing_maps = [], operandSegmentSizes = array<i32: 1, 1, 1, -1, 1, 1, 0>}> ({}, {}) : (memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

func.func @short_segments(%a: memref<4x4xf32>) {
  // expected-error@below {{size mismatch in attribute conversion: 1 vs 7}}
  "mqa.attention"(%a, %a, %a, %a) <{indexing_maps = [], operandSegmentSizes = array<i32: 4>}> ({}, {}) : (memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

func.func @no_maps(%a: memref<4x4xf32>) {
  // expected-error@below {{requires attribute 'indexing_maps'}}
  "mqa.merge"(%a, %a, %a, %a, %a, %a) : (memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

func.func @empty_maps(%a: memref<4x4xf32>, %b: memref<4x4xf32>) {
  // expected-error@below {{expected 4 indexing maps, one per operand, got 0}}
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({}, {}) : (memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

func.func @maps_of_another_kind(%a: memref<4x4xf32>, %b: memref<4x4xf32>) {
  // expected-error@below {{AffineMap array attribute}}
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [1 : i32, 2 : i32], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({}, {}) : (memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

func.func @no_dimensions(%a: memref<4x4xf32>, %b: memref<4x4xf32>) {
  // expected-error@below {{to have 2 results, the rank of the operand}}
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>, affine_map<() -> ()>, affine_map<() -> ()>], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({}, {}) : (memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

func.func @rank_zero(%a: memref<f32>, %b: memref<f32>) {
  // expected-error@below {{expected at least one key dimension, got none}}
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>, affine_map<() -> ()>, affine_map<() -> ()>], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({}, {}) : (memref<f32>, memref<f32>, memref<f32>, memref<f32>) -> ()
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @constant_results(%a: memref<4x4xf32>, %b: memref<4x4xf32>) {
  // expected-error@below {{to be a projected permutation}}
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [#q, affine_map<(m, n, d, e) -> (0, 0)>, #v, #o], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({}, {}) : (memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @unranked(%a: memref<*xf32>, %b: memref<*xf32>) {
  // expected-error@below {{must be ranked tensor or strided memref}}
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [#q, #k, #v, #o], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({}, {}) : (memref<*xf32>, memref<*xf32>, memref<*xf32>, memref<*xf32>) -> ()
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @vectors(%a: vector<4x4xf32>, %b: vector<4x4xf32>) {
  // expected-error@below {{must be ranked tensor or strided memref}}
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [#q, #k, #v, #o], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({}, {}) : (vector<4x4xf32>, vector<4x4xf32>, vector<4x4xf32>, vector<4x4xf32>) -> ()
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @tiled_layout(%a: memref<4x4xf32, affine_map<(i, j) -> (i floordiv 2, j, i mod 2)>>, %b: memref<4x4xf32>) {
  // expected-error@below {{must be ranked tensor or strided memref}}
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [#q, #k, #v, #o], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({}, {}) : (memref<4x4xf32, affine_map<(i, j) -> (i floordiv 2, j, i mod 2)>>, memref<4x4xf32, affine_map<(i, j) -> (i floordiv 2, j, i mod 2)>>, memref<4x4xf32, affine_map<(i, j) -> (i floordiv 2, j, i mod 2)>>, memref<4x4xf32>) -> ()
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @integer_queries(%a: memref<4x4xi32>, %b: memref<4x4xf32>) {
  // expected-error@below {{must be ranked tensor or strided memref}}
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [#q, #k, #v, #o], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({}, {}) : (memref<4x4xi32>, memref<4x4xi32>, memref<4x4xi32>, memref<4x4xf32>) -> ()
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @integer_scale(%a: memref<4x4xf32>, %b: memref<4x4xf32>) {
  // expected-error@below {{32-bit float attribute or 64-bit float attribute}}
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [#q, #k, #v, #o], scale = 1 : i32, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({}, {}) : (memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @half_scale(%a: memref<4x4xf32>, %b: memref<4x4xf32>) {
  // expected-error@below {{32-bit float attribute or 64-bit float attribute}}
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [#q, #k, #v, #o], scale = 1.0 : f16, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({}, {}) : (memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @another_schedule(%a: memref<4x4xf32>, %b: memref<4x4xf32>) {
  // expected-error@below {{Invalid attribute `schedule` in property conversion}}
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [#q, #k, #v, #o], schedule = 1 : i32, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({}, {}) : (memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @one_region(%a: memref<4x4xf32>, %b: memref<4x4xf32>) {
  // expected-error@below {{expected 2 regions}}
  "mqa.attention"(%a, %a, %a, %b) <{indexing_maps = [#q, #k, #v, #o], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0>}> ({}) : (memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}
