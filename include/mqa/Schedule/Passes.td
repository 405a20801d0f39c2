//===- Passes.td - choosing tile sizes ---------------------*- tablegen -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_SCHEDULE_PASSES_TD
#define MQA_SCHEDULE_PASSES_TD

include "mlir/Pass/PassBase.td"

def SelectSchedulePass : Pass<"mqa-select-schedule"> {
  let summary = "Choose tile sizes for a target";
  let description = [{
    Sets the `schedule` attribute of every `mqa.attention` and
    `mqa.online_attention`: a schedule that the op already has stays; then the
    options, which pin fields; then the entry of `schedule-cache` for this CPU
    and problem; then a cost model over the target's vectors, registers and
    caches, the static sizes of the op, and its mask. What is not pinned fits
    what is.

    Before:

    ```mlir
    %o = mqa.attention {indexing_maps = [...]} ins(...) outs(...) -> ...
    ```

    After:

    ```mlir
    %o = mqa.attention {indexing_maps = [...],
        schedule = #mqa.schedule<row_block = 64, row_panel = 16, key_block = 64,
                                 key_tile = 4, value_tile = 4, depth_step = 4>}
        ins(...) outs(...) -> ...
    ```

    Requires: nothing. Guarantees: every attention has a schedule. Run
    `mqa-convert-to-online` next.
  }];
  let options = [
    Option<"cpu", "cpu", "std::string", "\"host\"",
           "CPU that the sizes are for: host or a name that LLVM knows">,
    Option<"scheduleCache", "schedule-cache", "std::string", "\"\"",
           "file of schedules that mqa-tune has found">,
    Option<"rowBlock", "row-block", "int64_t", "0", "rows of a task (0: chosen)">,
    Option<"rowPanel", "row-panel", "int64_t", "0", "rows in vector lanes (0: chosen)">,
    Option<"keyBlock", "key-block", "int64_t", "0", "keys of a block (0: chosen)">,
    Option<"keyTile", "key-tile", "int64_t", "0", "keys of a register tile (0: chosen)">,
    Option<"valueTile", "value-tile", "int64_t", "0", "value columns of a register tile (0: chosen)">,
    Option<"depthStep", "depth-step", "int64_t", "0", "unrolled reduction steps (0: chosen)">,
    Option<"edgeBlock", "edge-block", "int64_t", "-1",
           "keys of a block at the edge of a mask (0: key-block; -1: chosen)">,
    Option<"splitKeys", "split-keys", "int64_t", "-1",
           "keys of a row that one task takes (0: all; -1: chosen)">,
    Option<"laneDepth", "lane-depth", "int64_t", "0",
           "elements of depth and value in vector lanes (0: chosen)">];
}

def SelectGpuSchedulePass : Pass<"mqa-select-gpu-schedule"> {
  let summary = "Choose tile sizes for a GPU";
  let description = [{
    Sets the attribute `mqa.gpu_schedule` of every `mqa.attention`: one that the
    op already has stays; then the options, which pin fields; then a table over
    the sizes of the op and the shared memory of the chip.

    Before:

    ```mlir
    %o = mqa.attention {indexing_maps = [...]} ins(...) outs(...) -> ...
    ```

    After:

    ```mlir
    %o = mqa.attention {indexing_maps = [...],
        mqa.gpu_schedule = #mqa.gpu_schedule<kernel = "mma", row_block = 64,
                                             key_block = 64, stages = 2>}
        ins(...) outs(...) -> ...
    ```

    Requires: nothing. Guarantees: every attention has a GPU schedule. Run
    bufferization, then `convert-mqa-to-nvgpu` next.
  }];
  let options = [
    Option<"chip", "chip", "std::string", "\"sm_80\"",
           "chip that the sizes are for: sm_80 and later">,
    Option<"kernel", "kernel", "std::string", "\"\"",
           "`mma` or `wgmma` (sm_90a alone; empty: chosen)">,
    Option<"rowBlock", "row-block", "int64_t", "0", "rows of a thread block (0: chosen)">,
    Option<"keyBlock", "key-block", "int64_t", "0", "keys of a block (0: chosen)">,
    Option<"stages", "stages", "int64_t", "0", "blocks in shared memory (0: chosen)">,
    Option<"splitKeys", "split-keys", "int64_t", "-1",
           "keys of a row that one thread block takes (0: all; -1: chosen)">];
}

#endif // MQA_SCHEDULE_PASSES_TD
