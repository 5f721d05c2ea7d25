#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The deep figures (docs/evidence.md), one after the other, with progress on the terminal. Writes a
# summary table to build/deep/summary.md. Scale with OTPCORE_DEEP_SCALE: 1 is the full figure, hours
# to days; 0.01 is an hour or so. Name stages to run only these: deep.sh simulation threads
set -u
cd "$(dirname "$0")/.."
scale=${OTPCORE_DEEP_SCALE:-1}
jobs=$(nproc)
out=build/deep
mkdir -p "$out"
commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
summary=$out/summary.md
printf '| id | figure asked | figure reached | seconds | command | commit |\n|---|---|---|---|---|---|\n' >"$summary"
status=0
stages=$*

scaled() { awk -v n="$1" -v s="$scale" 'BEGIN { v = n * s; printf "%.0f", v < 1 ? 1 : v }'; }
wanted() {
  [ -z "$stages" ] && return 0
  case " $stages " in *" $1 "*) return 0 ;; *) return 1 ;; esac
}
# stage NAME ID ASKED PATTERN COMMAND…: runs it, and keeps the last line that matches PATTERN.
stage() {
  name=$1 id=$2 asked=$3 pattern=$4
  shift 4
  wanted "$name" || return 0
  printf '\n==== %s: %s\n' "$id" "$*"
  start=$(date +%s)
  if "$@" >"$out/$name.log"; then reached=; else reached='FAILED, see the log. ' status=1; fi
  reached=$reached$(tr '\r' '\n' <"$out/$name.log" | grep -E "$pattern" | tail -1)
  seconds=$(($(date +%s) - start))
  printf '%s\n' "$reached"
  printf '| %s | %s | %s | %s | `%s` | %s |\n' "$id" "$asked" "$reached" "$seconds" "$*" "$commit" >>"$summary"
}

cmake --preset release >/dev/null || exit 1
cmake --build --preset release -j "$jobs" --target otpcore_tests otpcore_simulation || exit 1
if cmake --build --preset release --target help | grep -q '^otpcore_model'; then
  cmake --build --preset release -j "$jobs" --target otpcore_model || exit 1
fi
tests=build/release/tests/otpcore_tests

if [ -x build/release/bin/otpcore_model ]; then
  stage model B-02 '10^8 states' 'states' build/release/bin/otpcore_model check --deep
  stage faults B-05 'sequences of length 4' '.' build/release/bin/otpcore_model faults --deep
fi
stage simulation B-04 '10^9 events' 'trace hash' \
  build/release/bin/otpcore_simulation --events "$(scaled 1000000000)" --jobs "$jobs" \
  --seed "${OTPCORE_DEEP_SEED:-1000000}"
stage attackers B-11 '10^8 guesses' '^[0-9]+ (guesses|accounts)' \
  env OTPCORE_GUESSES="$(scaled 100000000)" "$tests" --gtest_filter='Attackers.*'
stage threads B-14 '10^5 rounds' 'PASSED|FAILED' \
  env OTPCORE_ROUNDS="$(scaled 100000)" "$tests" --gtest_filter='Contention.*'
stage differential B-13 '10^6 mutations' 'PASSED|FAILED' \
  env OTPCORE_DEEP=1 "$tests" --gtest_filter='MeasureSms*:ParseE164*'
if command -v patroni >/dev/null && [ -x build/release/bin/mfa_server ]; then
  stage patroni K-04 '30 fail-overs' 'chaos patroni' \
    node tests/wire/chaos_test.js build/release/bin/mfa_server "patroni:$(scaled 30)"
fi
if [ -x fuzz/run.sh ]; then
  stage fuzz B-12 '10^9 runs in all' '.' fuzz/run.sh "$(scaled 14400)"
fi

printf '\n'
cat "$summary"
exit $status
