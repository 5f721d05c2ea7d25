// SPDX-License-Identifier: Apache-2.0
// The e-mail addresses that clients name, and which of them are none (EM-01).
#ifndef OTPCORE_TESTS_SIMULATION_EMAIL_ADDRESSES_H_
#define OTPCORE_TESTS_SIMULATION_EMAIL_ADDRESSES_H_

#include <algorithm>
#include <array>
#include <string>

namespace otpcore {
namespace simulation {

// Of nobody at first. Some are one for the limits (EM-22), or for all (EM-02).
inline constexpr std::array<const char*, 8> kFreshAddresses = {
    "j1@example.com",  "J1@Example.COM",      "j.1+news@example.com", "j2@example.com",
    "j+2@example.com", "sandbox@example.com", "m7@example.com",       "+x@example.com"};
inline constexpr std::array<const char*, 6> kNoAddresses = {
    "ada",           "-ada@example.com",      "ada@example", "a..b@example.com",
    "ada@127.0.0.1", "=?utf-8?q?@example.com"};

// Of text in lower case.
inline bool IsNoAddress(const std::string& text) {
  return std::find(kNoAddresses.begin(), kNoAddresses.end(), text) != kNoAddresses.end();
}

}  // namespace simulation
}  // namespace otpcore

#endif  // OTPCORE_TESTS_SIMULATION_EMAIL_ADDRESSES_H_
