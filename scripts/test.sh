#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test; ends with one line
# "N passed, N failed". Safe to run again. Options:
#   --quick   leave out the sanitizer build, the second run for round trips and
#             the random tests
#
# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/env.sh

quick=0
case "${1:-}" in
--quick) quick=1 ;;
"") ;;
*) echo "error: expected --quick or nothing, got '$1'" >&2; exit 2 ;;
esac
jobs=$(mqa_jobs)
passed=0 failed=0 broken=()
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# run TITLE COMMAND...: runs a step and adds up what lit or pytest counted in
# it; a step without a count of its own is one test.
run() {
  local title=$1 start=$SECONDS rc p f
  shift
  say "$title"
  "$@" 2>&1 | tee "$log"
  rc=${PIPESTATUS[0]}
  p=$(awk '/^ +(Passed|Expectedly Failed) *:/ { sub(/.*: */, ""); n += $1 }
           /^(=+ )?[0-9]+ passed/ || /failed, [0-9]+ passed/ {
             for (i = 2; i <= NF; ++i) if ($i ~ /^passed/) n += $(i - 1) }
           END { print n + 0 }' "$log")
  f=$(awk '/^ +(Failed|Timed Out|Unresolved|Unexpectedly Passed) *:/ { sub(/.*: */, ""); n += $1 }
           END { print n + 0 }' "$log")
  [ "$p" -eq 0 ] && [ "$rc" -eq 0 ] && p=1
  [ "$f" -eq 0 ] && [ "$rc" -ne 0 ] && f=1
  passed=$((passed + p)) failed=$((failed + f))
  [ "$rc" -eq 0 ] || broken+=("$title")
  echo "-- $title: $p passed, $f failed, $((SECONDS - start)) s"
  return "$rc"
}

finish() {
  say "all tests, $((SECONDS / 60)) minutes"
  local b
  for b in "${broken[@]}"; do echo "FAILED: $b"; done
  [ "$quick" -eq 1 ] && echo "(--quick: no sanitizers, no round trips, no random tests)"
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
  exit
}

lit_of() { # build directory, areas...
  local build=$1 a dirs=()
  shift
  for a in "$@"; do
    [ -d "test/$a" ] && mkdir -p "$build/test/$a" && dirs+=("$build/test/$a")
  done
  .venv/bin/python3 /usr/lib/llvm-22/bin/lit -sv --no-progress-bar "${dirs[@]}"
}
compile_only=(Dialect Conversion CodeGen Schedule Pipelines Regression)

run "set-up" scripts/setup.sh || finish
run "configure" cmake --preset default || finish
run "build" ninja -C build -j "$jobs" all || finish
run "lint" .venv/bin/python3 scripts/lint/run.py --build=build
run "check-mqa" ninja -C build check-mqa
run "python" ninja -C build check-python
if [ "$quick" -eq 0 ]; then
  run "round trip of the suite" \
    env MQA_VERIFY_ROUNDTRIP=1 bash -c "$(declare -f lit_of); lit_of build ${compile_only[*]}"
  run "random differential test" ninja -C build check-mqa-random
  run "mutated input" ninja -C build check-mqa-mutate
  # Assertions on and warnings as errors, too.
  run "ASan and UBSan: configure" cmake --preset asan &&
    run "ASan and UBSan: build" ninja -C build-asan -j "$jobs" mqa-opt mqa-compile mqa-run &&
    run "ASan and UBSan: tests" lit_of build-asan "${compile_only[@]}" &&
    run "ASan and UBSan: mutated input" \
      env ASAN_OPTIONS=allow_user_poisoning=0 .venv/bin/python3 test/mutate/mutate.py \
      --tools=build-asan/bin --seed=1 --seconds=60 --failures=build-asan/mutate-failures
fi
finish
