// RUN: mqa-compile %s --target=sm_80 -o %t.ptx && FileCheck %s < %t.ptx
// RUN: grep -c "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32" %t.ptx | FileCheck %s --check-prefix=MMA
// RUN: grep -c "ldmatrix.sync.aligned.m8n8.x4.shared.b16" %t.ptx | FileCheck %s --check-prefix=ROWS
// RUN: grep -c "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16" %t.ptx | FileCheck %s --check-prefix=COLUMNS
// RUN: grep -c "ex2.approx.ftz.f32" %t.ptx | FileCheck %s --check-prefix=EXP
// RUN: grep -c "bar.sync" %t.ptx | FileCheck %s --check-prefix=BARRIER
// RUN: grep -c "cp.async.cg.shared.global .*, 16;" %t.ptx | FileCheck %s --check-prefix=COPY
// The PTX of a prefill: copies of 16 bytes, matrix instructions, exponentials of
// the special function unit, all of them once; no local memory, no calls.

// Scores and output of 16 rows and 64 keys, depth and value 128.
// MMA: {{^128$}}
// Q and K; V.
// ROWS: {{^40$}}
// COLUMNS: {{^32$}}
// Of 32 scores, and the factors of 2 rows.
// EXP: {{^34$}}
// BARRIER: {{^1$}}
// Q: 8, the first block: 8, the next one: 8.
// COPY: {{^24$}}

// CHECK: .extern .shared .align 1024 .b8 mqa_shared[];
// CHECK: .visible .entry f_kernel(
// CHECK: .maxntid 256
// CHECK-NOT: .local
// CHECK-NOT: call
// CHECK: cp.async.commit_group;
// CHECK: cp.async.wait_group 0;
// CHECK: cvt.rn.bf16x2.f32
// CHECK-NOT: .local
// CHECK-NOT: call
// CHECK: st.global.b32
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
