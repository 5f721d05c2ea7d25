#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Where the instructions of one command go, counted by valgrind, so that a busy machine changes nothing:
# bench/profile.sh send|right|wrong
set -eu
cd "$(dirname "$0")/.."
case="${1:-send}"
out="build/bench/callgrind.$case"
valgrind --tool=callgrind --callgrind-out-file="$out" --collect-atstart=no --toggle-collect='*Measured*' \
  build/bench/bin/bench_commands --members=256 "--benchmark_filter=0/$case/" --benchmark_min_time=0.001 >/dev/null 2>&1
callgrind_annotate "$out" | sed 's/\[[^]]*\]$//' | grep -E '%\)' | cut -c1-150 | head -25
