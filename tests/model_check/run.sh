#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The model checker and the fault sequences at their CI figures (B-02, B-03, B-05), or with --deep at
# the deep ones. Usage: run.sh [--deep]
set -eu
cd "$(dirname "$0")/../.."
cmake --preset release >/dev/null
cmake --build --preset release -j "$(nproc)" --target otpcore_model
build/release/bin/otpcore_model check "$@"
build/release/bin/otpcore_model faults "$@"
tests/model_check/plants.sh
