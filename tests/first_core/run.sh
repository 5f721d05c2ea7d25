#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Holds this tree's core against the first one, commit e631341, before its records, plans and driver were written anew
# (B-19). Usage: run.sh [steps] [compare.py's other arguments]; 10^5 steps, an example of each difference with --examples.
#
# Both cores play the same random calls of every command, with faults of store, sink, guard, sessions and generator, calls
# that run into each other, restores, key rotation and clocks that jump. What is answered must be the same: errors,
# retry_after, hints, events, shown Members and Organizations, messages, session effects, quotas. What differs on purpose is
# the list INTENDED of compare.py; an entry that is never met fails the run, like a difference that is not on it.
#
#   driver.cc       plays worlds and prints a line for each call; compiled with each core
#   first/core.h    the first core as the driver sees it
#   second/core.h   this tree's core, likewise
#   compare.py      compares the lines and shrinks a world that differs
#
# The calls are those of the simulation (tests/simulation/clients.h). The rules are not written down once more: each core is
# the other's oracle, so what both have wrong stays unseen. A rule that is changed in this tree adds an entry to INTENDED and,
# where clients do not call for it, a form to MakeNew of driver.cc. The folder goes when the list is all that is left of the
# first core.
#
# Ends with 77 where the history does not reach back to that commit.
set -eu
cd "$(dirname "$0")/../.."
commit=e6313413f2e98dd4664b1348a0d678182d6cbb49
steps=${1:-100000}
[ $# -eq 0 ] || shift
if ! git cat-file -e "$commit^{commit}" 2>/dev/null; then
  echo "skipped: commit $commit, the first core, is not in this history (a shallow clone, or no repository)"
  exit 77
fi

folder=build/first_core
source=$folder/source
if [ "$(cat "$source/.commit" 2>/dev/null)" != "$commit" ]; then
  rm -rf "$source"
  mkdir -p "$source"
  git archive "$commit" | tar -x -C "$source"
  # What it hears leaves out the hints of an error.
  sed -i 's/^  heard.events = reply.events;$/&\n  heard.hints = reply.hints;/' "$source/tests/simulation/call.cc"
  grep -q '^  heard.hints = reply.hints;$' "$source/tests/simulation/call.cc"
  echo "$commit" >"$source/.commit"
fi

launcher=$(command -v ccache || true)
build() {  # adapter, source of its core
  mkdir -p "$folder/$1"
  {
    cmake -S tests/first_core -B "$folder/$1" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" \
      -DADAPTER="$1" -DCORE="$2" && cmake --build "$folder/$1" --target driver -j "$(nproc)"
  } >"$folder/$1/build.log" 2>&1 || { tail -20 "$folder/$1/build.log"; exit 1; }
}
build first "$PWD/$source"
build second "$PWD"
python3 tests/first_core/compare.py "$folder/first/driver" "$folder/second/driver" --steps "$steps" "$@"
