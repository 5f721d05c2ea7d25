#!/bin/sh
# The official client against mfa_server over memory, PostgreSQL and Redis: with_servers.sh SERVER.
# The database servers are started here, on the loopback interface and with data folders of their own.
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

free_port() { node -e 's=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }

mkdir "$data/pg" "$data/redis"
[ -z "$as" ] || chown postgres "$data/pg"
pg_port=$(free_port)
$as "$bin/initdb" -D "$data/pg" -U otpcore -A trust >/dev/null
$as "$bin/pg_ctl" -D "$data/pg" -w -l "$data/pg/log" \
  -o "-p $pg_port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$data/pg" start >/dev/null
redis_port=$(free_port)
redis-server --port "$redis_port" --bind 127.0.0.1 --dir "$data/redis" --appendonly yes \
  --appendfsync always --maxmemory-policy noeviction >/dev/null &
redis=$!
until redis-cli -p "$redis_port" ping >/dev/null 2>&1; do
  kill -0 "$redis"  # a server that did not start ends the run
  sleep 0.1
done

"$here/run.sh" "$1" memory "postgresql://otpcore@127.0.0.1:$pg_port/postgres" \
  "redis://127.0.0.1:$redis_port"
