// SPDX-License-Identifier: Apache-2.0
// Policies with small limits, so that short sequences reach all of them.
#ifndef OTPCORE_TESTS_SIMULATION_POLICY_VARIANT_H_
#define OTPCORE_TESTS_SIMULATION_POLICY_VARIANT_H_

#include <cstdint>
#include <string>

#include "simulation/call.h"
#include "simulation/draw.h"

namespace otpcore {
namespace simulation {

// 0: the default policy. Others need a bound on an attacker's chance of 1e-2 (L-09). May have the
// sandbox number +15005550006.
inline Policy PolicyVariant(uint32_t variant) {
  constexpr int64_t kSecond = 1000;
  constexpr int64_t kMinute = 60 * kSecond;
  constexpr int64_t kHour = 60 * kMinute;
  Draw draw(variant + 1);
  Policy policy;
  if (variant == 0) return policy;
  policy.passcode_digits = 4 + 2 * static_cast<int>(draw.Below(3));
  policy.challenge_failures_max = 1 + static_cast<int>(draw.Below(5));
  policy.lock_after_failures = 2 + static_cast<int>(draw.Below(6));
  policy.disable_after_failures = 8 + static_cast<int>(draw.Below(12));
  policy.rolling_failures = 3 + static_cast<int>(draw.Below(12));
  policy.rolling_window = Duration(kHour * (1 + draw.Below(72)));
  policy.rolling_lock = Duration(kMinute * (5 + draw.Below(600)));
  // The shorter a code is, the stricter its budget must be (L-09).
  if (policy.passcode_digits == 6) {
    policy.rolling_window = Duration(kHour * 72);
    policy.rolling_lock = Duration(kMinute * (60 + draw.Below(540)));
  } else if (policy.passcode_digits == 4) {
    policy.rolling_failures = 3 + static_cast<int>(draw.Below(5));
    policy.rolling_window = Duration(kHour * 24 * 40);
    policy.rolling_lock = Duration(kHour * 24 * 5);
  }
  policy.lock_duration = Duration(kMinute * (5 + draw.Below(60)));
  policy.lock_duration_max = policy.lock_duration * (1 + draw.Below(6));
  policy.sends_max = 2 + static_cast<int>(draw.Below(6));
  if (draw.Chance(1, 3)) policy.send_interval_min = Duration(kSecond * 20);
  policy.passcode_life = Duration(kSecond * (30 + draw.Below(120)));
  policy.replace_pending_number = draw.Chance(1, 2);
  if (draw.Chance(1, 2)) {
    const std::string zeros(static_cast<size_t>(policy.passcode_digits) - 2, '0');
    policy.sandbox_numbers.push_back(
        {"+15005550006", zeros + "42", Instant::FromUnixMillis(1767225600000 + 2 * kHour)});
  }
  if (draw.Chance(1, 3)) {
    policy.number_sends_max = 2 + static_cast<int>(draw.Below(4));
    policy.conversion_ended_min = 3 + static_cast<int>(draw.Below(4));
    policy.conversion_percent_min = 20 + static_cast<int>(draw.Below(60));
  }
  policy.sends_day_max = 4 + static_cast<int>(draw.Below(13));
  policy.resend_after = Duration(kSecond * 30 * draw.Below(5));
  policy.device_life = Duration(kHour * (draw.Chance(1, 5) ? 0 : 1 + draw.Below(100)));
  policy.remember_life = Duration(kHour * draw.Below(20));
  policy.remember_where_required = draw.Chance(1, 2);
  return policy;
}

}  // namespace simulation
}  // namespace otpcore

#endif  // OTPCORE_TESTS_SIMULATION_POLICY_VARIANT_H_
