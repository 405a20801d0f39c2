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
    block at a time is converted into scratch. Blocks are read through an
    `mqa.paged_view`, and computed where the keys are made by cheap elementwise
    linalg ops (a dequantisation); a remark names a producer that stays whole.
    An initial state made by `linalg.fill` and a single following
    `mqa.finalize` move into the loop.

    The mask analysis decides about the loops over keys. When its bounds are
    exact, whole blocks of full keys run without the mask, and the edges of the
    live keys run in blocks of `edge_block` keys with it; what no row sees is not
    visited and not read. Otherwise every block of the live ranges is classified
    at run time. When the mask tells queries apart but not heads, a task takes
    several heads and fewer queries. With `split_keys`, a first task loop makes a
    state per split of the keys, and a second one merges them in order.

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

    An `mqa.paged_view` that is still there has other uses than as key or value:
    it becomes a gather, with a remark.

    Requires: tensors. Guarantees: none of the ops is left. Run
    `mqa-micro-tile` next.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::tensor::TensorDialect"];
}

def PrintMaskBlocksPass : Pass<"mqa-print-mask-blocks"> {
  let summary = "Draw which blocks of keys a mask leaves live";
  let description = [{
    Prints, for every `mqa.attention` and `mqa.online_attention`, what the mask
    analysis says: a character per block of rows and keys, and for each block of
    rows the live ranges, the full range, and whether every row has a live key.
    The IR is left as it is. With the options `keys=6 block=2x2`:

    Before:

    ```mlir
    %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
           ins(%q, %k, %v : tensor<4x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>)
           outs(%init : tensor<4x64xf32>)
           mask {
           ^bb0(%m: index, %n: index):
             %keep = arith.cmpi sle, %n, %m : index
             mqa.yield %keep : i1
           } -> tensor<4x64xf32>
    ```

    After: the same, and on standard error

    ```
    mask of mqa.attention in @causal: 4 rows, 6 keys, blocks of 2x2
      form A: one live range with a full range in it
           0 to      1  +..  live [0, 2) full [0, 1) every row live: yes
           2 to      3  #+.  live [0, 4) full [0, 3) every row live: yes
      # full, + partial, . not visited
    ```

    `?` is a block that elements of the extra inputs, or scalars without a
    number, decide when the program runs. A picture is of the innermost row and
    key dimensions; there is one for every position of the other dimensions that
    the mask depends on. It ends after 64 blocks of rows and 128 of keys.

    Requires: attention on tensors or memrefs. Guarantees: nothing is changed.
  }];
  let options = [
    Option<"rows", "rows", "int64_t", "0",
           "positions of the innermost row dimension where it is dynamic (0: 8 blocks)">,
    Option<"keys", "keys", "int64_t", "0",
           "positions of the innermost key dimension where it is dynamic (0: 8 blocks)">,
    Option<"block", "block", "std::string", "\"\"",
           "positions of a block, as ROWSxKEYS (default: those of the schedule, or 16x16)">,
    ListOption<"scalars", "scalars", "std::string",
           "numbers of scalars that a mask captures, as NAME=NUMBER; the name is the one in the printed IR">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

#endif // MQA_DIALECT_MQA_TRANSFORMS_PASSES_TD
