#!/usr/bin/env bash
# Installs what the build and the tests need and is missing: Debian packages
# (with apt-get, as root or through sudo) and Python packages (into .venv).
# Safe to run again: what is there is left alone.
#
# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$MQA_ROOT"

packages=(
  g++ cmake ninja-build ccache git
  clang-22 lld-22 clang-format-22 libclang-rt-22-dev
  libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22
  libgtest-dev python3 python3-venv
)

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

install_packages() {
  local missing=() p
  for p in "${packages[@]}"; do
    is_installed "$p" || missing+=("$p")
  done
  if [ ${#missing[@]} -eq 0 ]; then
    echo "Debian packages: all ${#packages[@]} are there"
    return
  fi
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "error: run this as root: apt-get install ${missing[*]}" >&2
      exit 1
    fi
    as_root=(sudo)
  fi
  say "installing Debian packages: ${missing[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# Some machines have a second python3 first in PATH; any that can make an
# environment will do.
find_python() {
  local p
  for p in python3 /usr/bin/python3; do
    if "$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))' \
      >/dev/null 2>&1; then
      echo "$p"
      return
    fi
  done
  echo "error: expected a python3 of at least 3.9 with venv, found none" >&2
  exit 1
}

install_python() {
  local wanted=python/requirements-dev.txt stamp=.venv/requirements.txt python
  if cmp -s "$wanted" "$stamp" && .venv/bin/python3 -c 'import numpy' 2>/dev/null; then
    echo "Python packages: .venv is up to date"
    return
  fi
  say "installing Python packages into .venv"
  python=$(find_python)
  "$python" -m venv --clear .venv
  .venv/bin/python3 -m pip install --quiet --disable-pip-version-check -r "$wanted"
  cp "$wanted" "$stamp"
}

install_packages
install_python
