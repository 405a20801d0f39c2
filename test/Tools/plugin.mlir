// Debian's own mlir-opt gets the dialect, the passes and the pipelines from the
// plugin.
// REQUIRES: plugin, mlir-opt
// RUN: %mlir_opt %examples/downstream/attention.mlir \
// RUN:   --load-dialect-plugin=%plugin | FileCheck %s --check-prefix=DIALECT
// RUN: %mlir_opt %examples/downstream/attention.mlir \
// RUN:   --load-dialect-plugin=%plugin --load-pass-plugin=%plugin \
// RUN:   --convert-mqa-to-linalg | FileCheck %s --check-prefix=PASS
// RUN: %mlir_opt %examples/downstream/attention.mlir \
// RUN:   --load-dialect-plugin=%plugin --load-pass-plugin=%plugin \
// RUN:   --mqa-to-cpu-pipeline=cpu=x86-64-v3 \
// RUN:   | FileCheck %s --check-prefix=PIPELINE

// DIALECT: mqa.attention

// PASS-NOT: mqa.attention
// PASS: linalg.generic
// PASS-NOT: mqa.attention

// PIPELINE-NOT: mqa.
// PIPELINE: llvm.func @attention
// PIPELINE: llvm.call @mqa_parallel_for
// PIPELINE-NOT: mqa.attention
