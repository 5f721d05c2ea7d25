// SPDX-License-Identifier: Apache-2.0
// A program that takes otpcore::postgres from an installed otpcore.
#include <otpcore/postgres/store.h>

int main() {
  otpcore::PostgresOptions options;
  options.conninfo = "host=/nowhere";
  const otpcore::PostgresStore store(options);
}
