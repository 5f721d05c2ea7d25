// SPDX-License-Identifier: Apache-2.0
// Passcodes: drawing one, and the keyed digest that is stored (rules R-01 … ). What a
// person typed is read in typed_code.h.
#ifndef OTPCORE_RULES_PASSCODE_H_
#define OTPCORE_RULES_PASSCODE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/base/ids.h"
#include "otpcore/base/result.h"
#include "otpcore/base/secret.h"
#include "otpcore/model/factor.h"
#include "otpcore/model/member.h"

namespace otpcore {

// The digits of one passcode, leading zeros kept.
using Passcode = SecretText<kPasscodeDigitsMax>;
using DigestKey = SecretBytes<32>;
// Made of a DigestKey, for tags alone: of requests, sessions and devices (C-07, S-21, DV-02).
using TagKey = SecretBytes<16>;

// Draws that may be needed before a uniform code is found: the chance that both are rejected is
// below 10^-18 for ten digits and below 10^-26 for six.
inline constexpr size_t kPasscodeDraws = 2;
inline constexpr size_t kPasscodeEntropyBytes = kPasscodeDraws * 8;

// Makes a passcode of `digits` (4 … 10) out of kPasscodeEntropyBytes of uniform randomness, the
// same on every machine. Exactly uniform: a draw that would favour some codes is skipped. No
// branch, index or division depends on the code. Errors: kInternalServerError when every
// draw was rejected, two draws are the same (the generator is stuck), or `digits` is out of range;
// `*passcode` is then empty.
OTPCORE_EXPORT Error DrawPasscode(const uint8_t* entropy, int digits, Passcode* passcode);

// The keys that digests are made with. Several live side by side while they are rotated: digests
// are made with the newest added, and checked with the one they name. Immutable once part of a
// Config.
class OTPCORE_EXPORT KeyRing {
 public:
  KeyRing() = default;
  // The first key. `key` should be 32 bytes from a secure generator, kept by the host.
  KeyRing(uint32_t id, DigestKey key) { Add(id, static_cast<DigestKey&&>(key)); }

  // Adds a key and makes it the current one; a key of the same id is replaced. Takes a microsecond:
  // the key for tags is made here.
  void Add(uint32_t id, DigestKey key);
  // Forgets a key: challenges made with it can no longer be answered, and operations recorded with
  // it not repeated (C-07).
  void Remove(uint32_t id);

  bool empty() const { return keys_.empty(); }
  // Whether some key is all zeros, as one that was never filled.
  bool HasZeroKey() const;
  // Whether some key, under whatever id, has these bytes. The time does not depend on the bytes.
  bool Holds(const DigestKey& key) const;
  uint32_t current_id() const { return keys_.empty() ? 0 : keys_.back().id; }
  const DigestKey* Find(uint32_t id) const;
  // The key for tags that belongs to the key `id`; null: there is no such key.
  const TagKey* FindTagKey(uint32_t id) const;

 private:
  struct Entry {
    uint32_t id;
    DigestKey key;
    TagKey request_key;
  };
  const Entry* FindEntry(uint32_t id) const;
  std::vector<Entry> keys_;
};

// Everything one passcode is good for; for anything else it is just wrong.
struct PasscodeBinding {
  FactorKind factor;
  const EntityId& organization_id;
  const EntityId& member_id;
  std::string_view address;
  ChallengeId challenge_id;
  EmailPurpose purpose = EmailPurpose::kNone;  // of a passcode by e-mail
};

// The stored form: 128 bits of BLAKE2b over the key, the binding with lengths, and the code.
// With generated ids and a phone number all of that is one block of the hash. `key` is one of the
// ring's. Wipes what the hash function left of the key and the code on the stack.
OTPCORE_EXPORT PasscodeDigest DigestPasscode(const DigestKey& key, uint32_t key_id,
                                             const PasscodeBinding& binding,
                                             const Passcode& passcode);

// Compares in a time that does not depend on where they differ.
OTPCORE_EXPORT bool DigestsEqual(const PasscodeDigest& a, const PasscodeDigest& b);

}  // namespace otpcore

#endif  // OTPCORE_RULES_PASSCODE_H_
