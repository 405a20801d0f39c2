// --check compares with the reference: one line for each result, status 1 when
// one of them is wrong.
// RUN: mqa-run %s --entry=attention --random=7 --check | FileCheck %s
// CHECK: check: result 0 (4x37x24xf32): error {{[0-9.e+-]+}}, unfused {{[0-9.e+-]+}}, allowed {{[0-9.e+-]+}}: PASS
// CHECK-NEXT: check: result 1 (4x37xf32): error {{[0-9.e+-]+}}, unfused {{[0-9.e+-]+}}, allowed {{[0-9.e+-]+}}: PASS
// CHECK-NOT: check:

// RUN: mqa-run %S/Inputs/functions.mlir --entry=overflow --arg=2.0 --check | FileCheck %s --check-prefix=RIGHT
// RIGHT: check: result 0 (f32): error 0.000e+00, {{.*}}: PASS
// RUN: not mqa-run %S/Inputs/functions.mlir --entry=overflow --arg=1e30 --check | FileCheck %s --check-prefix=WRONG
// WRONG: check: result 0 (f32): error inf, {{.*}}: FAIL

// --threads, --cpu and --schedule reach the compiled code.
// RUN: mqa-run %s --entry=attention --random=7 --check --threads=2 --schedule=key-block=32 | FileCheck %s

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>
#l = affine_map<(h, m, n, d, e) -> (h, m)>
func.func @attention(%q: tensor<4x37x16xf32>, %k: tensor<41x16xf32>,
                     %v: tensor<41x24xf32>, %o: tensor<4x37x24xf32>,
                     %l: tensor<4x37xf32>)
    -> (tensor<4x37x24xf32>, tensor<4x37xf32>) {
  %r:2 = mqa.attention {indexing_maps = [#q, #k, #v, #o, #l], scale = 0.25 : f32}
      ins(%q, %k, %v : tensor<4x37x16xf32>, tensor<41x16xf32>, tensor<41x24xf32>)
      outs(%o, %l : tensor<4x37x24xf32>, tensor<4x37xf32>)
      mask {
      ^bb0(%h: index, %m: index, %n: index):
        %keep = arith.cmpi ule, %n, %m : index
        mqa.yield %keep : i1
      } -> tensor<4x37x24xf32>, tensor<4x37xf32>
  return %r#0, %r#1 : tensor<4x37x24xf32>, tensor<4x37xf32>
}
