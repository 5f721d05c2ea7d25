#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a shared library shows must be named in the installed headers: exported_symbols.sh LIBRARY INCLUDE_DIR
set -eu
library=$1
headers=$2
listing=$(mktemp)
words=$(mktemp)
trap 'rm -f "$listing" "$words"' EXIT

nm -DC --defined-only "$library" | sed -E 's/^[0-9a-f]* +[A-Za-z] //' | sort -u >"$listing"
find "$headers/otpcore" -name '*.h' -exec cat {} + | grep -oE '[A-Za-z_][A-Za-z0-9_]*' | sort -u >"$words"

count=$(wc -l <"$listing")
[ "$count" -gt 50 ] || { echo "only $count symbols: is this the library?" >&2; exit 1; }

# Nothing of the libraries that otpcore is made of, not even inside a template of the standard library.
foreign='absl|sodium|crypto_|i18n|google::|protobuf|icu_'
if grep -E "$foreign" "$listing"; then
  echo "^ symbols of other libraries are exported" >&2
  exit 1
fi
# Of otpcore: only what a header names. "vtable for otpcore::X", "otpcore::X::Y(…) const" → X.
bad=0
sed -E 's/^(vtable|typeinfo|typeinfo name|VTT|guard variable) for //' "$listing" | grep -E '^otpcore::' |
  sed -E 's/^otpcore::((internal|testing)::)?([A-Za-z_~][A-Za-z0-9_]*).*/\3/' | sort -u |
  while read -r name; do
    grep -qx "$name" "$words" || { echo "otpcore::$name is exported, but no header names it" >&2; exit 1; }
  done || bad=1
# What is left is the standard library's.
if grep -vE '^((vtable|typeinfo|typeinfo name|VTT|guard variable) for )?(otpcore::|std::)|__gnu_cxx::' "$listing" |
    grep -vE ' (std|otpcore)::'; then
  echo "^ symbols of nobody" >&2
  bad=1
fi
[ "$bad" -eq 0 ] && echo "$count exported symbols, all of them public"
exit "$bad"
