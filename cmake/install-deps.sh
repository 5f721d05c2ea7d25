#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that a target needs and that are missing:
# install-deps.sh build|test|serve|bench|peers|scale|wire|style|cluster|evidence|ci
# Needs root or sudo only when something is missing.
set -eu

build="cmake ninja-build pkg-config g++ libsodium-dev libphonenumber-dev libabsl-dev libprotobuf-dev
  libgtest-dev libgmock-dev"
serve="$build libboost-dev nlohmann-json3-dev libqrencode-dev libjose-dev prometheus-cpp-dev libpq-dev libhiredis-dev libssl-dev
  libsqlite3-dev libcli11-dev libcurl4-openssl-dev"
bench="$build libbenchmark-dev python3 valgrind wrk"
wire="nodejs npm"
style="$build nlohmann-json3-dev libcli11-dev clang-format-14 clang-tidy-14"
cluster="$serve nodejs postgresql patroni etcd-server"
peers="$build libbenchmark-dev liboath-dev python3"
scale="$build libbenchmark-dev libpq-dev libhiredis-dev libssl-dev libcli11-dev postgresql redis-server python3"
# Node from elsewhere than Debian brings npm along.
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then peers="$peers $wire"; fi
command -v node >/dev/null || scale="$scale nodejs"
ci="$serve g++-12 clang-14 libclang-rt-14-dev clang-19 libclang-rt-19-dev postgresql pgbouncer redis-server
  nginx haproxy chromium libbenchmark-dev liboath-dev valgrind golang-go"
evidence="$build clang-19 libclang-rt-19-dev llvm-19 python3"

case "${1:-build}" in
  build) wanted=$build ;;
  test | serve) wanted=$serve ;;
  bench) wanted=$bench ;;
  peers) wanted=$peers ;;
  scale) wanted=$scale ;;
  wire) wanted=$wire ;;
  style) wanted=$style ;;
  cluster) wanted=$cluster ;;
  evidence) wanted=$evidence ;;
  ci) wanted="$ci $style $evidence" ;;
  *) echo "usage: $0 build|test|serve|bench|peers|scale|wire|style|cluster|evidence|ci" >&2; exit 2 ;;
esac

missing=""
for package in $wanted; do
  dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

run=""
[ "$(id -u)" -eq 0 ] || run="sudo"
echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$run apt-get update -q
# shellcheck disable=SC2086  # the list is meant to be split
$run apt-get install -q -y --no-install-recommends $missing
