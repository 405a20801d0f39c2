// A cache of schedules comes before the cost model and after pins and program;
// its entries hold for one CPU and one problem.
// REQUIRES: x86_64
// RUN: split-file %s %t
// RUN: mqa-opt %t/in.mlir --mqa-select-schedule="cpu=znver3 schedule-cache=%t/cache.json" 2>%t/found.txt | FileCheck %s --check-prefix=FOUND
// RUN: FileCheck %s --check-prefix=OTHER --input-file=%t/found.txt
// RUN: mqa-opt %t/in.mlir --mqa-select-schedule="cpu=znver3 schedule-cache=%t/cache.json key-block=40" 2>/dev/null | FileCheck %s --check-prefix=PINNED
// RUN: mqa-opt %t/in.mlir --mqa-stage-1-schedule="cpu=znver3 schedule-cache=%t/cache.json" 2>/dev/null | FileCheck %s --check-prefix=FOUND
// RUN: mqa-opt %t/in.mlir --mqa-select-schedule="cpu=znver4 schedule-cache=%t/cache.json" 2>&1 >/dev/null | FileCheck %s --check-prefix=CPU

// FOUND-LABEL: @here
// FOUND: #mqa.schedule<row_block = 32, row_panel = 16, key_block = 20, key_tile = 5, value_tile = 4, depth_step = 4, edge_block = 20>
// FOUND-LABEL: @not_here
// FOUND: key_block = 96
// PINNED-LABEL: @here
// PINNED: #mqa.schedule<row_block = 32, row_panel = 16, key_block = 40, key_tile = 5, value_tile = 4, depth_step = 4, edge_block = 20>
// OTHER: cache.json:4:1: remark: left out: an entry with the unknown member "warps"
// OTHER: in.mlir:{{.*}} remark: {{.*}}no entry of the schedule cache is for znver3, f32/f32/f32 rows=? keys=? depth=64 value=64 mask=none
// CPU-COUNT-2: remark: {{.*}}no entry of the schedule cache is for znver4

// Files that are wrong.
// DEFINE: %{file} =
// DEFINE: %{check} = CHECK
// DEFINE: %{run} = not mqa-opt %t/in.mlir --mqa-select-schedule="cpu=znver3 schedule-cache=%t/%{file}" 2>&1 | FileCheck %s --check-prefix=%{check}
// REDEFINE: %{file} = none.json
// REDEFINE: %{check} = NONE
// RUN: %{run}
// NONE: error: expected a readable schedule cache, got '{{.*}}none.json': No such file
// REDEFINE: %{file} = syntax.json
// REDEFINE: %{check} = SYNTAX
// RUN: %{run}
// SYNTAX: syntax.json:2:{{[0-9]+}}: error: expected a schedule cache in JSON, got: Invalid JSON value
// REDEFINE: %{file} = version.json
// REDEFINE: %{check} = VERSION
// RUN: %{run}
// VERSION: version.json:1:1: error: expected version 1, got 9
// REDEFINE: %{file} = type.json
// REDEFINE: %{check} = TYPE
// RUN: %{run}
// TYPE: type.json:3:1: error: expected a size or "?" for "rows", got "many"
// REDEFINE: %{file} = schedule.json
// REDEFINE: %{check} = SCHEDULE
// RUN: %{run}
// SCHEDULE: schedule.json:3:1: error: expected a valid schedule: expected key_block to be a multiple of key_tile, got 21 and 5

//--- cache.json
{"mqa_schedule_cache": 1,
 "entries": [
  {"cpu":"znver3","query":"f32","key":"f32","value":"f32","rows":"?","keys":100,"depth":64,"value_size":64,"mask":"none","schedule":{"row_block":32,"row_panel":16,"key_block":20,"key_tile":5,"value_tile":4,"depth_step":4,"edge_block":20,"split_keys":0,"lane_depth":1}},
  {"cpu":"znver3","query":"f32","key":"f32","value":"f32","rows":"?","keys":"?","depth":64,"value_size":64,"mask":"none","warps":4}
]}
//--- syntax.json
{"mqa_schedule_cache": 1,
 "entries": [,
]}
//--- version.json
{"mqa_schedule_cache": 9, "entries": []}
//--- type.json
{"mqa_schedule_cache": 1,
 "entries": [
  {"cpu":"znver3","query":"f32","key":"f32","value":"f32","rows":"many","keys":100,"depth":64,"value_size":64,"mask":"none","schedule":{"row_block":32,"row_panel":16,"key_block":20,"key_tile":5,"value_tile":4,"depth_step":4,"edge_block":20,"split_keys":0,"lane_depth":1}}
]}
//--- schedule.json
{"mqa_schedule_cache": 1,
 "entries": [
  {"cpu":"znver3","query":"f32","key":"f32","value":"f32","rows":"?","keys":100,"depth":64,"value_size":64,"mask":"none","schedule":{"row_block":32,"row_panel":16,"key_block":21,"key_tile":5,"value_tile":4,"depth_step":4,"edge_block":0,"split_keys":0,"lane_depth":1}}
]}
//--- in.mlir
#q = affine_map<(m, n, d, e) -> (m, d)>
#k = affine_map<(m, n, d, e) -> (n, d)>
#v = affine_map<(m, n, d, e) -> (n, e)>
#o = affine_map<(m, n, d, e) -> (m, e)>
func.func @here(%q: tensor<?x64xf32>, %k: tensor<100x64xf32>, %v: tensor<100x64xf32>, %init: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<?x64xf32>, tensor<100x64xf32>, tensor<100x64xf32>)
         outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %o : tensor<?x64xf32>
}
func.func @not_here(%q: tensor<?x64xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>, %init: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
         ins(%q, %k, %v : tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>)
         outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %o : tensor<?x64xf32>
}
