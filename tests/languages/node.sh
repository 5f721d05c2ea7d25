#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The Node.js package of docs/examples against a library: node.sh LIBRARY. Takes koffi from the registry of npm, below the
# build folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
library=$(realpath "$1")
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then "$here/../../cmake/install-deps.sh" wire; fi
work="$here/../../build/node"
mkdir -p "$work"
cp "$here"/../../docs/examples/node/* "$work/"
cd "$work"
npm install --silent --no-audit --no-fund
OTPCORE_LIBRARY=$library node --test
