#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Plants each defect of plants.txt, alone, and has the model checker look for it (B-03). Only the
# changed source is compiled; it is linked before the library, whose own object then stays out.
# Fails when one is not found. Usage: plants.sh [name]
set -eu
cd "$(dirname "$0")/../.."
build=$PWD/build/release
planted=$build/planted
jobs=$(nproc)
mkdir -p "$planted"
start=$(date +%s)

each() {  # calls "$@" name scenario file edit, for each defect asked for
  while IFS='|' read -r name scenario file edit; do
    name=$(echo "$name" | tr -d ' ')
    case $name in '' | '#'*) continue ;; esac
    if [ -n "$wanted" ] && [ "$name" != "$wanted" ]; then continue; fi
    "$@" "$name" "$(echo "$scenario" | tr -d ' ')" "$(echo "$file" | tr -d ' ')" "$(printf '%s\n' "$edit" | sed 's/^ *//')"
  done <tests/model_check/plants.txt
}

plant() {
  [ -n "$3" ] || return 0
  sed "$4" "$3" >"$planted/new"
  if cmp -s "$3" "$planted/new"; then
    echo "$1: does not apply any more"
    exit 1
  fi
  # An unchanged file keeps its time, so it is not compiled again.
  cmp -s "$planted/new" "$planted/$1.cc" 2>/dev/null || cp "$planted/new" "$planted/$1.cc"
}

find_it() {
  total=$((total + 1))
  if [ -n "$3" ]; then
    row=$("$build/bin/planted_$1" plant --scenario "$2") || missed=$((missed + 1))
  else
    row=$("$build/bin/otpcore_model" plant --scenario "$2" --defect "$1") || missed=$((missed + 1))
  fi
  printf '%-29s | %-10s | %s\n' "$1" "$2" "$row"
}

wanted=${1:-}
total=0
missed=0

each plant
cmake --preset release -DOTPCORE_PLANTED_DIR="$planted" >/dev/null
cmake --build "$build" -j "$jobs" --target otpcore_model otpcore_planted >"$planted/build.log" 2>&1 ||
  { tail -20 "$planted/build.log"; exit 1; }
echo "built in $(($(date +%s) - start)) s"
printf '%-29s | %-10s | %s\n' "planted defect" scenario "length | time | found by"
each find_it
echo "B-03 | asked >= 20 planted defects, each found | $((total - missed)) of $total found, $(($(date +%s) - start)) s | tests/model_check/plants.sh"
[ "$missed" -eq 0 ]
