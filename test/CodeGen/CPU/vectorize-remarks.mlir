// What cannot be vectorized stays in linalg, and a remark says so.
// RUN: mqa-opt %s --mqa-vectorize -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func @control_flow
// CHECK: linalg.generic
// CHECK: scf.if
func.func @control_flow(%s: tensor<1x4x16xf32>, %cond: i1) -> tensor<1x4x16xf32> {
  // expected-remark@below {{cannot be vectorized, becomes scalar loops}}
  %r = linalg.generic {indexing_maps = [affine_map<(p, n, x) -> (p, n, x)>], iterator_types = ["parallel", "parallel", "parallel"]}
         outs(%s : tensor<1x4x16xf32>) attrs = {mqa.role = "modify"} {
  ^bb0(%a: f32):
    %t = scf.if %cond -> f32 {
      %b = math.absf %a : f32
      scf.yield %b : f32
    } else {
      scf.yield %a : f32
    }
    linalg.yield %t : f32
  } -> tensor<1x4x16xf32>
  return %r : tensor<1x4x16xf32>
}
