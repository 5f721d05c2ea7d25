// SPDX-License-Identifier: Apache-2.0
// What policies say of passcodes by e-mail.
#ifndef OTPCORE_TESTS_SIMULATION_EMAIL_VARIANT_H_
#define OTPCORE_TESTS_SIMULATION_EMAIL_VARIANT_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "draw.h"
#include "otpcore/model/policy.h"

namespace otpcore {
namespace simulation {

// How many of 100 calls are about addresses outside Organizations and the sessions they give; and
// their limit.
inline uint32_t AddDiscovery(uint32_t variant, Policy* policy) {
  Draw draw(variant + 3000);
  const uint32_t share = draw.Chance(1, 2) ? 30 : 4;
  if (variant != 0 && draw.Chance(1, 2))
    policy->email_discovery_sends_max = 4 + static_cast<int>(draw.Below(16));
  return share;
}

// Fills in what `*policy` says of e-mail. Codes are as long as the bound asks for (L-13). Returns
// how many of 100 calls are about e-mail.
inline uint32_t AddEmail(uint32_t variant, Policy* policy) {
  Draw draw(variant + 2000);
  const uint32_t share = draw.Chance(1, 2) ? 45 : 4;
  if (variant == 0) return share;
  policy->email_passcode_digits = 5 + static_cast<int>(draw.Below(3));
  policy->email_expiration_minutes_max = 2 + static_cast<int>(draw.Below(14));
  policy->email_expiration_minutes =
      2 +
      static_cast<int>(draw.Below(static_cast<uint32_t>(policy->email_expiration_minutes_max) - 1));
  policy->email_rolling_failures = 2 + static_cast<int>(draw.Below(13));
  policy->email_rolling_window = std::chrono::hours(1 + draw.Below(72));
  policy->email_rolling_lock = std::chrono::minutes(5 + draw.Below(600));
  policy->email_sends_max = 1 + static_cast<int>(draw.Below(8));
  policy->email_sends_window = std::chrono::minutes(1 + draw.Below(30));
  policy->email_address_sends_max = 2 + static_cast<int>(draw.Below(6));
  policy->email_organization_sends_max = 5 + static_cast<int>(draw.Below(20));
  while (policy->Problem()) ++policy->email_passcode_digits;
  if (draw.Chance(1, 2)) {
    const std::string zeros(static_cast<size_t>(policy->email_passcode_digits) - 2, '0');
    policy->sandbox_addresses.push_back(
        {"Sandbox@example.com", zeros + "24",
         Instant::FromUnixMillis(1767225600000) + std::chrono::hours(2)});
  }
  return share;
}

}  // namespace simulation
}  // namespace otpcore

#endif  // OTPCORE_TESTS_SIMULATION_EMAIL_VARIANT_H_
