// What cannot be tiled is an error at the op.
// RUN: mqa-opt %s --mqa-tile -split-input-file -verify-diagnostics

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#a = affine_map<(m, n, d, e) -> (m, e)>
#r = affine_map<(m, n, d, e) -> (m)>
func.func @memrefs(%q: memref<5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %a: memref<5x4xf32>, %m: memref<5xf32>, %s: memref<5xf32>) {
  // expected-error@below {{expected tensor operands, got memrefs}}
  mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r],
           schedule = #mqa.schedule<row_block = 8, row_panel = 8, key_block = 8, key_tile = 4, value_tile = 4, depth_step = 4>}
         ins(%q, %k, %v : memref<5x8xf32>, memref<7x8xf32>, memref<7x4xf32>) outs(%a, %m, %s : memref<5x4xf32>, memref<5xf32>, memref<5xf32>)
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#a = affine_map<(m, n, d, e) -> (m, e)>
#r = affine_map<(m, n, d, e) -> (m)>
func.func @f64(%q: tensor<5x8xf64>, %k: tensor<7x8xf64>, %v: tensor<7x4xf64>, %a: tensor<5x4xf64>, %m: tensor<5xf64>, %s: tensor<5xf64>) {
  // expected-error@below {{expected f16, bf16 or f32 elements and a state of f32, got a state of 'f64'}}
  %t:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r],
           schedule = #mqa.schedule<row_block = 8, row_panel = 8, key_block = 8, key_tile = 4, value_tile = 4, depth_step = 4>}
         ins(%q, %k, %v : tensor<5x8xf64>, tensor<7x8xf64>, tensor<7x4xf64>) outs(%a, %m, %s : tensor<5x4xf64>, tensor<5xf64>, tensor<5xf64>)
         -> tensor<5x4xf64>, tensor<5xf64>, tensor<5xf64>
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#a = affine_map<(m, n, d, e) -> (m, e)>
#r = affine_map<(m, n, d, e) -> (m)>
func.func @dynamic_depth(%q: tensor<5x?xf32>, %k: tensor<7x?xf32>, %v: tensor<7x4xf32>, %a: tensor<5x4xf32>, %m: tensor<5xf32>, %s: tensor<5xf32>) {
  // expected-error@below {{expected a static size of depth dimension d2, got a dynamic one}}
  %t:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r],
           schedule = #mqa.schedule<row_block = 8, row_panel = 8, key_block = 8, key_tile = 4, value_tile = 4, depth_step = 4>}
         ins(%q, %k, %v : tensor<5x?xf32>, tensor<7x?xf32>, tensor<7x4xf32>) outs(%a, %m, %s : tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>)
         -> tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#a = affine_map<(m, n, d, e) -> (m, e)>
#r = affine_map<(m, n, d, e) -> (m)>
func.func @dynamic_value(%q: tensor<5x8xf32>, %k: tensor<7x8xf32>, %v: tensor<7x?xf32>, %a: tensor<5x?xf32>, %m: tensor<5xf32>, %s: tensor<5xf32>) {
  // expected-error@below {{expected a static size of value dimension d3, got a dynamic one}}
  %t:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r],
           schedule = #mqa.schedule<row_block = 8, row_panel = 8, key_block = 8, key_tile = 4, value_tile = 4, depth_step = 4>}
         ins(%q, %k, %v : tensor<5x8xf32>, tensor<7x8xf32>, tensor<7x?xf32>) outs(%a, %m, %s : tensor<5x?xf32>, tensor<5xf32>, tensor<5xf32>)
         -> tensor<5x?xf32>, tensor<5xf32>, tensor<5xf32>
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#a = affine_map<(m, n, d, e) -> (m, e)>
#r = affine_map<(m, n, d, e) -> (m)>
func.func @zero_depth(%q: tensor<5x0xf32>, %k: tensor<7x0xf32>, %v: tensor<7x4xf32>, %a: tensor<5x4xf32>, %m: tensor<5xf32>, %s: tensor<5xf32>) {
  // expected-error@below {{expected at least one element of depth, got 0}}
  %t:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r],
           schedule = #mqa.schedule<row_block = 8, row_panel = 8, key_block = 8, key_tile = 4, value_tile = 4, depth_step = 4>}
         ins(%q, %k, %v : tensor<5x0xf32>, tensor<7x0xf32>, tensor<7x4xf32>) outs(%a, %m, %s : tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>)
         -> tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>
  return
}

// -----

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#a = affine_map<(m, n, d, e) -> (m, e)>
#r = affine_map<(m, n, d, e) -> (m)>
func.func @zero_value(%q: tensor<5x8xf32>, %k: tensor<7x8xf32>, %v: tensor<7x0xf32>, %a: tensor<5x0xf32>, %m: tensor<5xf32>, %s: tensor<5xf32>) {
  // expected-error@below {{expected at least one element of value, got 0}}
  %t:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r],
           schedule = #mqa.schedule<row_block = 8, row_panel = 8, key_block = 8, key_tile = 4, value_tile = 4, depth_step = 4>}
         ins(%q, %k, %v : tensor<5x8xf32>, tensor<7x8xf32>, tensor<7x0xf32>) outs(%a, %m, %s : tensor<5x0xf32>, tensor<5xf32>, tensor<5xf32>)
         -> tensor<5x0xf32>, tensor<5xf32>, tensor<5xf32>
  return
}
