#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Line, branch and MC/DC coverage of src/ by otpcore_tests (B-06): tests/coverage.sh
#
# Prints a table per file, writes build/coverage/coverage.json, and fails when a gated file is below the gate. What is
# not covered is printed with its place; docs/coverage.md says why for each that stays.
set -eu
cd "$(dirname "$0")/.."
build=build/coverage

mkdir -p build
cmake --preset coverage >/dev/null
cmake --build --preset coverage -j "${JOBS:-$(nproc)}"
rm -f "$build"/*.profraw
# Every process writes its own file: some tests fork.
LLVM_PROFILE_FILE="$PWD/$build/%p.profraw" "$build/tests/otpcore_tests" --gtest_brief=1
llvm-profdata-19 merge -sparse "$build"/*.profraw -o "$build/tests.profdata"
export_as() {
  llvm-cov-19 export "$build/tests/otpcore_tests" -instr-profile "$build/tests.profdata" -format="$1" \
    --ignore-filename-regex='/(tests|build)/|^/usr/'
}
export_as text >"$build/export.json"
export_as lcov >"$build/export.lcov"
python3 tests/coverage_gate.py "$build/export.json" "$build/export.lcov" "$build/coverage.json"
