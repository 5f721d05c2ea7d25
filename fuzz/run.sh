#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the fuzz targets and runs each for SECONDS (default 60), JOBS at a time (default 2): fuzz/run.sh [SECONDS]
# TARGETS="ids policy" runs only these, FUZZ_SEED=1 with the same choices again. Shows progress, then a table; fails when
# a target found something, and says where the input lies. Seeds are in fuzz/corpus; what a run adds stays below
# build/fuzz.
set -eu
cd "$(dirname "$0")/.."
out=build/fuzz
log_of() { echo "$out/logs/$1.log"; }

if [ "${1:-}" = --one ]; then
  target=$2
  mkdir -p "$out/work/$target" "$out/found/$target"
  status=0
  "$out/fuzz/fuzz_$target" -seed="${FUZZ_SEED:-0}" -max_total_time="$3" -timeout=10 -rss_limit_mb=2048 \
    -max_len=1024 -print_final_stats=1 -artifact_prefix="$out/found/$target/" "$out/work/$target" "fuzz/corpus/$target" \
    >"$(log_of "$target")" 2>&1 || status=$?
  echo "$status" >"$(log_of "$target").status"
  exit 0
fi

seconds=${1:-60}
jobs=${JOBS:-2}
mkdir -p build
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz -j "$jobs"
mkdir -p "$out/logs"
rm -f "$out"/logs/*
targets=${TARGETS:-$(for source in fuzz/*.cc; do basename "$source" .cc; done)}

printf '%s\n' $targets | xargs -P "$jobs" -I TARGET "$0" --one TARGET "$seconds" &
running=$!
start=$(date +%s)
last_run_of() { grep -ao '^#[0-9]*' "$1" | tail -n 1; }
while kill -0 "$running" 2>/dev/null; do
  sleep 5
  line="$(($(date +%s) - start)) s:"
  for target in $targets; do
    [ -e "$(log_of "$target")" ] || continue
    [ -e "$(log_of "$target").status" ] || line="$line $target $(last_run_of "$(log_of "$target")")"
  done
  if [ -t 1 ]; then printf '\r\033[K%s' "$line"; else echo "$line"; fi
done
wait "$running"

printf '\n%-14s %12s %10s %8s  %s\n' target runs 'runs/s' features found
failed=0
for target in $targets; do
  log=$(log_of "$target")
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
  features=$(grep -ao 'ft: [0-9]*' "$log" | tail -n 1 | cut -c5-)
  found=nothing
  if [ "$(cat "$log.status")" != 0 ]; then
    failed=1
    found="see $log and $out/found/$target"
  fi
  printf '%-14s %12s %10s %8s  %s\n' "$target" "${runs:-?}" "${rate:-?}" "${features:-?}" "$found"
done
exit "$failed"
