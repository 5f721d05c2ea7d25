#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The official client against mfa_server over memory, SQLite, PostgreSQL and Redis: with_servers.sh SERVER.
# The database servers are started here, on Unix sockets in a folder of their own, so that runs side by side
# cannot meet.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$(mktemp -d)
chmod 755 "$data"
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
# PostgreSQL refuses to run as root.
as=""
if [ "$(id -u)" -eq 0 ]; then as="runuser -u postgres --"; fi
cleanup() {
  [ -z "${redis:-}" ] || kill "$redis" 2>/dev/null || true
  $as "$bin/pg_ctl" -D "$data/pg" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$data"
}
trap cleanup EXIT

mkdir "$data/pg" "$data/redis"
[ -z "$as" ] || chown postgres "$data/pg"
$as "$bin/initdb" -D "$data/pg" -U otpcore -A trust >/dev/null
$as "$bin/pg_ctl" -D "$data/pg" -w -l "$data/pg/log" \
  -o "-c listen_addresses= -c unix_socket_directories=$data/pg" start >/dev/null
redis-server --port 0 --unixsocket "$data/redis/socket" --dir "$data/redis" --appendonly yes \
  --appendfsync always --maxmemory-policy noeviction >/dev/null &
redis=$!
until redis-cli -s "$data/redis/socket" ping >/dev/null 2>&1; do
  kill -0 "$redis"  # a server that did not start ends the run
  sleep 0.1
done

postgres="postgresql://otpcore@/postgres?host=$data/pg"
"$(dirname "$1")/otpcore" migrate --store "$postgres"
"$here/run.sh" "$1" memory "sqlite:$data/file" "$postgres" \
  "redis://$data/redis/socket"
