// SPDX-License-Identifier: Apache-2.0
#include <sodium.h>

#include "otpcore/adapters/system_ports.h"

namespace otpcore {

SodiumRandom::SodiumRandom() : ready_(sodium_init() >= 0) {}

bool SodiumRandom::Fill(uint8_t* bytes, size_t size) {
  if (ready_) randombytes_buf(bytes, size);
  return ready_;
}

}  // namespace otpcore
