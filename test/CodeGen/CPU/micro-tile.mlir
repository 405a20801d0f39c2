// Every part of a task is tiled to registers by its role.
// RUN: mqa-opt %s --mqa-micro-tile | FileCheck %s

#k = affine_map<(p, n, x, d) -> (n, d)>
#q = affine_map<(p, n, x, d) -> (p, d, x)>
#s = affine_map<(p, n, x, d) -> (p, n, x)>
#v = affine_map<(p, e, x, n) -> (n, e)>
#id = affine_map<(p, n, x) -> (p, n, x)>
#px = affine_map<(p, n, x) -> (p, x)>
#schedule = #mqa.schedule<row_block = 32, row_panel = 16, key_block = 24, key_tile = 6, value_tile = 4, depth_step = 8>

// Scores: loops over tiles of 6 keys, over panels, and over 8 steps of the
// depth; the zero moves in, to the tile.
// CHECK-LABEL: func.func @scores
// CHECK: scf.for %[[N:.*]] = %c0 to %c24 step %c6
// CHECK: scf.for %[[P:.*]] = %c0 to %c2 step %c1
// CHECK: %[[ZERO:.*]] = linalg.fill {{.*}} -> tensor<1x6x16xf32>
// CHECK: scf.for %{{.*}} = %c0 to %c32 step %c8 iter_args(%{{.*}} = %[[ZERO]]) -> (tensor<1x6x16xf32>)
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<6x8xf32>, tensor<1x8x16xf32>) outs(%{{.*}} : tensor<1x6x16xf32>)
// CHECK: tensor.insert_slice {{.*}}[%[[P]], %[[N]], 0] [1, 6, 16]
func.func @scores(%k: tensor<24x32xf32>, %q: tensor<2x32x16xf32>, %o: tensor<2x24x16xf32>) -> tensor<2x24x16xf32> {
  %zero = arith.constant 0.0 : f32
  %z = linalg.fill {mqa.role = "zero_scores", mqa.schedule = #schedule} ins(%zero : f32) outs(%o : tensor<2x24x16xf32>) -> tensor<2x24x16xf32>
  %s = linalg.generic {indexing_maps = [#k, #q, #s], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
         ins(%k, %q : tensor<24x32xf32>, tensor<2x32x16xf32>) outs(%z : tensor<2x24x16xf32>)
         attrs = {mqa.role = "scores", mqa.schedule = #schedule} {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %p = arith.mulf %a, %b : f32
    %t = arith.addf %c, %p : f32
    linalg.yield %t : f32
  } -> tensor<2x24x16xf32>
  return %s : tensor<2x24x16xf32>
}

// Output: tiles of 4 value columns, with the rescaling of the accumulator.
// CHECK-LABEL: func.func @output
// CHECK: scf.for %{{.*}} = %c0 to %c20 step %c4
// CHECK: scf.for %{{.*}} = %c0 to %c2 step %c1
// CHECK: %[[SCALED:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<1x4x16xf32>) attrs = {mqa.role = "scale_acc"
// CHECK: scf.for %{{.*}} = %c0 to %c24 step %c8 iter_args(%{{.*}} = %[[SCALED]])
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<8x4xf32>, tensor<1x8x16xf32>)
func.func @output(%v: tensor<24x20xf32>, %p: tensor<2x24x16xf32>, %alpha: tensor<2x16xf32>, %acc: tensor<2x20x16xf32>) -> tensor<2x20x16xf32> {
  %z = linalg.generic {indexing_maps = [#px, #id], iterator_types = ["parallel", "parallel", "parallel"]}
         ins(%alpha : tensor<2x16xf32>) outs(%acc : tensor<2x20x16xf32>) attrs = {mqa.role = "scale_acc", mqa.schedule = #schedule} {
  ^bb0(%a: f32, %c: f32):
    %t = arith.mulf %c, %a : f32
    linalg.yield %t : f32
  } -> tensor<2x20x16xf32>
  %s = linalg.generic {indexing_maps = [#v, #q, #s], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
         ins(%v, %p : tensor<24x20xf32>, tensor<2x24x16xf32>) outs(%z : tensor<2x20x16xf32>)
         attrs = {mqa.role = "output", mqa.schedule = #schedule} {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %m = arith.mulf %a, %b : f32
    %t = arith.addf %c, %m : f32
    linalg.yield %t : f32
  } -> tensor<2x20x16xf32>
  return %s : tensor<2x20x16xf32>
}

// Reductions over keys keep the row of lanes; transposes go by 8 x 8.
// CHECK-LABEL: func.func @row_max
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<1x{{[248]}}x16xf32>) outs(%{{.*}} : tensor<1x16xf32>)
func.func @row_max(%s: tensor<2x24x16xf32>, %m: tensor<2x16xf32>) -> tensor<2x16xf32> {
  %r = linalg.generic {indexing_maps = [#id, #px], iterator_types = ["parallel", "reduction", "parallel"]}
         ins(%s : tensor<2x24x16xf32>) outs(%m : tensor<2x16xf32>) attrs = {mqa.role = "row_max", mqa.schedule = #schedule} {
  ^bb0(%a: f32, %c: f32):
    %t = arith.maximumf %a, %c : f32
    linalg.yield %t : f32
  } -> tensor<2x16xf32>
  return %r : tensor<2x16xf32>
}

// CHECK-LABEL: func.func @transpose
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<1x8x8xf32>)
func.func @transpose(%a: tensor<2x16x24xf32>, %b: tensor<2x24x16xf32>) -> tensor<2x24x16xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(p, n, x) -> (p, x, n)>, #id], iterator_types = ["parallel", "parallel", "parallel"]}
         ins(%a : tensor<2x16x24xf32>) outs(%b : tensor<2x24x16xf32>) attrs = {mqa.role = "transpose"} {
  ^bb0(%x: f32, %c: f32):
    linalg.yield %x : f32
  } -> tensor<2x24x16xf32>
  return %r : tensor<2x24x16xf32>
}

// Ops without a role, and dynamic ones, are not ours.
// CHECK-LABEL: func.func @not_tiled
// CHECK-NOT: scf.for
// CHECK: return
func.func @not_tiled(%a: tensor<2x24x16xf32>, %b: tensor<?x16xf32>) -> (tensor<2x24x16xf32>, tensor<?x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %x = linalg.fill ins(%zero : f32) outs(%a : tensor<2x24x16xf32>) -> tensor<2x24x16xf32>
  %y = linalg.fill {mqa.role = "fill"} ins(%zero : f32) outs(%b : tensor<?x16xf32>) -> tensor<?x16xf32>
  return %x, %y : tensor<2x24x16xf32>, tensor<?x16xf32>
}
