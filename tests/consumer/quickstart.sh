#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Walks the path of docs/quickstart.md in a fresh folder, with the files as they stand in the page, and says how long it
# took: the clone, the build and the first passed test. The packages must be there already.
set -eu
checkout=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
start=$(date +%s)

# block LANGUAGE: the first block of that language in the page.
block() { awk -v fence="\`\`\`$1" '$0 == "```" { inside = 0 } inside; $0 == fence && !seen++ { inside = 1 }' "$page"; }

cd "$work"
git clone -q "$checkout" otpcore
page=otpcore/docs/quickstart.md
block cmake >CMakeLists.txt
block cpp >sign_in_test.cc
cmake -S . -B build -G Ninja
cmake --build build
ctest --test-dir build --output-on-failure --no-tests=error
times >"$work/times"
echo "quickstart: from clone to the first passed test in $(($(date +%s) - start)) s," \
  "processor time (user, system) $(tail -1 "$work/times"), $(wc -l <sign_in_test.cc) lines of the user's own"
