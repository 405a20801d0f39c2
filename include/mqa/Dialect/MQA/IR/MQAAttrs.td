//===- MQAAttrs.td - attributes of the mqa dialect ---------*- tablegen -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_DIALECT_MQA_IR_MQAATTRS_TD
#define MQA_DIALECT_MQA_IR_MQAATTRS_TD

include "mqa/Dialect/MQA/IR/MQADialect.td"
include "mlir/IR/AttrTypeBase.td"

def MQA_ScheduleAttr : AttrDef<MQA_Dialect, "Schedule"> {
  let mnemonic = "schedule";
  let summary = "tile sizes of one attention";
  let description = [{
    The sizes that a fused lowering works with. All are in elements.

    - `row_block`: rows (query position times the heads that share keys) that
      one task keeps its running state for; a multiple of `row_panel`.
    - `row_panel`: rows that lie side by side in vector lanes.
    - `key_block`: keys whose scores exist at one time; a multiple of `key_tile`.
    - `key_tile`, `value_tile`: keys of a register tile of the score product,
      value columns of a register tile of the output product.
    - `depth_step`: reduction steps that are unrolled in a register tile; divides
      `key_block`.
    - `edge_block`: keys of a block at the edge of what the mask leaves live; a
      multiple of `key_tile` and `depth_step` that divides `key_block`. 0, the
      default: `key_block`.
    - `split_keys`: keys whose state one task makes, when the keys of a row are
      split over tasks that are merged in the order of the keys; a multiple of
      `key_block`. 0, the default: no split. It depends on neither the batch nor
      the number of threads, so results do not either.
    - `lane_depth`: elements of a row's depth, and of its value, that lie side by
      side in vector lanes; `row_panel` times this is a whole number of vectors.
      1, the default: lanes hold rows only.

    Example:

    ```mlir
    #mqa.schedule<row_block = 64, row_panel = 16, key_block = 32,
                  key_tile = 4, value_tile = 4, depth_step = 4>
    ```
  }];
  // SCHEDULE_C1 to C7: positive, and the multiples that are named above.
  let parameters = (ins "int64_t":$row_block, "int64_t":$row_panel,
      "int64_t":$key_block, "int64_t":$key_tile, "int64_t":$value_tile,
      "int64_t":$depth_step,
      DefaultValuedParameter<"int64_t", "0">:$edge_block,
      DefaultValuedParameter<"int64_t", "0">:$split_keys,
      DefaultValuedParameter<"int64_t", "1">:$lane_depth);
  let extraClassDeclaration = [{
    /// Keys of a block at an edge: `edge_block`, or `key_block` by default.
    int64_t getEdgeKeys() const {
      return getEdgeBlock() ? getEdgeBlock() : getKeyBlock();
    }
  }];
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def MQA_GpuScheduleAttr : AttrDef<MQA_Dialect, "GpuSchedule"> {
  let mnemonic = "gpu_schedule";
  let summary = "tile sizes of one attention on a GPU";
  let description = [{
    The sizes that the GPU lowering works with, as the discardable attribute
    `mqa.gpu_schedule` of an attention. All but `stages` are in elements.

    - `kernel`: `"mma"`, by `mma.sync` on tiles that `cp.async` brings (sm_80 and
      later); or `"wgmma"`, by asynchronous products of warpgroups, one of which
      fills the tiles (sm_90a alone).
    - `row_block`: rows (query position times the heads that share keys) of a
      thread block: 64 or 128, 16 for each warp, or 64 for each warpgroup.
    - `key_block`: keys whose scores exist at one time; a multiple of 16, at most
      128.
    - `stages`: blocks of keys and values in shared memory, 2 to 4: one is worked
      on, the others are on their way.
    - `split_keys`: keys of one split, when the keys of a row are split over
      thread blocks whose states a second kernel combines in the order of the
      keys; a multiple of `key_block`. 0, the default: no split. It depends on
      neither the batch nor the device, so results do not either.

    Example:

    ```mlir
    #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 64, stages = 2>
    ```
  }];
  // GPU_SCHEDULE_C1 to C5: one for each field, in order.
  let parameters = (ins "::mlir::StringAttr":$kernel, "int64_t":$row_block,
      "int64_t":$key_block, "int64_t":$stages,
      DefaultValuedParameter<"int64_t", "0">:$split_keys);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

#endif // MQA_DIALECT_MQA_IR_MQAATTRS_TD
