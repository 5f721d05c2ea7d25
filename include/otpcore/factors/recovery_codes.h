// SPDX-License-Identifier: Apache-2.0
// Recovery codes: single-use codes that stand in for a lost authenticator app (rules RC-01 …
// RC-15).
//
// The commands are in commands/recovery_codes.h. A set is drawn with its TOTP registration, or
// imported. Its record keeps a keyed digest of each code (model/recovery_set.h) and, where the
// codes are to be readable, a sealed copy of them. A typed code is digested once, and the digest is
// compared with those of all codes:
//
//   auto code = ReadRecoveryCode(request.recovery_code);
//   const DigestKey* key = config.keys().Find(set.key_id);  // null: internal_server_error
//   auto index = MatchRecoveryCode(set, DigestRecoveryCode(*key, binding, *code));
//   if (index) set.Use(*index);
//
// No function allocates, reads a clock or draws. No branch, index or division depends on a code,
// and the work does not depend on which codes are used. All functions are thread-safe.
#ifndef OTPCORE_FACTORS_RECOVERY_CODES_H_
#define OTPCORE_FACTORS_RECOVERY_CODES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/base/ids.h"
#include "otpcore/base/result.h"
#include "otpcore/base/secret.h"
#include "otpcore/model/recovery_set.h"
#include "otpcore/rules/passcode.h"
#include "otpcore/rules/sealing.h"

namespace otpcore {

// ---- Codes ----

// Letters and digits of a code in canonical form (RC-04): ASCII lower case, o read as 0, i and l as
// 1, everything that separates dropped.
inline constexpr size_t kRecoveryCharactersMin = 8;
inline constexpr size_t kRecoveryCharactersMax = 64;
using CanonicalRecoveryCode = SecretText<kRecoveryCharactersMax>;

// One code as it is shown: groups of letters and digits with separators between them.
inline constexpr size_t kRecoveryTextBytesMax = 80;
using RecoveryCode = SecretText<kRecoveryTextBytesMax>;

// Up to 16 codes in order of issue, kept in place and wiped. Not safe for concurrent writes.
class OTPCORE_EXPORT RecoveryCodes {
 public:
  RecoveryCodes() = default;
  RecoveryCodes Duplicate() const;

  // Appends a code. A 17th one, or one of more than kRecoveryTextBytesMax bytes, is not taken: the
  // list is then overflowed().
  void Add(std::string_view code);

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool overflowed() const { return overflowed_; }
  // The code at `index`, which is below size().
  const RecoveryCode& operator[](size_t index) const { return codes_[index]; }

 private:
  std::array<RecoveryCode, kRecoveryCodesMax> codes_;
  size_t size_ = 0;
  bool overflowed_ = false;
};

// ---- Drawing a set ----

// Makes `count` codes (8 … 16) of `groups` groups (3 … 6) out of count * RecoveryDrawBytes(groups)
// bytes of uniform randomness (RC-01, RC-02). A code looks like 4h0x-9ysk-b2qe: each symbol is one
// of the 32 digits and letters without i, l, o and u, and all are equally likely, for 32 is a power
// of two. Errors, all kInternalServerError with a detail: two codes begin with the same eight drawn
// bytes, so the generator is stuck; `count` or `groups` is out of range.
OTPCORE_EXPORT Result<RecoveryCodes> DrawRecoveryCodes(const uint8_t* drawn, int count, int groups);

// kOk when a set of another system can be imported: 1 … 16 codes, each of 8 … 64 letters and digits
// in canonical form, of ten or more when these are digits only, no two of them canonically equal,
// and all together, with what separates and a byte for each, at most 784 bytes, which the readable
// copy has room for (RC-10); else kBadRequest. Letters, digits, hyphens and spaces take six bits
// each, so sixteen codes of 64 letters and digits fit; a code with other characters takes its bytes
// in UTF-8. Whoever imports no code at all wants a set drawn: ask `empty()` first.
OTPCORE_EXPORT ErrorCode CheckImportedRecoveryCodes(const RecoveryCodes& codes);

// ---- Reading what a person typed ----

// What a person typed into the field for a recovery code: UTF-8. Longer text overflows and is then
// kInvalidRecoveryCode.
using TypedRecoveryCode = SecretText<256>;

// The canonical form of what a person typed (RC-04, RC-08): white space, dashes and invisible marks
// are dropped, digits of five scripts count. Errors, none of them a failure of the Member:
// kTotpCodeUsedAsRecoveryCode for 6 or 8 digits and no letter; else kInvalidRecoveryCode unless
// 8 … 64 letters and digits and nothing else remain.
OTPCORE_EXPORT Result<CanonicalRecoveryCode> ReadRecoveryCode(const TypedRecoveryCode& typed);

// ---- Digests ----

// Everything one code is good for; for anything else it is just wrong. The views are read during a
// call only.
struct RecoveryBinding {
  std::string_view organization_id;
  std::string_view member_id;
  Uuid registration_id;
  Uuid set_id;
};

// The stored form of a code (RC-04): 16 bytes of BLAKE2b over the key, the purpose "recovery", the
// binding and the code. One call of the hash function.
OTPCORE_EXPORT RecoveryDigest DigestRecoveryCode(const DigestKey& key,
                                                 const RecoveryBinding& binding,
                                                 const CanonicalRecoveryCode& code);

// The set of `codes`, all of them unused, with the id of `binding` and the current key. `codes`
// were drawn, or have passed CheckImportedRecoveryCodes. Errors: kInternalServerError when the ring
// is empty or some code has no canonical form.
OTPCORE_EXPORT Result<RecoverySet> DigestRecoveryCodes(const KeyRing& keys,
                                                       const RecoveryBinding& binding,
                                                       const RecoveryCodes& codes);

// The index of the unused code with this digest; absent when there is none. All sixteen places are
// compared, whichever matches and however many are used (RC-05).
OTPCORE_EXPORT std::optional<size_t> MatchRecoveryCode(const RecoverySet& set,
                                                       const RecoveryDigest& digest);

// ---- The readable copy ----

using SealedRecoveryCodes = SealedBytes<kRecoveryCopyBytesMax>;
static_assert(SealedRecoveryCodes::kCapacity == kSealedRecoveryCodesBytesMax);

// Seals all codes of a set, with the purpose "recovery-codes" (RC-14). Errors:
// kInternalServerError, as of Seal, and when the codes are longer than the copy.
OTPCORE_EXPORT Result<SealedRecoveryCodes> SealRecoveryCodes(const SealingKeyRing& keys,
                                                             const SealingNonce& nonce,
                                                             const RecoveryBinding& binding,
                                                             const RecoveryCodes& codes);

// All codes of the set that `sealed` was made of, used ones too. Errors: kInternalServerError, as
// of Open, and when what was sealed is no list of codes.
OTPCORE_EXPORT Result<RecoveryCodes> OpenRecoveryCodes(const SealingKeyRing& keys,
                                                       const RecoveryBinding& binding,
                                                       std::string_view sealed);

// The codes that `set` has not used yet, in order of issue (RC-14). Errors: kInternalServerError
// when the copy has another number of codes than the set.
OTPCORE_EXPORT Result<RecoveryCodes> UnusedRecoveryCodes(const RecoverySet& set,
                                                         const RecoveryCodes& copy);

}  // namespace otpcore

#endif  // OTPCORE_FACTORS_RECOVERY_CODES_H_
