// SPDX-License-Identifier: Apache-2.0
// The keys of a World, with newer ones beside them, as after a rotation.
#ifndef OTPCORE_TESTS_ROTATED_KEYS_H_
#define OTPCORE_TESTS_ROTATED_KEYS_H_

#include <array>
#include <cstdint>

#include "fixture.h"

namespace otpcore {

constexpr uint32_t kNewDigestKey = 51;
constexpr uint32_t kNewSealingKey = 52;

inline std::array<uint8_t, 32> NewKeyBytes(uint32_t id) {
  std::array<uint8_t, 32> bytes{};
  bytes.fill(static_cast<uint8_t>(id));
  return bytes;
}
inline KeyRing RotatedKeys() {
  KeyRing keys = testing::TestKeys();
  keys.Add(kNewDigestKey, DigestKey(NewKeyBytes(kNewDigestKey)));
  return keys;
}
inline SealingKeyRing RotatedSealingKeys() {
  SealingKeyRing keys = testing::TestSealingKeys();
  keys.Add(kNewSealingKey, SealingKey(NewKeyBytes(kNewSealingKey)));
  return keys;
}
// Without the World's own.
inline SealingKeyRing NewSealingKeyOnly() {
  return SealingKeyRing(kNewSealingKey, SealingKey(NewKeyBytes(kNewSealingKey)));
}

inline std::unique_ptr<const Config> ConfigWith(Policy policy, KeyRing keys,
                                                SealingKeyRing sealing_keys) {
  policy.totp_issuer = "Acme Bank";
  return Config::Create(policy, std::move(keys), std::move(sealing_keys));
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_ROTATED_KEYS_H_
