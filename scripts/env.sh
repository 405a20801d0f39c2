# Sourced by the other scripts: where we are, which tools, how many jobs.
#
# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

MQA_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export MQA_ROOT

# ccache serves files that use a precompiled header only when it may ignore
# these; a header that changes is still seen by its content.
export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros,include_file_mtime,include_file_ctime}

# One compile job needs up to 2 GB.
mqa_jobs() {
  local cores mem
  cores=$(nproc)
  mem=$(awk '/MemAvailable/ { print int($2 / 2000000) }' /proc/meminfo)
  [ "$mem" -ge 1 ] || mem=1
  [ "$mem" -lt "$cores" ] && cores=$mem
  echo "$cores"
}

say() { printf '\n== %s\n' "$*"; }
