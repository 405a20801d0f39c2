// RUN: mqa-opt %s -split-input-file -verify-diagnostics
// Constraints GPU_SCHEDULE_C1 to C5 of docs/Spec.md, in order.

// expected-error@below {{expected kernel "mma" or "wgmma", got "wmma"}}
func.func private @gpu_schedule_c1() attributes {s = #mqa.gpu_schedule<kernel = "wmma", row_block = 64, key_block = 64, stages = 2>}

// -----

// expected-error@below {{expected row_block of 64 or 128, got 32}}
func.func private @gpu_schedule_c2() attributes {s = #mqa.gpu_schedule<kernel = "mma", row_block = 32, key_block = 64, stages = 2>}

// -----

// expected-error@below {{expected key_block to be a multiple of 16 of at most 128, got 24}}
func.func private @gpu_schedule_c3() attributes {s = #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 24, stages = 2>}

// -----

// expected-error@below {{expected 2 to 4 stages, got 1}}
func.func private @gpu_schedule_c4() attributes {s = #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 64, stages = 1>}

// -----

// expected-error@below {{expected split_keys to be a non-negative multiple of key_block, got 100 and 64}}
func.func private @gpu_schedule_c5() attributes {s = #mqa.gpu_schedule<kernel = "mma", row_block = 64, key_block = 64, stages = 2, split_keys = 100>}
