// SPDX-License-Identifier: Apache-2.0
#include "otpcore/base/time.h"

#include "absl/time/time.h"

namespace otpcore {

std::string FormatRfc3339(Instant instant) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E3SZ", absl::FromUnixMillis(instant.unix_millis()),
                          absl::UTCTimeZone());
}

int64_t RetryAfterSeconds(Duration duration) {
  const int64_t millis = duration.count();
  return millis <= 0 ? 0 : (millis - 1) / 1000 + 1;
}

}  // namespace otpcore
