// RUN: mqa-compile %s --target=sm_90a -o %t.ptx && FileCheck %s < %t.ptx
// RUN: grep -c "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16" %t.ptx | FileCheck %s --check-prefix=PRODUCTS
// RUN: grep -c "wgmma.wait_group.sync.aligned 1;" %t.ptx | FileCheck %s --check-prefix=ONE
// RUN: grep -c "wgmma.wait_group.sync.aligned 0;" %t.ptx | FileCheck %s --check-prefix=THREE
// RUN: grep -c "ex2.approx.ftz.f32" %t.ptx | FileCheck %s --check-prefix=EXP
// The PTX of a prefill by warpgroups: products from shared memory and from
// registers, two in flight in the loop; no local memory, no calls.

// Scores and output, 8 each, of the first block, the loop and the last output.
// PRODUCTS: {{^32$}}
// ONE: {{^1$}}
// THREE: {{^3$}}
// Of 64 scores and the factors of 2 rows, in the first block and in the loop.
// EXP: {{^132$}}

// CHECK: .target sm_90a
// CHECK: .visible .entry f_kernel(
// CHECK: .maxntid 384
// CHECK-NOT: .local
// CHECK-NOT: call
// CHECK-DAG: setmaxnreg.dec.sync.aligned.u32{{.*}}72;
// CHECK-DAG: setmaxnreg.inc.sync.aligned.u32{{.*}}216;
// CHECK-DAG: cp.async.cg.shared.global {{.*}}, 16;
// CHECK-DAG: fence.proxy.async.shared::cta;
// CHECK-DAG: mbarrier.try_wait.parity.shared.b64
// CHECK-DAG: @p st.volatile.shared.f32
// CHECK-NOT: .local
// CHECK-NOT: call
#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
func.func @f(%q: tensor<4x512x128xbf16>, %k: tensor<1024x128xbf16>, %v: tensor<1024x128xbf16>, %init: tensor<4x512x128xbf16>) -> tensor<4x512x128xbf16> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.0883883461 : f32}
    ins(%q, %k, %v : tensor<4x512x128xbf16>, tensor<1024x128xbf16>, tensor<1024x128xbf16>)
    outs(%init : tensor<4x512x128xbf16>) -> tensor<4x512x128xbf16>
  return %o : tensor<4x512x128xbf16>
}
