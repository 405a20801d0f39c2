//===- Passes.td - passes on the mqa dialect ---------------*- tablegen -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_DIALECT_MQA_TRANSFORMS_PASSES_TD
#define MQA_DIALECT_MQA_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertToOnlinePass : Pass<"mqa-convert-to-online"> {
  let summary = "Rewrite attention into an online-softmax state";
  let description = [{
    Rewrites every `mqa.attention` on tensors into an empty state, one
    `mqa.online_attention` over all keys and `mqa.finalize`. A sink starts the
    state with the sink as maximum and 1 as sum.

    Before:

    ```mlir
    %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
           ins(%q, %k, %v : tensor<8x64xf32>, tensor<16x64xf32>, tensor<16x64xf32>)
           outs(%init : tensor<8x64xf32>) -> tensor<8x64xf32>
    ```

    After:

    ```mlir
    %acc = linalg.fill ins(%zero : f32) outs(%e0 : tensor<8x64xf32>) -> tensor<8x64xf32>
    %max = linalg.fill ins(%ninf : f32) outs(%e1 : tensor<8xf32>) -> tensor<8xf32>
    %sum = linalg.fill ins(%zero : f32) outs(%e1 : tensor<8xf32>) -> tensor<8xf32>
    %s:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #o, #r, #r]}
             ins(%q, %k, %v : ...) outs(%acc, %max, %sum : ...) -> ...
    %o = mqa.finalize {indexing_maps = [...]}
           ins(%s#0, %s#1, %s#2 : ...) outs(%init : tensor<8x64xf32>) -> tensor<8x64xf32>
    ```

    Requires: tensors (`mqa-prepare-entries` brings memref operands to tensors).
    Guarantees: no `mqa.attention` is left. Run `mqa-tile` next.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def TilePass : Pass<"mqa-tile", "::mlir::func::FuncOp"> {
  let summary = "Tile online attention by rows and keys";
  let description = [{
    Tiles every `mqa.online_attention` that carries a schedule: an `scf.forall`
    over batches and blocks of rows, and in it an `scf.for` over blocks of keys
    that carries the state. Rows (every query of every head that shares the
    keys) are packed side by side, transposed, into static panels, so that the
    tile has the iteration space (panel, key, lane, depth, value). K and V are
    used where they lie when they are f32 with the depth innermost; otherwise a
    block at a time is converted into scratch. The last, partial block of keys
    is a second loop with at most one iteration. An initial state made by
    `linalg.fill` and a single following `mqa.finalize` move into the loop.

    Before:

    ```mlir
    %s:3 = mqa.online_attention {indexing_maps = [...], schedule = #mqa.schedule<row_block = 64, row_panel = 16, key_block = 32, ...>}
             ins(%q, %k, %v : tensor<8x?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>) outs(...) -> ...
    ```

    After:

    ```mlir
    %o = scf.forall (%h, %m) = (0, 0) to (8, %M) step (%th, %tm) shared_outs(%out = %init) -> (tensor<8x?x64xf32>) {
      %qT = ... : tensor<4x64x16xf32>
      %full:3 = scf.for %n = %c0 to %end step %c32 iter_args(...) {
        %ks = tensor.extract_slice %k[%n, 0] [32, 64] [1, 1] : tensor<?x64xf32> to tensor<32x64xf32>
        %t:3 = mqa.online_attention {indexing_maps = [...]} ins(%qT, %ks, %vs : tensor<4x64x16xf32>, ...) outs(...) -> ...
        scf.yield %t#0, %t#1, %t#2 : ...
      }
      %tail:3 = scf.for %n = %end to %N step %c32 ...
      %of = mqa.finalize ...
      scf.forall.in_parallel { tensor.parallel_insert_slice ... }
    }
    ```

    Requires: `mqa-select-schedule`, `mqa-convert-to-online`; static sizes of
    depth and value dimensions. Guarantees: every tile op has static shapes.
    Run `mqa-decompose` next.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect",
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

def DecomposePass : Pass<"mqa-decompose", "::mlir::func::FuncOp"> {
  let summary = "Decompose online attention, merge and finalize into linalg";
  let description = [{
    Asks every `mqa.online_attention`, `mqa.merge` and `mqa.finalize` for its
    decomposition (`linalg::AggregatedOpInterface`). `exp(s - max)` becomes
    `exp2((s - max) * log2(e))`. Each `linalg` op keeps the schedule and names its
    part in the attribute `mqa.role`, which `mqa-micro-tile` reads.

    Before:

    ```mlir
    %s:3 = mqa.online_attention {indexing_maps = [...]} ins(%qT, %k, %v : tensor<1x64x16xf32>, tensor<32x64xf32>, tensor<32x64xf32>)
             outs(%acc, %max, %sum : tensor<1x64x16xf32>, tensor<1x16xf32>, tensor<1x16xf32>) -> ...
    ```

    After:

    ```mlir
    %s = linalg.generic {...} ins(%k, %qT : ...) outs(%zero : tensor<1x32x16xf32>) attrs = {mqa.role = "scores"} ...
    %m = linalg.generic {...} ins(%s : ...) outs(%max0 : tensor<1x16xf32>) attrs = {mqa.role = "row_max"} ...
    %p = linalg.generic {...} ins(%shift : ...) outs(%s : ...) attrs = {mqa.role = "exp"} ...
    %o = linalg.generic {...} ins(%v, %p : ...) outs(%scaled : ...) attrs = {mqa.role = "output"} ...
    ```

    Requires: tensors. Guarantees: none of the three ops is left. Run
    `mqa-micro-tile` next.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::tensor::TensorDialect"];
}

#endif // MQA_DIALECT_MQA_TRANSFORMS_PASSES_TD
