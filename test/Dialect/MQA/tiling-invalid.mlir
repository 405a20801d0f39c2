// What cannot be cut says so.
// RUN: not mqa-opt %s -transform-interpreter -split-input-file 2>&1 | FileCheck %s

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#a = affine_map<(m, n, d, e) -> (m, e)>
#r = affine_map<(m, n, d, e) -> (m)>

// The softmax needs every key.
// CHECK: error: 'mqa.attention' op cannot be tiled in dimension d1, every tile needs all of it
func.func @keys(%q: tensor<8x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x6xf32>, %o: tensor<8x6xf32>) -> tensor<8x6xf32> {
  %x = mqa.attention {indexing_maps = [#q, #k, #v, #a]}
    ins(%q, %k, %v : tensor<8x4xf32>, tensor<?x4xf32>, tensor<?x6xf32>)
    outs(%o : tensor<8x6xf32>) -> tensor<8x6xf32>
  return %x : tensor<8x6xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["mqa.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %x:2 = transform.structured.tile_using_for %op tile_sizes [0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#a = affine_map<(m, n, d, e) -> (m, e)>
#r = affine_map<(m, n, d, e) -> (m)>

// A score needs the whole depth.
// CHECK: error: 'mqa.attention' op cannot be tiled in dimension d2, every tile needs all of it
func.func @depth(%q: tensor<8x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x6xf32>, %o: tensor<8x6xf32>) -> tensor<8x6xf32> {
  %x = mqa.attention {indexing_maps = [#q, #k, #v, #a]}
    ins(%q, %k, %v : tensor<8x4xf32>, tensor<?x4xf32>, tensor<?x6xf32>)
    outs(%o : tensor<8x6xf32>) -> tensor<8x6xf32>
  return %x : tensor<8x6xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["mqa.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %x:2 = transform.structured.tile_using_for %op tile_sizes [0, 0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#a = affine_map<(m, n, d, e) -> (m, e)>
#r = affine_map<(m, n, d, e) -> (m)>

// Every tile of values would write the log-sum-exp.
// CHECK: error: 'mqa.attention' op cannot be tiled in dimension d3, every tile needs all of it
func.func @values(%q: tensor<8x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x6xf32>, %o: tensor<8x6xf32>, %l: tensor<8xf32>) -> (tensor<8x6xf32>, tensor<8xf32>) {
  %x:2 = mqa.attention {indexing_maps = [#q, #k, #v, #a, #r]}
    ins(%q, %k, %v : tensor<8x4xf32>, tensor<?x4xf32>, tensor<?x6xf32>)
    outs(%o, %l : tensor<8x6xf32>, tensor<8xf32>) -> tensor<8x6xf32>, tensor<8xf32>
  return %x#0, %x#1 : tensor<8x6xf32>, tensor<8xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["mqa.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %x:2 = transform.structured.tile_using_for %op tile_sizes [0, 0, 0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#a = affine_map<(m, n, d, e) -> (m, e)>
#r = affine_map<(m, n, d, e) -> (m)>

// Every tile of values would update max and sum.
// CHECK: error: 'mqa.online_attention' op cannot be tiled in dimension d3, every tile needs all of it
func.func @update_values(%q: tensor<8x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x6xf32>, %a: tensor<8x6xf32>,
    %m: tensor<8xf32>, %s: tensor<8xf32>) -> tensor<8x6xf32> {
  %x:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r]}
    ins(%q, %k, %v : tensor<8x4xf32>, tensor<?x4xf32>, tensor<?x6xf32>)
    outs(%a, %m, %s : tensor<8x6xf32>, tensor<8xf32>, tensor<8xf32>)
    -> tensor<8x6xf32>, tensor<8xf32>, tensor<8xf32>
  return %x#0 : tensor<8x6xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["mqa.online_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %x:2 = transform.structured.tile_using_for %op tile_sizes [0, 0, 0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#a = affine_map<(m, n, d, e) -> (m, e)>
#r = affine_map<(m, n, d, e) -> (m)>

// Only keys have partial states.
// CHECK: error: 'mqa.online_attention' op cannot be split in dimension d2, expected a key dimension, got a depth dimension
func.func @split_depth(%q: tensor<8x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x6xf32>, %a: tensor<8x6xf32>,
    %m: tensor<8xf32>, %s: tensor<8xf32>) -> tensor<8x6xf32> {
  %x:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r]}
    ins(%q, %k, %v : tensor<8x4xf32>, tensor<?x4xf32>, tensor<?x6xf32>)
    outs(%a, %m, %s : tensor<8x6xf32>, tensor<8xf32>, tensor<8xf32>)
    -> tensor<8x6xf32>, tensor<8xf32>, tensor<8xf32>
  return %x#0 : tensor<8x6xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["mqa.online_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %x:6 = transform.structured.tile_reduction_using_forall %op reduction_dims = [2] by tile_sizes = [0, 0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#a = affine_map<(m, n, d, e) -> (m, e)>
#r = affine_map<(m, n, d, e) -> (m)>

// A state per key of a block would need the keys as rows.
// CHECK: error: 'mqa.online_attention' op cannot keep a state per key of a block, expected the splits in the outer, parallel loop
func.func @split_inside(%q: tensor<8x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x6xf32>, %a: tensor<8x6xf32>,
    %m: tensor<8xf32>, %s: tensor<8xf32>) -> tensor<8x6xf32> {
  %x:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r]}
    ins(%q, %k, %v : tensor<8x4xf32>, tensor<?x4xf32>, tensor<?x6xf32>)
    outs(%a, %m, %s : tensor<8x6xf32>, tensor<8xf32>, tensor<8xf32>)
    -> tensor<8x6xf32>, tensor<8xf32>, tensor<8xf32>
  return %x#0 : tensor<8x6xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["mqa.online_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %x:6 = transform.structured.tile_reduction_using_for %op by tile_sizes = [0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}
