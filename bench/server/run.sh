#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Load on mfa_server by wrk from a process of its own: run.sh SERVER [memory|postgresql|redis ...]
# Prints what docs/performance.md describes. SECONDS_EACH (6), CONNECTIONS (16) and RUNS (3) may
# be set. Needs wrk, node, and the databases' servers, which are started here with temporary data.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
exec node "$here/load.js" "$@"
