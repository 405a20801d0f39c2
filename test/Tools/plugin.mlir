// Debian's own mlir-opt gets the dialect, the passes and the pipelines from the
// plugin. It knows their names only after it has read the options, so they go
// into a --pass-pipeline.
// REQUIRES: plugin, mlir-opt
// RUN: %mlir_opt %examples/downstream/attention.mlir \
// RUN:   --load-dialect-plugin=%plugin | FileCheck %s --check-prefix=DIALECT
// RUN: %mlir_opt %examples/downstream/attention.mlir \
// RUN:   --load-dialect-plugin=%plugin --load-pass-plugin=%plugin \
// RUN:   --pass-pipeline='builtin.module(convert-mqa-to-linalg)' | FileCheck %s --check-prefix=PASS
// RUN: %mlir_opt %examples/downstream/attention.mlir \
// RUN:   --load-dialect-plugin=%plugin --load-pass-plugin=%plugin \
// RUN:   --pass-pipeline='builtin.module(mqa-to-cpu-pipeline{cpu=x86-64-v3})' \
// RUN:   | FileCheck %s --check-prefix=PIPELINE

// DIALECT: mqa.attention

// PASS-NOT: mqa.attention
// PASS: linalg.generic
// PASS-NOT: mqa.attention

// PIPELINE-NOT: mqa.attention
// PIPELINE: llvm.func @_mlir_ciface_attention
// PIPELINE-NOT: mqa.attention
