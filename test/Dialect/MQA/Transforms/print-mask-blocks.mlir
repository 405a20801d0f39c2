// Pictures of masks: full, partial and unvisited blocks, by static sizes, by
// options, by the schedule, with and without numbers for scalars.
// RUN: mqa-opt %s --mqa-print-mask-blocks="rows=8 keys=8 block=2x2 scalars=arg4=3" -o /dev/null 2>&1 | FileCheck %s
// RUN: mqa-opt %s --mqa-print-mask-blocks="rows=4 block=2x4" -o /dev/null 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: mqa-opt %s --mqa-print-mask-blocks="keys=400 scalars=arg4=3" -o /dev/null 2>&1 | FileCheck %s --check-prefix=DEFAULT

#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
#row = affine_map<(m, n, d, e) -> (m)>
#key = affine_map<(m, n, d, e) -> (n)>

// CHECK-LABEL: in @causal: 8 rows, 8 keys, blocks of 2x2
// CHECK-NEXT: form A: one live range
// CHECK-NEXT: 0 to 1 +... live [0, 2) full [0, 1) every row live: yes
// CHECK-NEXT: 2 to 3 #+.. live [0, 4) full [0, 3) every row live: yes
// CHECK-NEXT: 4 to 5 ##+. live [0, 6) full [0, 5) every row live: yes
// CHECK-NEXT: 6 to 7 ###+ live [0, 8) full [0, 7) every row live: yes
// CHECK-NEXT: # full, + partial, . not visited{{$}}
func.func @causal(%q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x4xf32>,
                  %init: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>)
         outs(%init : tensor<?x4xf32>)
         mask {
         ^bb0(%m: index, %n: index):
           %keep = arith.cmpi sle, %n, %m : index
           mqa.yield %keep : i1
         } -> tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// UNKNOWN-LABEL: in @causal: 4 rows, 32 keys
// UNKNOWN-LABEL: in @offset
// UNKNOWN-NEXT: scalar %arg4 : index, unknown
// UNKNOWN: guard on {{.*}}captured value
// UNKNOWN: 0 to 1 ?? live [0, ?) full [0, ?) every row live: ?
// CHECK-LABEL: in @offset: 8 rows, 8 keys
// CHECK-NEXT: scalar %arg4 : index = 3
// CHECK: 0 to 1 ##+. live [0, 5) full [0, 4) every row live: yes
// CHECK-NEXT: 2 to 3 ###+ live [0, 7) full [0, 6)
// CHECK-NEXT: 4 to 5 #### live [0, 8) full [0, 8)
func.func @offset(%q: tensor<8x4xf32>, %k: tensor<8x4xf32>, %v: tensor<8x4xf32>,
                  %init: tensor<8x4xf32>, %off: index) -> tensor<8x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>)
         outs(%init : tensor<8x4xf32>)
         mask {
         ^bb0(%m: index, %n: index):
           %last = arith.addi %m, %off : index
           %keep = arith.cmpi sle, %n, %last : index
           mqa.yield %keep : i1
         } -> tensor<8x4xf32>
  return %o : tensor<8x4xf32>
}

// CHECK-LABEL: in @bottom_right: 4 rows, 8 keys
// CHECK: 0 to 1 ##+. live [0, 6) full [0, 5) every row live: yes
// CHECK-NEXT: 2 to 3 ###+ live [0, 8) full [0, 7) every row live: yes
func.func @bottom_right(%q: tensor<4x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x4xf32>,
                        %init: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %c0 = arith.constant 0 : index
  %rows = arith.constant 4 : index
  %keys = tensor.dim %k, %c0 : tensor<?x4xf32>
  %shift = arith.subi %keys, %rows : index
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<4x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>)
         outs(%init : tensor<4x4xf32>)
         mask {
         ^bb0(%m: index, %n: index):
           %last = arith.addi %m, %shift : index
           %keep = arith.cmpi sle, %n, %last : index
           mqa.yield %keep : i1
         } -> tensor<4x4xf32>
  return %o : tensor<4x4xf32>
}

// CHECK-LABEL: in @sinks: 8 rows, 8 keys
// CHECK-NEXT: form B: blocks of two live ranges are classified one by one
// CHECK-NEXT: remark: {{.*}} not one range
// CHECK: 4 to 5 #++. live [0, 2) [3, 6) full
// CHECK-NEXT: 6 to 7 #.++ live [0, 2) [5, 8) full [0, 2)
func.func @sinks(%q: tensor<8x4xf32>, %k: tensor<8x4xf32>, %v: tensor<8x4xf32>,
                 %init: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>)
         outs(%init : tensor<8x4xf32>)
         mask {
         ^bb0(%m: index, %n: index):
           %c2 = arith.constant 2 : index
           %causal = arith.cmpi sle, %n, %m : index
           %distance = arith.subi %m, %n : index
           %near = arith.cmpi slt, %distance, %c2 : index
           %sink = arith.cmpi slt, %n, %c2 : index
           %either = arith.ori %near, %sink : i1
           %keep = arith.andi %either, %causal : i1
           mqa.yield %keep : i1
         } -> tensor<8x4xf32>
  return %o : tensor<8x4xf32>
}

// CHECK-LABEL: in @documents: 8 rows, 8 keys
// CHECK-NEXT: form B
// CHECK-NEXT: remark: {{.*}} extra input #1
// CHECK-NEXT: 0 to 1 ?... live [0, 2)
// CHECK: 6 to 7 ???? live [0, 8)
// CHECK-NEXT: # full, + partial, . not visited, ? known at run time only
func.func @documents(%q: tensor<8x4xf32>, %k: tensor<8x4xf32>, %v: tensor<8x4xf32>,
                     %ids: tensor<8xi32>, %init: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #row, #key, #o]}
         ins(%q, %k, %v, %ids, %ids : tensor<8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<8xi32>, tensor<8xi32>)
         outs(%init : tensor<8x4xf32>)
         mask {
         ^bb0(%row: i32, %key: i32, %m: index, %n: index):
           %same = arith.cmpi eq, %row, %key : i32
           %causal = arith.cmpi sle, %n, %m : index
           %keep = arith.andi %same, %causal : i1
           mqa.yield %keep : i1
         } -> tensor<8x4xf32>
  return %o : tensor<8x4xf32>
}

#hq = affine_map<(h, m, n, d, e) -> (h, m, d)>
#hk = affine_map<(h, m, n, d, e) -> (n, d)>
#hv = affine_map<(h, m, n, d, e) -> (n, e)>
#ho = affine_map<(h, m, n, d, e) -> (h, m, e)>

// Two pictures, for the mask tells heads apart; the block is the schedule's.
// DEFAULT-LABEL: in @heads: 16 rows, 400 keys, blocks of 8x32
// DEFAULT: dimension 0 = 0
// DEFAULT-NEXT: 0 to 7 +............ live [0, 8) full [0, 1)
// DEFAULT: dimension 0 = 1
// DEFAULT-NEXT: 0 to 7 ###+......... live [0, 108) full [0, 101)
func.func @heads(%q: tensor<2x16x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x4xf32>,
                 %init: tensor<2x16x4xf32>) -> tensor<2x16x4xf32> {
  %o = mqa.attention {indexing_maps = [#hq, #hk, #hv, #ho],
           schedule = #mqa.schedule<row_block = 16, row_panel = 16, key_block = 32,
             key_tile = 4, value_tile = 4, depth_step = 4>}
         ins(%q, %k, %v : tensor<2x16x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>)
         outs(%init : tensor<2x16x4xf32>)
         mask {
         ^bb0(%h: index, %m: index, %n: index):
           %c100 = arith.constant 100 : index
           %offset = arith.muli %h, %c100 : index
           %last = arith.addi %m, %offset : index
           %keep = arith.cmpi sle, %n, %last : index
           mqa.yield %keep : i1
         } -> tensor<2x16x4xf32>
  return %o : tensor<2x16x4xf32>
}
