#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Starts a PostgreSQL server of its own, with fsync, and runs a program on it: with_postgres.sh PROGRAM
set -eu
data=$(mktemp -d)
chmod 755 "$data"
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
as=""  # PostgreSQL refuses to run as root
if [ "$(id -u)" -eq 0 ]; then as="runuser -u postgres --"; fi
cleanup() {
  $as "$bin/pg_ctl" -D "$data/pg" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$data"
}
trap cleanup EXIT
mkdir "$data/pg"
[ -z "$as" ] || chown postgres "$data/pg"
$as "$bin/initdb" -D "$data/pg" -U otpcore -A trust >/dev/null
$as "$bin/pg_ctl" -D "$data/pg" -w -l "$data/pg/log" \
  -o "-c listen_addresses= -c unix_socket_directories=$data/pg -c max_connections=200" start >/dev/null
"$1" "host=$data/pg dbname=postgres user=otpcore"
