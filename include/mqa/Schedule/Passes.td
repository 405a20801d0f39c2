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

#endif // MQA_SCHEDULE_PASSES_TD
