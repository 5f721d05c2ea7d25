#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# No branch, index or division depends on a secret (R-04, B-08): run.sh [all]
# Without `all`: gcc-12 at every level. Prints a table; fails when something is reported, and also when a
# mistake that is planted on purpose is not. Wants build/release for the rest of the library.
set -euo pipefail
cd "$(dirname "$0")/../.."

compilers="g++-12"
[ "${1:-}" = all ] && compilers="g++-12 clang++-14 clang++-19"
launcher=$(command -v ccache || true)
libs=$(pkg-config --libs libsodium absl_hash absl_raw_hash_set absl_strings absl_time)
# What meets secrets, as it lies in src/.
passcodes="rules/passcode rules/request_tag rules/typed_code base/characters base/utf8 factors/challenge"
factors="rules/sha1 rules/hmac rules/base32 rules/typed_text rules/equal_draws rules/field_digest rules/aead rules/sealing
  factors/totp factors/recovery_codes"
# What divides: integer and floating division, and calls that divide 128 bits.
division='[[:space:]](idiv|div|fdiv|fidiv|v?div[sp][sd])[bwlq]?[[:space:]]|__u?(div|mod|divmod)[dt]i[34]'
failed=0

# compile COMPILER LEVEL SOURCE OBJECT [FLAGS]
compile() {
  # shellcheck disable=SC2086  # the launcher may be empty
  $launcher "$1" -std=c++17 "$2" -g1 -gdwarf-4 -fPIC -fvisibility=hidden -Iinclude -Isrc -Itests/secrecy "${@:5}" -c "$3" -o "$4"
}
memcheck() { valgrind --quiet --error-exitcode=9 --leak-check=no "$@"; }
# Prints the divisions of the functions that meet secrets and of all that they call in their file; none: fails.
# Others may divide: unoptimized, a vector, as a key ring has one, divides to know its size.
divides() {
  objdump -dr --no-show-raw-insn "$1" | awk -v division="$division" '
    /^[0-9a-f]+ <.*>:$/ {
      name = $2; gsub(/[<>:]/, "", name); sub(/[.](cold|part|constprop|isra).*/, "", name)
      if (name ~ /DrawPasscode|ReadTypedCode|DigestPasscode|DigestsEqual|WipeMemory|IssueChallenge|CompareCode|RequestTag|DivideBy/) met[name] = 1
      if (name ~ /Sha1|Hmac|Truncate|HotpValue|LastDigits|Base32|NextTyped|HasEqualDraws|FieldDigest|Aead|otpcore4Seal|otpcore4Open/) met[name] = 1
      if (name ~ /Totp|Recovery|NextCodePoint|FlagsOf|DigitValue/) met[name] = 1
      if (name ~ /^_ZNK?7otpcore[0-9]+(Sealing)?KeyRing|^_ZNK?St|^_ZSt|^_ZNK?9__gnu_cxx/) delete met[name]
      next
    }
    $0 ~ division { found[name] = found[name] "\n" name ":" $0 }
    match($0, /<_Z[A-Za-z0-9_]+|\t_Z[A-Za-z0-9_]+/) { calls[name] = calls[name] " " substr($0, RSTART + 1, RLENGTH - 1) }
    END {
      do {
        grown = 0
        for (caller in met) {
          count = split(calls[caller], callees, " ")
          for (i = 1; i <= count; ++i) if (!(callees[i] in met)) { met[callees[i]] = 1; grown = 1 }
        }
      } while (grown)
      some = 0; seen = 0
      for (name in met) { ++seen; if (name in found) { print found[name]; some = 1 } }
      if (seen == 0) { print "none of the functions is here"; exit 2 }
      exit !some
    }'
}
# expect TEXT CODE COMMAND…: the command ends with this exit code
expect() {
  local code=0
  "${@:3}" >"$dir/log" 2>&1 || code=$?
  if [ "$code" -eq "$2" ]; then
    row="$row $1"
  else
    row="$row $1:WRONG($code)"
    failed=1
    head -n 40 "$dir/log" >&2
  fi
}
# check COMPILER LEVEL
check() {
  row=""
  dir=build/secrecy/$1$2
  mkdir -p "$dir"
  local objects=()
  for source in $passcodes $factors; do
    compile "$1" "$2" "src/$source.cc" "$dir/${source#*/}.o" -DOTPCORE_CHECK_SECRECY
    objects+=("$dir/${source#*/}.o")
  done
  for source in secrecy factors planted; do
    compile "$1" "$2" "tests/secrecy/$source.cc" "$dir/$source.o" -DOTPCORE_CHECK_SECRECY
  done
    # shellcheck disable=SC2086  # lists are meant to be split
  "$1" "$dir"/{secrecy,planted}.o "${objects[@]}" build/release/libotpcore.a $libs -o "$dir/secrecy"
  "$1" "$dir/factors.o" "${objects[@]}" build/release/libotpcore.a $libs -o "$dir/factors"
  for what in issue verify; do expect "$what" 0 memcheck "$dir/secrecy" "$what"; done
  for what in totp base32 recovery sealing; do expect "$what" 0 memcheck "$dir/factors" "$what"; done
  # As the product compiles them, without the marks for memcheck.
  for source in $passcodes $factors; do
    compile "$1" "$2" "src/$source.cc" "$dir/product_${source#*/}.o"
    expect "${source#*/}/no-division" 1 divides "$dir/product_${source#*/}.o"
  done
  printf '%-11s %-4s clean:%s' "$1" "$2" "$row"
  row=""
  for what in planted-branch planted-index; do expect "$what" 9 memcheck "$dir/secrecy" "$what"; done
  expect planted-division 0 divides "$dir/planted.o"
  printf ' reported:%s\n' "$row"
}

for compiler in $compilers; do
  for level in -O0 -O2 -O3 -Os; do check "$compiler" "$level"; done
done

# The plans, the driver and the engine around them, as build/release has them.
dir=build/secrecy/plans
row=""
mkdir -p "$dir"
compile g++-12 -O2 tests/secrecy/plans.cc "$dir/plans.o" -DOTPCORE_CHECK_SECRECY
# shellcheck disable=SC2086  # lists are meant to be split
g++-12 "$dir/plans.o" build/secrecy/g++-12-O2/{passcode,request_tag,typed_code}.o build/release/libotpcore.a -lphonenumber -lprotobuf \
  $libs -o "$dir/plans"
expect "plans" 0 memcheck "$dir/plans"
printf '%-16s clean:%s\n' "g++-12" "$row"
exit $failed
