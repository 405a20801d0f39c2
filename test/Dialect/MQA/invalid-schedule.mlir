// What is no #mqa.schedule (docs/Spec.md).
// RUN: mqa-opt %s -split-input-file -verify-diagnostics

// expected-error@below {{expected a positive key_tile, got 0}}
func.func private @schedule_c1() attributes {s = #mqa.schedule<row_block = 32, row_panel = 16, key_block = 32, key_tile = 0, value_tile = 4, depth_step = 4>}

// -----

// expected-error@below {{expected row_block to be a multiple of row_panel, got 40 and 16}}
func.func private @schedule_c2() attributes {s = #mqa.schedule<row_block = 40, row_panel = 16, key_block = 32, key_tile = 4, value_tile = 4, depth_step = 4>}

// -----

// expected-error@below {{expected key_block to be a multiple of key_tile, got 32 and 5}}
func.func private @schedule_c3() attributes {s = #mqa.schedule<row_block = 32, row_panel = 16, key_block = 32, key_tile = 5, value_tile = 4, depth_step = 4>}

// -----

// expected-error@below {{expected key_block to be a multiple of depth_step, got 32 and 6}}
func.func private @schedule_c4() attributes {s = #mqa.schedule<row_block = 32, row_panel = 16, key_block = 32, key_tile = 4, value_tile = 4, depth_step = 6>}

// -----

// expected-error@+1 {{expected edge_block to be a multiple of key_tile, got 6 and 4}}
func.func private @schedule_c5() attributes {s = #mqa.schedule<row_block = 32, row_panel = 16, key_block = 32, key_tile = 4, value_tile = 4, depth_step = 4, edge_block = 6>}

// -----

// expected-error@+1 {{expected key_block to be a multiple of edge_block, got 32 and 12}}
func.func private @schedule_c6() attributes {s = #mqa.schedule<row_block = 32, row_panel = 16, key_block = 32, key_tile = 4, value_tile = 4, depth_step = 4, edge_block = 12>}

// -----

// expected-error@+1 {{expected split_keys to be a multiple of key_block, got 48 and 32}}
func.func private @schedule_c7() attributes {s = #mqa.schedule<row_block = 32, row_panel = 16, key_block = 32, key_tile = 4, value_tile = 4, depth_step = 4, split_keys = 48>}
