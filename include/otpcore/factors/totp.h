// SPDX-License-Identifier: Apache-2.0
// TOTP: the arithmetic of codes from an authenticator app (RFC 4226, RFC 6238; rules TO-03 …
// TO-22).
//
// Pure functions. The caller keeps the state: it seals the secret into its record, and it writes
// the step of an accepted code in the commit that reports the success, so that no code is accepted
// twice.
//
//   auto secret = OpenTotpSecret(keys, binding, record.sealed_secret);
//   auto code = ReadTotpCode(request.code);
//   auto verdict = JudgeTotp(*secret, parameters, window, now, record.last_step, *code);
//   if (verdict->kind == TotpVerdict::Kind::kMatch) record.last_step = verdict->step;
//
// No function allocates, reads a clock or draws. No branch, index or division depends on a secret,
// on a code that is right, or on a digit that somebody typed. All functions are thread-safe.
#ifndef OTPCORE_FACTORS_TOTP_H_
#define OTPCORE_FACTORS_TOTP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/base/ids.h"
#include "otpcore/base/result.h"
#include "otpcore/base/secret.h"
#include "otpcore/base/time.h"
#include "otpcore/model/totp_registration.h"
#include "otpcore/rules/passcode.h"
#include "otpcore/rules/sealing.h"
#include "otpcore/rules/totp_issuer.h"

namespace otpcore {

// ---- The secret ----

inline constexpr size_t kTotpSecretBytesMax = 64;
inline constexpr size_t kTotpSecretBytesMin = 16;  // of an imported one, by default

// The key that the Member's app and the library share: at most 64 bytes, wiped. Not safe for
// concurrent writes.
class OTPCORE_EXPORT TotpSecret {
 public:
  // Empty.
  TotpSecret() = default;
  // Copies `size` bytes: drawn ones (TotpSecretBytes tells how many), or those of another system.
  // More than kTotpSecretBytesMax are not taken: the secret is then empty.
  TotpSecret(const uint8_t* bytes, size_t size)
      : bytes_({reinterpret_cast<const char*>(bytes), size}) {}

  TotpSecret Duplicate() const;
  size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  const uint8_t* Reveal(SecretAccess access) const {
    return reinterpret_cast<const uint8_t*>(bytes_.Reveal(access).data());
  }
  void Wipe() { bytes_.Wipe(); }

 private:
  SecretText<kTotpSecretBytesMax> bytes_;
};

// A secret as people and apps exchange it: base32 of A-Z and 2-7 without padding (TO-03).
using TotpSecretText = SecretText<103>;
OTPCORE_EXPORT TotpSecretText FormatTotpSecret(const TotpSecret& secret);

// A secret that another system exported, before it is judged. Longer text overflows and is then
// refused.
using TypedTotpSecret = SecretText<256>;

// Reads base32 in either case; spaces and hyphens are dropped, '=' at the end too (TO-19).
// `bytes_min` is 10 … 64. Errors: kBadRequest with a detail for other characters, for a length that
// base32 cannot have, and unless bytes_min … 64 bytes come out.
OTPCORE_EXPORT Result<TotpSecret> ReadTotpSecret(const TypedTotpSecret& text,
                                                 size_t bytes_min = kTotpSecretBytesMin);

// ---- The sealed secret ----

// What a sealed secret belongs to (TO-22). The views are read during a call only.
struct TotpBinding {
  std::string_view organization_id;
  std::string_view member_id;
  Uuid registration_id;
  TotpParameters parameters;
};

using SealedTotpSecret = SealedBytes<kTotpSecretBytesMax>;

// Errors: kInternalServerError, as of Seal.
OTPCORE_EXPORT Result<SealedTotpSecret> SealTotpSecret(const SealingKeyRing& keys,
                                                       const SealingNonce& nonce,
                                                       const TotpBinding& binding,
                                                       const TotpSecret& secret);

// Errors: kInternalServerError, as of Open: the key is gone, or `sealed` does not belong to
// `binding`. Count no failure then.
OTPCORE_EXPORT Result<TotpSecret> OpenTotpSecret(const SealingKeyRing& keys,
                                                 const TotpBinding& binding,
                                                 std::string_view sealed);

// ---- The URI that an app scans ----

// What a QR picture shows. Contains the secret. The library draws no picture.
using TotpUri = SecretText<2480>;

// otpauth://totp/<issuer>:<account>?secret=…&issuer=<issuer>&algorithm=SHA1&digits=6&period=30,
// with everything but letters, digits and - . _ ~ as %XX of its UTF-8 (TO-07). `account` is the
// Member's e-mail address, or the member id of a Member without one. Errors, all
// kInternalServerError with a detail: CheckIssuer has an objection; `account` is empty or has more
// than 254 bytes; the parameters are not supported; the secret is empty.
OTPCORE_EXPORT Result<TotpUri> MakeTotpUri(std::string_view issuer, std::string_view account,
                                           const TotpSecret& secret,
                                           const TotpParameters& parameters);

// ---- Codes ----

// What a person typed into the field for an app's code, before it is judged: UTF-8. It has room for
// a recovery code, which people type there. Longer text overflows and is then kInvalidTotpCode.
using TypedTotpCode = SecretText<256>;

// Reads what a person typed (A-05, TO-14): white space, dashes and invisible marks are dropped,
// digits of five scripts count. Errors, none of them a failure of the Member:
// kRecoveryCodeUsedAsTotpCode when there is a letter in it and the form is that of a recovery code,
// 8 … 64 letters and digits; kInvalidTotpCode unless 4 … 10 digits and nothing else remain.
OTPCORE_EXPORT Result<Passcode> ReadTotpCode(const TypedTotpCode& typed);

// The code of one step, as an app shows it. Empty when the parameters are not supported, `step` is
// negative or the secret is empty. For tools and tests: use JudgeTotp to check a code.
OTPCORE_EXPORT Passcode TotpCodeAt(const TotpSecret& secret, const TotpParameters& parameters,
                                   int64_t step);

// What JudgeTotp found.
struct TotpVerdict {
  enum class Kind : uint8_t {
    kMatch = 1,     // right for a step after the last accepted one
    kUsedStep = 2,  // right, but only for steps up to the last accepted one: not a failure (TO-12)
    kWrong = 3,     // a failure with the weight of the window
  };
  Kind kind = Kind::kWrong;
  // kMatch: the newest step that matched, which becomes the last accepted one (TO-10). kUsedStep:
  // the newest that matched. kWrong: kNoTotpStep.
  int64_t step = kNoTotpStep;
  // The last accepted step lies ahead of the window: a clock has stepped back. Codes are refused
  // until time gets there.
  bool is_clock_behind = false;
};

// Compares `code` with the codes of all steps of the window (TO-09, TO-10). All of them are
// computed and compared, whichever matches. `last_step`: the last accepted step, or kNoTotpStep.
// Steps before 1970 have no code. Errors: kInvalidTotpCode when `code` has not as many digits as
// the registration (TO-14); kInternalServerError with a detail for a clock at or before
// 1970-01-01T00:00:00Z, which an Instant cannot tell apart, for parameters that are not supported,
// a window out of its range, or an empty secret. Cost: two compressions of the hash function for
// the secret and two for each step.
OTPCORE_EXPORT Result<TotpVerdict> JudgeTotp(const TotpSecret& secret,
                                             const TotpParameters& parameters,
                                             const TotpWindow& window, Instant now,
                                             int64_t last_step, const Passcode& code);

}  // namespace otpcore

#endif  // OTPCORE_FACTORS_TOTP_H_
