#!/usr/bin/env bash
# From a fresh clone to the first result: installs what is missing, builds the
# tools, then compiles the attention layer of examples/starcoder.mlir, checks
# its values and prints its speed. Safe to run again.
#
# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/env.sh

say "1/4 set-up"
scripts/setup.sh
say "2/4 configure: cmake --preset default"
cmake --preset default >build-configure.log 2>&1 || { cat build-configure.log; exit 1; }
mv build-configure.log build/configure.log
say "3/4 build: ninja -C build mqa-opt mqa-compile mqa-run"
ninja -C build -j "$(mqa_jobs)" mqa-opt mqa-compile mqa-run
say "4/4 the attention layer of StarCoder: compile, run, check, measure"
.venv/bin/python3 scripts/main_job.py --tools build/bin
