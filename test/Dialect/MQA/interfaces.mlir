// What upstream passes do with the ops through their interfaces.
// RUN: mqa-opt %s -cse -canonicalize -split-input-file | FileCheck %s --check-prefixes=CHECK,EFFECTS
// RUN: mqa-opt %s -resolve-ranked-shaped-type-result-dims -split-input-file | FileCheck %s --check-prefixes=CHECK,SHAPES
// RUN: mqa-opt %s -loop-invariant-code-motion -split-input-file | FileCheck %s --check-prefixes=CHECK,MOTION

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>

// On tensors the op has no effect: equal ones are one, unused ones go.
// CHECK-LABEL: func.func @pure
// EFFECTS-COUNT-1: mqa.attention
// EFFECTS-NOT: mqa.attention
func.func @pure(%q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x6xf32>, %o: tensor<?x6xf32>) -> (tensor<?x6xf32>, tensor<?x6xf32>) {
  %x = mqa.attention {indexing_maps = [#q, #k, #v, #o]} ins(%q, %k, %v : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x6xf32>) outs(%o : tensor<?x6xf32>) -> tensor<?x6xf32>
  %y = mqa.attention {indexing_maps = [#q, #k, #v, #o]} ins(%q, %k, %v : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x6xf32>) outs(%o : tensor<?x6xf32>) -> tensor<?x6xf32>
  %z = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 2.0 : f32} ins(%q, %k, %v : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x6xf32>) outs(%o : tensor<?x6xf32>) -> tensor<?x6xf32>
  return %x, %y : tensor<?x6xf32>, tensor<?x6xf32>
}

// In memory it writes: both stay.
// CHECK-LABEL: func.func @effects
// EFFECTS-COUNT-2: mqa.attention
func.func @effects(%q: memref<?x4xf32>, %k: memref<?x4xf32>, %v: memref<?x6xf32>, %o: memref<?x6xf32>) {
  mqa.attention {indexing_maps = [#q, #k, #v, #o]} ins(%q, %k, %v : memref<?x4xf32>, memref<?x4xf32>, memref<?x6xf32>) outs(%o : memref<?x6xf32>)
  mqa.attention {indexing_maps = [#q, #k, #v, #o]} ins(%q, %k, %v : memref<?x4xf32>, memref<?x4xf32>, memref<?x6xf32>) outs(%o : memref<?x6xf32>)
  return
}

// A result has the shape of its destination.
// CHECK-LABEL: func.func @shapes
// CHECK-SAME: %[[O:[a-z0-9]+]]: tensor<?x6xf32>
// SHAPES: %[[D:.*]] = tensor.dim %[[O]], %{{.*}}
// SHAPES: return %[[D]]
func.func @shapes(%o: tensor<?x6xf32>, %q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x6xf32>) -> index {
  %c0 = arith.constant 0 : index
  %x = mqa.attention {indexing_maps = [#q, #k, #v, #o]} ins(%q, %k, %v : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x6xf32>) outs(%o : tensor<?x6xf32>) -> tensor<?x6xf32>
  %d = tensor.dim %x, %c0 : tensor<?x6xf32>
  return %d : index
}

// On tensors the op may leave a loop; scalars that its region captures stay
// before it.
// CHECK-LABEL: func.func @motion
// MOTION: arith.addi
// MOTION: mqa.attention
// MOTION: scf.for
func.func @motion(%q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x6xf32>, %o: tensor<?x6xf32>, %n: index) -> tensor<?x6xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %o) -> tensor<?x6xf32> {
    %length = arith.addi %n, %c1 : index
    %x = mqa.attention {indexing_maps = [#q, #k, #v, #o]} ins(%q, %k, %v : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x6xf32>) outs(%o : tensor<?x6xf32>)
      mask {
      ^bb0(%m: index, %j: index):
        %keep = arith.cmpi ult, %j, %length : index
        mqa.yield %keep : i1
      } -> tensor<?x6xf32>
    scf.yield %x : tensor<?x6xf32>
  }
  return %r : tensor<?x6xf32>
}
