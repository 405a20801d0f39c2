// A paged view that is no key or value of an attention is gathered, and said.
// RUN: mqa-opt %s --mqa-decompose -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func @gathered
// CHECK-NOT: mqa.paged_view
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<48x64xf32>)
func.func @gathered(%pool: tensor<4x16x64xf32>, %t: tensor<3xi32>) -> tensor<48x64xf32> {
  // expected-remark@below {{the pages are gathered: expected uses as key or value of attention only}}
  %0 = mqa.paged_view %pool[%t] page_dim(0) slot_dim(1) : tensor<4x16x64xf32>, tensor<3xi32> -> tensor<48x64xf32>
  return %0 : tensor<48x64xf32>
}
