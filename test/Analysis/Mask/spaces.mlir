// Other iteration spaces: several key dimensions, memrefs, states, batches.
// RUN: mqa-opt %s --mqa-print-mask-blocks=block=2x2 -o /dev/null 2>&1 | FileCheck %s

#qp = affine_map<(m, p, n, d, e) -> (m, d)>
#kp = affine_map<(m, p, n, d, e) -> (p, n, d)>
#vp = affine_map<(m, p, n, d, e) -> (p, n, e)>
#op = affine_map<(m, p, n, d, e) -> (m, e)>

// Two pages of four keys; a page is a position of its own.
// CHECK-LABEL: in @pages: 8 rows, 4 keys
// CHECK: dimension 1 = 0
// CHECK-NEXT: 0 to 1 +. live [0, 2) full [0, 1) every row live: yes
// CHECK-NEXT: 2 to 3 #+ live [0, 4) full [0, 3)
// CHECK: dimension 1 = 1
// CHECK-NEXT: 0 to 1 .. live none full none every row live: no
// CHECK-NEXT: 2 to 3 .. live none full none
// CHECK-NEXT: 4 to 5 +. live [0, 2) full [0, 1) every row live: yes
func.func @pages(%q: memref<8x4xf32>, %k: memref<2x4x4xf32>, %v: memref<2x4x4xf32>,
                 %out: memref<8x4xf32>) {
  mqa.attention {indexing_maps = [#qp, #kp, #vp, #op]}
    ins(%q, %k, %v : memref<8x4xf32>, memref<2x4x4xf32>, memref<2x4x4xf32>)
    outs(%out : memref<8x4xf32>)
    mask {
    ^bb0(%m: index, %p: index, %n: index):
      %c4 = arith.constant 4 : index
      %page = arith.muli %p, %c4 : index
      %key = arith.addi %page, %n : index
      %keep = arith.cmpi sle, %key, %m : index
      mqa.yield %keep : i1
    }
  return
}

#q = affine_map<(b, h, m, n, d, e) -> (b, h, m, d)>
#k = affine_map<(b, h, m, n, d, e) -> (b, n, d)>
#v = affine_map<(b, h, m, n, d, e) -> (b, n, e)>
#o = affine_map<(b, h, m, n, d, e) -> (b, h, m, e)>
#r = affine_map<(b, h, m, n, d, e) -> (b, h, m)>

// A picture for each batch element, one for all heads.
// CHECK-LABEL: mask of mqa.online_attention in @batches: 4 rows, 6 keys
// CHECK: dimension 0 = 0
// CHECK-NEXT: 0 to 1 +## live [0, 6) full [1, 6)
// CHECK-NEXT: 2 to 3 .+# live [2, 6) full [3, 6)
// CHECK-NEXT: dimension 0 = 1
// CHECK-NEXT: 0 to 1 .+# live [2, 6) full [3, 6)
// CHECK-NEXT: 2 to 3 ..+ live [4, 6) full [5, 6)
// CHECK-NEXT: # full
func.func @batches(%q: tensor<2x3x4x4xf32>, %k: tensor<2x6x4xf32>, %v: tensor<2x6x4xf32>,
                   %acc: tensor<2x3x4x4xf32>, %max: tensor<2x3x4xf32>, %sum: tensor<2x3x4xf32>)
    -> (tensor<2x3x4x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>) {
  %s:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r]}
           ins(%q, %k, %v : tensor<2x3x4x4xf32>, tensor<2x6x4xf32>, tensor<2x6x4xf32>)
           outs(%acc, %max, %sum : tensor<2x3x4x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>)
           mask {
           ^bb0(%b: index, %h: index, %m: index, %n: index):
             %c2 = arith.constant 2 : index
             %shift = arith.muli %b, %c2 : index
             %first = arith.addi %m, %shift : index
             %keep = arith.cmpi sge, %n, %first : index
             mqa.yield %keep : i1
           } -> tensor<2x3x4x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>
  return %s#0, %s#1, %s#2 : tensor<2x3x4x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>
}

#qn = affine_map<(n, d, e) -> (d)>
#kn = affine_map<(n, d, e) -> (n, d)>
#vn = affine_map<(n, d, e) -> (n, e)>
#on = affine_map<(n, d, e) -> (e)>

// No row dimension: one row.
// CHECK-LABEL: in @one_row: 1 rows, 6 keys
// CHECK: 0 to 0 #+. live [0, 3) full [0, 3) every row live: yes
func.func @one_row(%q: tensor<4xf32>, %k: tensor<6x4xf32>, %v: tensor<6x4xf32>,
                   %init: tensor<4xf32>) -> tensor<4xf32> {
  %o = mqa.attention {indexing_maps = [#qn, #kn, #vn, #on]}
         ins(%q, %k, %v : tensor<4xf32>, tensor<6x4xf32>, tensor<6x4xf32>)
         outs(%init : tensor<4xf32>)
         mask {
         ^bb0(%n: index):
           %c3 = arith.constant 3 : index
           %keep = arith.cmpi slt, %n, %c3 : index
           mqa.yield %keep : i1
         } -> tensor<4xf32>
  return %o : tensor<4xf32>
}

// CHECK-LABEL: in @no_mask: 1 rows, 6 keys
// CHECK-NEXT: never empty
// CHECK-NEXT: 0 to 0 ### live [0, 6) full [0, 6) every row live: yes
func.func @no_mask(%q: tensor<4xf32>, %k: tensor<6x4xf32>, %v: tensor<6x4xf32>,
                   %init: tensor<4xf32>) -> tensor<4xf32> {
  %o = mqa.attention {indexing_maps = [#qn, #kn, #vn, #on]}
         ins(%q, %k, %v : tensor<4xf32>, tensor<6x4xf32>, tensor<6x4xf32>)
         outs(%init : tensor<4xf32>) -> tensor<4xf32>
  return %o : tensor<4xf32>
}
