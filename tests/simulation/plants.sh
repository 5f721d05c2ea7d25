#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Plants each defect of plants.txt into a copy of the project, alone, and has the simulation look for
# it. Fails when one is not found. Usage: plants.sh [name]
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
copy=$top/build/plants
events=${OTPCORE_PLANT_EVENTS:-4000000}
rm -rf "$copy/project"
mkdir -p "$copy/project"
(cd "$top" && cp -r CMakeLists.txt LICENSE README.md cmake include src tests tools docs "$copy/project/")
cmake -S "$copy/project" -B "$copy/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DOTPCORE_BUILD_EXAMPLES=OFF -DOTPCORE_BUILD_TOOLS=OFF >/dev/null
missed=0
printf '%-30s %8s %8s  %s\n' planted seconds steps found
while IFS='|' read -r name file edit; do
  name=$(echo "$name" | tr -d ' ')
  file=$(echo "$file" | tr -d ' ')
  edit=$(printf '%s\n' "$edit" | sed 's/^ *//')
  case $name in '' | '#'*) continue ;; esac
  if [ $# -gt 0 ] && [ "$name" != "$1" ]; then continue; fi
  sed -i "$edit" "$copy/project/$file"
  if cmp -s "$top/$file" "$copy/project/$file"; then
    echo "$name: does not apply any more"
    missed=1
    continue
  fi
  cmake --build "$copy/build" --target otpcore_simulation >"$copy/build.log" 2>&1 || { tail -20 "$copy/build.log"; exit 1; }
  start=$(date +%s)
  if "$copy/build/bin/otpcore_simulation" --events "$events" --jobs 2 >"$copy/$name.log" 2>/dev/null; then
    found=MISSED
    steps=-
    missed=1
  else
    found=$(sed -n 's/^  \*\*\* //p' "$copy/$name.log" | head -1)
    steps=$(sed -n 's/.*sequence found: \([0-9]*\) steps.*/\1/p' "$copy/$name.log")
  fi
  printf '%-30s %8s %8s  %s\n' "$name" "$(($(date +%s) - start))" "$steps" "$found"
  cp "$top/$file" "$copy/project/$file"
done <"$top/tests/simulation/plants.txt"
exit $missed
