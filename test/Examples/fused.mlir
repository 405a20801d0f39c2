// The example of README.md and docs/Pipelines.md: 32 new tokens see a cache of
// 160 keys and themselves; 8 query heads share one key/value head.
// scripts/lint/docs_examples.py puts what the stages make of it into the documents.
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RUN: mqa-opt %s --mqa-stage-1-schedule=cpu=x86-64-v3 -o %t1
// RUN: FileCheck %s --input-file=%t1 --check-prefix=SCHEDULE
// RUN: mqa-opt %t1 --mqa-stage-2-state -o %t2
// RUN: FileCheck %s --input-file=%t2 --check-prefix=STATE
// RUN: mqa-opt %t2 --mqa-stage-3-linalg -o %t3
// RUN: FileCheck %s --input-file=%t3 --check-prefix=LINALG
// RUN: mqa-opt %t3 --mqa-stage-4-vector -o %t4
// RUN: FileCheck %s --input-file=%t4 --check-prefix=VECTOR
// RUN: mqa-opt %t4 --mqa-stage-5-buffer -o %t5
// RUN: FileCheck %s --input-file=%t5 --check-prefix=BUFFER
// RUN: mqa-opt %t5 --mqa-stage-6-tasks -o %t6
// RUN: FileCheck %s --input-file=%t6 --check-prefix=TASKS
// RUN: mqa-opt %t6 --mqa-stage-7-llvm=cpu=x86-64-v3 -o %t7
// RUN: FileCheck %s --input-file=%t7 --check-prefix=LLVM
// RUN: mqa-run %s --random=1 --check

// SCHEDULE: func.func @attention(%{{.*}}: memref<8x32x64xf32>
// SCHEDULE: mqa.attention {{.*}}schedule = #mqa.schedule<row_block = 64, row_panel = 16

// STATE-NOT: mqa.attention
// STATE: scf.forall (%{{.*}}) = (0) to (32) step (8)
// STATE: scf.for
// STATE: mqa.online_attention
// STATE: mqa.finalize

// LINALG-NOT: mqa.online_attention
// LINALG: linalg.generic {{.*}}tensor<1x{{[0-9]+}}x16xf32>)
// LINALG-NOT: mqa.finalize

// VECTOR-NOT: linalg.
// VECTOR: vector.contract {{.*}} into vector<{{[0-9]+}}x16xf32>
// VECTOR-NOT: linalg.

// BUFFER: scf.forall
// BUFFER-NOT: tensor<
// BUFFER: memref.alloca() {alignment = 64 : i64}

// TASKS-NOT: scf.forall
// TASKS: func.func private @attention_task(%{{.*}}: !llvm.ptr, %{{.*}}: i64)
// TASKS: call @mqa_parallel_for

// LLVM-NOT: memref
// LLVM: llvm.intr.fmuladd
// LLVM: llvm.func @_mlir_ciface_attention

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>

func.func @attention(%q: tensor<8x32x64xf32>, %k: tensor<192x64xf32>,
                     %v: tensor<192x64xf32>, %init: tensor<8x32x64xf32>)
    -> tensor<8x32x64xf32> {
  %cached = arith.constant 160 : index
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.125 : f32}
         ins(%q, %k, %v : tensor<8x32x64xf32>, tensor<192x64xf32>, tensor<192x64xf32>)
         outs(%init : tensor<8x32x64xf32>)
         mask {
         ^bb0(%h: index, %m: index, %n: index):
           %position = arith.addi %m, %cached : index
           %keep = arith.cmpi ule, %n, %position : index
           mqa.yield %keep : i1
         } -> tensor<8x32x64xf32>
  return %o : tensor<8x32x64xf32>
}
