#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The official client against mfa_server: run.sh SERVER [STORE_URL ...]. Needs node and npm; installs
# them and the client where they are missing, below the build folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
server=$(realpath "$1")
shift
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then "$here/../../cmake/install-deps.sh" wire; fi
work="$here/../../build/wire"
mkdir -p "$work"
cp "$here/package.json" "$here/wire_test.js" "$here/apps.js" "$here/devices.js" "$here/discovery.js" "$here/discovery_limits.js" "$here/email.js" "$here/sessions.js" "$here/session_calls.js" \
  "$here/phone_change.js" "$here/observed.js" "$here/search.js" \
  "$work/"
cd "$work"
npm install --silent --no-audit --no-fund
for store in "${@:-memory}"; do
  echo "wire: $store"
  node wire_test.js "$server" "$store"
done
