// The tool knows our dialect, passes and pipelines beside the upstream ones.
// RUN: mqa-opt --show-dialects | FileCheck %s --check-prefix=DIALECTS
// RUN: mqa-opt --help | FileCheck %s --check-prefix=HELP
// RUN: not mqa-opt --no-such-pass %s 2>&1 | FileCheck %s --check-prefix=WRONG

// DIALECTS-DAG: mqa
// DIALECTS-DAG: linalg
// DIALECTS-DAG: transform

// HELP-DAG: --convert-mqa-to-linalg
// HELP-DAG: --mqa-to-cpu-pipeline
// HELP-DAG: --one-shot-bufferize

// WRONG: no-such-pass
