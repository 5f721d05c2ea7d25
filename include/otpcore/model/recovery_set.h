// SPDX-License-Identifier: Apache-2.0
// RecoverySet: the recovery codes that were issued together (rules RC-01, RC-04), and
// RecoveryFactor, what a Member's record keeps of them. The codes themselves are in neither:
// factors/recovery_codes.h makes and compares digests.
#ifndef OTPCORE_MODEL_RECOVERY_SET_H_
#define OTPCORE_MODEL_RECOVERY_SET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/base/ids.h"

namespace otpcore {

// How many codes a set has, and of how many groups of four symbols each drawn one is (RC-02).
inline constexpr int kRecoveryCodesMin = 8;
inline constexpr size_t kRecoveryCodesMax = 16;
inline constexpr int kRecoveryGroupsMin = 3;
inline constexpr int kRecoveryGroupsMax = 6;

// Bytes to draw for one code of `groups` groups. A symbol takes 5 bits, so the code has 60,
// 80, 100 or 120 bits, and these are 8, 10, 13 or 15 bytes. Bits of the last byte that are not
// needed are dropped.
constexpr size_t RecoveryDrawBytes(int groups) {
  return (static_cast<size_t>(groups) * 20 + 7) / 8;
}
inline constexpr size_t kRecoveryDrawBytesMax =
    kRecoveryCodesMax * RecoveryDrawBytes(kRecoveryGroupsMax);

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

// The plain form of the readable copy (RC-14): one byte for the number of codes, then each behind a
// byte for its length, in order of issue. A code of ASCII letters, digits, hyphens and spaces takes
// six bits a character; one with anything else its bytes. Room for sixteen codes of 64 letters and
// digits.
inline constexpr size_t kRecoveryCopyBytesMax = 1 + kRecoveryCodesMax * (1 + 64 * 6 / 8);
// The longest sealed copy, in bytes.
inline constexpr size_t kSealedRecoveryCodesBytesMax = kRecoveryCopyBytesMax + 45;

// The set of a Member's registration, as the record keeps it. Texts are views, as in MemberRecord.
struct RecoveryFactor {
  Uuid id = {};                        // of the set
  uint32_t key_id = 0;                 // of the digest key that all digests were made with
  uint16_t used = 0;                   // bit i: the code at index i was used
  uint64_t epoch = 0;                  // the store's, when the set was written last
  std::string_view digests = {};       // 16 bytes for each code, in order of issue; empty: no set
  std::string_view sealed_codes = {};  // the readable copy; empty: none is kept (RC-15)

  bool empty() const { return digests.empty(); }
};

// Both directions. The result of FactorOf points into `set`, and has no copy.
OTPCORE_EXPORT RecoverySet SetOf(const RecoveryFactor& factor);
OTPCORE_EXPORT RecoveryFactor FactorOf(const RecoverySet& set, uint64_t epoch);

}  // namespace otpcore

#endif  // OTPCORE_MODEL_RECOVERY_SET_H_
