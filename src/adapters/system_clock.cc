// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "otpcore/adapters/system_ports.h"

namespace otpcore {

Instant SystemClock::Now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return Instant::FromUnixMillis(std::chrono::duration_cast<Duration>(since_epoch).count());
}

}  // namespace otpcore
