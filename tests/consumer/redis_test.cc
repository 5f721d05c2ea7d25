// SPDX-License-Identifier: Apache-2.0
// A program that takes otpcore::redis from an installed otpcore.
#include <otpcore/redis/store.h>

int main() {
  otpcore::RedisOptions options;
  options.unix_socket = "/nowhere";
  if (otpcore::RedisProblem(options).empty()) return 1;
  const otpcore::RedisStore store(options);
}
