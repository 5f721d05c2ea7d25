// SPDX-License-Identifier: Apache-2.0
// RecoverySet: the recovery codes that were issued together, as a record will keep them (rules
// RC-01, RC-04). No command uses it yet. The codes themselves are not in it:
// factors/recovery_codes.h makes and compares digests.
#ifndef OTPCORE_MODEL_RECOVERY_SET_H_
#define OTPCORE_MODEL_RECOVERY_SET_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "otpcore/base/ids.h"

namespace otpcore {

inline constexpr size_t kRecoveryCodesMax = 16;

// The keyed digest of one code. Not secret in itself, but of no use outside the record.
struct RecoveryDigest {
  std::array<uint8_t, 16> bytes{};
};

// One set and which of its codes are used. Belongs to one TOTP registration. Plain data.
struct RecoverySet {
  Uuid id;
  uint32_t key_id = 0;  // of the digest key that all digests were made with
  uint8_t count = 0;    // 0 … kRecoveryCodesMax
  uint16_t used = 0;    // bit i: the code at index i was used
  std::array<RecoveryDigest, kRecoveryCodesMax> digests;  // in order of issue; those past count: 0

  bool IsUnused(size_t index) const { return index < count && (used >> index & 1) == 0; }
  int left() const {
    int unused = 0;
    for (size_t i = 0; i < count; ++i) unused += IsUnused(i) ? 1 : 0;
    return unused;
  }
  void Use(size_t index) { used = static_cast<uint16_t>(used | 1u << index); }
};

}  // namespace otpcore

#endif  // OTPCORE_MODEL_RECOVERY_SET_H_
