#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The simulation at its CI figures (B-04): 10^7 events, and the same trace hash from two compilers
# without and with optimization. Usage: run.sh [events]
set -eu
cd "$(dirname "$0")/../.."
events=${1:-10000000}
jobs=$(nproc)

cmake --preset release >/dev/null
cmake --build --preset release --target otpcore_simulation -j "$jobs"
build/release/bin/otpcore_simulation --events "$events" --jobs "$jobs"
build/release/bin/otpcore_simulation --sequential --events $((events / 20)) --jobs "$jobs"

# The library and the simulator alone, in four builds.
hashes=
for compiler in g++-12 clang++-19; do
  for level in 0 2; do
    folder=build/simulation-$compiler-O$level
    cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE= -DCMAKE_CXX_COMPILER="$compiler" \
      -DCMAKE_CXX_FLAGS="-O$level" -DOTPCORE_BUILD_EXAMPLES=OFF >/dev/null
    cmake --build "$folder" --target otpcore_simulation -j "$jobs" >"$folder/build.log" || { tail -20 "$folder/build.log"; exit 1; }
    line=$("$folder/bin/otpcore_simulation" --seed 7 --events 100000 --jobs "$jobs" 2>/dev/null)
    echo "$compiler -O$level: $line"
    hashes="$hashes${line##* }
"
  done
done
if [ "$(printf %s "$hashes" | sort -u | wc -l)" -ne 1 ]; then
  echo "the trace hashes differ"
  exit 1
fi
