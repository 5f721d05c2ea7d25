#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# clang-format on everything, clang-tidy on the library and the tool: check-style.sh BUILD_DIR
set -eu
build=$1
for tool in clang-format-14 clang-tidy-14; do
  command -v "$tool" >/dev/null && continue
  echo "$tool is missing: cmake/install-deps.sh style installs it" >&2
  exit 1
done
files=$(git ls-files '*.cc' '*.h')
# shellcheck disable=SC2086  # the list is meant to be split
clang-format-14 --dry-run --Werror $files
echo "clang-format: clean"
jobs=$(nproc)
git ls-files 'src/*.cc' 'tools/*.cc' | xargs -P "$jobs" -n 4 clang-tidy-14 --quiet --extra-arg=-std=c++17 -p "$build" 2>/dev/null
echo "clang-tidy: clean"
