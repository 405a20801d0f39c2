// Attention and online attention in canonical form carry nothing idle.
// RUN: mqa-opt %s -canonicalize -split-input-file | FileCheck %s

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>

// A mask that keeps all and a score that changes nothing go; so do the extra
// input that only they read, and nothing else.
// CHECK-LABEL: func.func @trivial_regions
// CHECK: mqa.attention {indexing_maps = [#{{.*}}, #{{.*}}, #{{.*}}, #{{[a-z0-9]+}}], scale = 5.000000e-01 : f32, schedule = #mqa.schedule<{{.*}}>, tag = 1 : i32}
// CHECK-SAME: ins(%{{.*}}, %{{.*}}, %{{.*}} : tensor<3x5x8xf32>, tensor<7x8xf32>, tensor<7x4xf32>)
// CHECK-SAME: outs(%{{.*}} : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
func.func @trivial_regions(%q: tensor<3x5x8xf32>, %k: tensor<7x8xf32>, %v: tensor<7x4xf32>,
                           %bias: tensor<3x5xf32>, %o: tensor<3x5x4xf32>) -> tensor<3x5x4xf32> {
  %x = mqa.attention {indexing_maps = [#q, #k, #v, #r, #o], scale = 0.5 : f32, tag = 1 : i32,
      schedule = #mqa.schedule<row_block = 32, row_panel = 16, key_block = 32, key_tile = 4,
                               value_tile = 4, depth_step = 4>}
    ins(%q, %k, %v, %bias : tensor<3x5x8xf32>, tensor<7x8xf32>, tensor<7x4xf32>, tensor<3x5xf32>)
    outs(%o : tensor<3x5x4xf32>)
    mask {
    ^bb0(%a: f32, %h: index, %m: index, %n: index):
      %t = arith.cmpi eq, %n, %n : index
      mqa.yield %t : i1
    } score {
    ^bb0(%s: f32, %a: f32, %h: index, %m: index, %n: index):
      mqa.yield %s : f32
    } -> tensor<3x5x4xf32>
  return %x : tensor<3x5x4xf32>
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>
#s = affine_map<(h, m, n, d, e) -> (m, h)>

// The input given twice goes, the one that is read through another map stays.
// CHECK-LABEL: func.func @duplicate_input
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<5x5xf32>, %[[Y:[a-z0-9]+]]: memref<5x5xf32>
// CHECK: mqa.attention
// CHECK-SAME: ins(%{{.*}}, %{{.*}}, %{{.*}}, %[[X]], %[[X]] :
// CHECK: ^bb0(%[[S:.*]]: f32, %[[A:.*]]: f32, %[[B:.*]]: f32, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index):
// CHECK: %[[T:.*]] = arith.addf %[[S]], %[[A]]
// CHECK: %[[U:.*]] = arith.addf %[[T]], %[[A]]
// CHECK: %[[W:.*]] = arith.addf %[[U]], %[[B]]
// CHECK: mqa.yield %[[W]]
func.func @duplicate_input(%x: memref<5x5xf32>, %y: memref<5x5xf32>, %q: memref<5x5x8xf32>,
                           %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<5x5x4xf32>) {
  mqa.attention {indexing_maps = [#q, #k, #v, #r, #r, #r, #s, #o]}
    ins(%q, %k, %v, %y, %x, %x, %x : memref<5x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>,
        memref<5x5xf32>, memref<5x5xf32>, memref<5x5xf32>, memref<5x5xf32>)
    outs(%o : memref<5x5x4xf32>)
    score {
    ^bb0(%s: f32, %u: f32, %a: f32, %b: f32, %c: f32, %h: index, %m: index, %n: index):
      %t0 = arith.addf %s, %a : f32
      %t1 = arith.addf %t0, %b : f32
      %t2 = arith.addf %t1, %c : f32
      mqa.yield %t2 : f32
    }
  return
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>

// Without keys the output is 0 and the log-sum-exp minus infinity.
// CHECK-LABEL: func.func @no_keys
// CHECK-SAME: %[[O:[a-z0-9]+]]: tensor<3x5x4xf16>, %[[L:[a-z0-9]+]]: tensor<3x5xf32>
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f16
// CHECK-DAG: %[[INF:.*]] = arith.constant 0xFF800000 : f32
// CHECK: %[[X:.*]] = linalg.fill ins(%[[ZERO]] : f16) outs(%[[O]] :
// CHECK: %[[Y:.*]] = linalg.fill ins(%[[INF]] : f32) outs(%[[L]] :
// CHECK: return %[[X]], %[[Y]]
func.func @no_keys(%q: tensor<3x5x8xf16>, %k: tensor<?x8xf16>, %v: tensor<0x4xf16>,
                   %o: tensor<3x5x4xf16>, %l: tensor<3x5xf32>) -> (tensor<3x5x4xf16>, tensor<3x5xf32>) {
  %x:2 = mqa.attention {indexing_maps = [#q, #k, #v, #o, #r]}
    ins(%q, %k, %v : tensor<3x5x8xf16>, tensor<?x8xf16>, tensor<0x4xf16>)
    outs(%o, %l : tensor<3x5x4xf16>, tensor<3x5xf32>) -> tensor<3x5x4xf16>, tensor<3x5xf32>
  return %x#0, %x#1 : tensor<3x5x4xf16>, tensor<3x5xf32>
}

// With a sink, the log-sum-exp would be the sink: the op stays.
// CHECK-LABEL: func.func @no_keys_but_sink
// CHECK: mqa.attention
func.func @no_keys_but_sink(%q: tensor<3x5x8xf16>, %k: tensor<?x8xf16>, %v: tensor<0x4xf16>, %s: tensor<3x5xf16>,
                   %o: tensor<3x5x4xf16>, %l: tensor<3x5xf32>) -> (tensor<3x5x4xf16>, tensor<3x5xf32>) {
  %x:2 = mqa.attention {indexing_maps = [#q, #k, #v, #r, #o, #r]}
    ins(%q, %k, %v : tensor<3x5x8xf16>, tensor<?x8xf16>, tensor<0x4xf16>) sink(%s : tensor<3x5xf16>)
    outs(%o, %l : tensor<3x5x4xf16>, tensor<3x5xf32>) -> tensor<3x5x4xf16>, tensor<3x5xf32>
  return %x#0, %x#1 : tensor<3x5x4xf16>, tensor<3x5xf32>
}

// CHECK-LABEL: func.func @mask_takes_all
// CHECK-SAME: %[[O:[a-z0-9]+]]: memref<3x5x4xf32>
// CHECK-NOT: mqa.attention
// CHECK: linalg.fill ins(%{{.*}} : f32) outs(%[[O]] : memref<3x5x4xf32>)
func.func @mask_takes_all(%q: memref<3x5x8xf32>, %k: memref<7x8xf32>, %v: memref<7x4xf32>, %o: memref<3x5x4xf32>) {
  mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %k, %v : memref<3x5x8xf32>, memref<7x8xf32>, memref<7x4xf32>)
    outs(%o : memref<3x5x4xf32>)
    mask {
    ^bb0(%h: index, %m: index, %n: index):
      %f = arith.constant false
      mqa.yield %f : i1
    }
  return
}

// CHECK-LABEL: func.func @no_keys_online
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<3x5x4xf32>, %[[M:[a-z0-9]+]]: tensor<3x5xf32>, %[[S:[a-z0-9]+]]: tensor<3x5xf32>
// CHECK-NEXT: return %[[A]], %[[M]], %[[S]]
func.func @no_keys_online(%q: tensor<3x5x8xf16>, %k: tensor<0x8xf16>, %v: tensor<0x4xf16>,
                          %a: tensor<3x5x4xf32>, %m: tensor<3x5xf32>, %s: tensor<3x5xf32>)
    -> (tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>) {
  %x:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r]}
    ins(%q, %k, %v : tensor<3x5x8xf16>, tensor<0x8xf16>, tensor<0x4xf16>)
    outs(%a, %m, %s : tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>)
    -> tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>
  return %x#0, %x#1, %x#2 : tensor<3x5x4xf32>, tensor<3x5xf32>, tensor<3x5xf32>
}

// -----

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#r = affine_map<(h, m, n, d, e) -> (h, m)>

// A log-sum-exp that nobody reads goes; mask, schedule and tag stay.
// CHECK-LABEL: func.func @unused_logsumexp
// CHECK: %[[X:.*]] = mqa.attention {indexing_maps = [#{{.*}}, #{{.*}}, #{{.*}}, #{{[a-z0-9]+}}], schedule = {{.*}}, tag}
// CHECK-SAME: outs(%{{.*}} : tensor<3x5x4xf32>) mask {
// CHECK: arith.cmpi ule
// CHECK: } -> tensor<3x5x4xf32>
// CHECK: return %[[X]]
func.func @unused_logsumexp(%q: tensor<3x5x8xf32>, %k: tensor<7x8xf32>, %v: tensor<7x4xf32>,
                            %o: tensor<3x5x4xf32>, %l: tensor<3x5xf32>) -> tensor<3x5x4xf32> {
  %x:2 = mqa.attention {indexing_maps = [#q, #k, #v, #o, #r], tag,
      schedule = #mqa.schedule<row_block = 32, row_panel = 16, key_block = 32, key_tile = 4,
                               value_tile = 4, depth_step = 4>}
    ins(%q, %k, %v : tensor<3x5x8xf32>, tensor<7x8xf32>, tensor<7x4xf32>)
    outs(%o, %l : tensor<3x5x4xf32>, tensor<3x5xf32>)
    mask {
    ^bb0(%h: index, %m: index, %n: index):
      %t = arith.cmpi ule, %n, %m : index
      mqa.yield %t : i1
    } -> tensor<3x5x4xf32>, tensor<3x5xf32>
  return %x#0 : tensor<3x5x4xf32>
}

// Casts that forget static sizes are folded, in destinations too.
// CHECK-LABEL: func.func @casts
// CHECK-NOT: tensor.cast
// CHECK: %[[X:.*]] = mqa.attention {{.*}} ins(%{{.*}}, %{{.*}}, %{{.*}} : tensor<3x5x8xf32>, tensor<7x8xf32>, tensor<7x4xf32>)
// CHECK-SAME: -> tensor<3x5x4xf32>
// CHECK: %[[Y:.*]] = tensor.cast %[[X]] : tensor<3x5x4xf32> to tensor<?x5x4xf32>
// CHECK: return %[[Y]]
func.func @casts(%q: tensor<3x5x8xf32>, %k: tensor<7x8xf32>, %v: tensor<7x4xf32>, %o: tensor<3x5x4xf32>) -> tensor<?x5x4xf32> {
  %c = tensor.cast %k : tensor<7x8xf32> to tensor<?x8xf32>
  %d = tensor.cast %o : tensor<3x5x4xf32> to tensor<?x5x4xf32>
  %x = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %c, %v : tensor<3x5x8xf32>, tensor<?x8xf32>, tensor<7x4xf32>)
    outs(%d : tensor<?x5x4xf32>) -> tensor<?x5x4xf32>
  return %x : tensor<?x5x4xf32>
}

// Casts from what the op cannot take stay.
// CHECK-LABEL: func.func @other_casts
// CHECK-COUNT-2: tensor.cast
// CHECK: mqa.attention
func.func @other_casts(%q: tensor<3x5x8xf32>, %k: tensor<*xf32>, %v: tensor<7x4xf32, "x">, %o: tensor<3x5x4xf32>) -> tensor<3x5x4xf32> {
  %c = tensor.cast %k : tensor<*xf32> to tensor<?x8xf32>
  %d = tensor.cast %v : tensor<7x4xf32, "x"> to tensor<7x4xf32>
  %x = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
    ins(%q, %c, %d : tensor<3x5x8xf32>, tensor<?x8xf32>, tensor<7x4xf32>)
    outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %x : tensor<3x5x4xf32>
}
