#!/usr/bin/env bash
# Installs the peers of the benchmark (requirements.txt) into benchmarks/.venv,
# or into the folder that is given. One after the other: a peer that cannot be
# had is named, and the benchmark runs without it.
#
# On x86-64 the package index holds torch with CUDA only: 7 GB in all. An index
# with CPU wheels can be given to pip as usual, PIP_EXTRA_INDEX_URL=...
#
# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=${1:-$here/.venv}

[ -x "$venv/bin/python3" ] || python3 -m venv "$venv"
missing=()
while read -r package; do
  case $package in '' | '#'*) continue ;; esac
  echo "== $package"
  "$venv/bin/python3" -m pip install --quiet --disable-pip-version-check \
    "$package" || missing+=("$package")
done <"$here/requirements.txt"

if [ ${#missing[@]} -gt 0 ]; then
  echo "not installed: ${missing[*]}"
  exit 1
fi
echo "all peers are in $venv"
