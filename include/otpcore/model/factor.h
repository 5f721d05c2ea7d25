// SPDX-License-Identifier: Apache-2.0
// Factors: the kinds of proof that a session can carry, the one table that says what each of them
// counts for and is called, and the set of those that a session has shown.
//
// What the core does with a factor beyond judging its codes, it reads from the factor's row: no
// other place lists the kinds.
#ifndef OTPCORE_MODEL_FACTOR_H_
#define OTPCORE_MODEL_FACTOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "otpcore/base/error.h"
#include "otpcore/base/export.h"
#include "otpcore/base/ids.h"
#include "otpcore/base/time.h"
#include "otpcore/model/address.h"

namespace otpcore {

// Stable numbers, append only: they are stored.
enum class FactorKind : uint8_t {
  kHostPrimary = 0,    // a primary factor that the host judged: password, SSO, magic link, …
  kEmailPasscode = 1,  // primary
  kSmsPasscode = 2,    // second, like those below
  kTotp = 3,
  kRecoveryCode = 4,
};
inline constexpr size_t kFactorKindCount = 5;

// What a passcode by e-mail is for (EM-06). A code that was sent for one purpose is wrong for every
// other. Stable numbers, append only: they are stored, and part of the digest.
enum class EmailPurpose : uint8_t {
  kNone = 0,       // it went by another way
  kLogin = 1,      // of an active Member
  kSignup = 2,     // of one who is pending or invited, or was made by the send
  kDiscovery = 3,  // of an address outside any Organization
};

// "login", "signup", "discovery"; empty for kNone and a number that is no purpose.
OTPCORE_EXPORT std::string_view WireName(EmailPurpose purpose);

// What an Organization allows and a Member prefers. Wire names: "" sms_otp totp. Stable numbers.
enum class MfaMethod : uint8_t { kNone = 0, kSmsOtp = 1, kTotp = 2 };

// What a factor answers to a code that is not accepted.
struct FactorErrors {
  ErrorCode malformed;  // it has another length than the factor's codes have
  ErrorCode none;       // there is nothing that it could be the code of
  ErrorCode wrong;      // compared, and wrong: the only one that counts as a failure
  ErrorCode used;       // it was right once already
  ErrorCode dead;       // its time is over, or what it belonged to failed too often
};

// One row of the table of factors. All text is static.
struct FactorTraits {
  FactorKind kind;
  bool second;       // counts as an MFA factor (P-01, S-12); else it is a primary one
  MfaMethod method;  // the Organization's method that allows it (S-13); kNone: nothing does
  bool enrolls;      // a success may enrol the Member, and make `method` the default
  std::string_view type;             // in a session's list of factors: `type` …
  std::string_view delivery_method;  // … and `delivery_method`
  std::string_view id_prefix;        // of the id of what was proved: "phone-number-test-<uuid>"
  FactorErrors errors;
};

inline constexpr FactorErrors kPasscodeErrors = {
    ErrorCode::kInvalidCode, ErrorCode::kOtpCodeNotFound, ErrorCode::kOtpCodeNotFound,
    ErrorCode::kUnableToAuthOtpCode, ErrorCode::kUnableToAuthOtpCode};

// The table: each row at the index of its kind.
inline constexpr std::array<FactorTraits, kFactorKindCount> kFactorTable = {{
    {FactorKind::kHostPrimary,
     false,
     MfaMethod::kNone,
     false,
     "",
     "",
     "",
     {ErrorCode::kInternalServerError, ErrorCode::kInternalServerError,
      ErrorCode::kInternalServerError, ErrorCode::kInternalServerError,
      ErrorCode::kInternalServerError}},
    {FactorKind::kEmailPasscode, false, MfaMethod::kNone, false, "email_otp", "email", "email",
     kPasscodeErrors},
    {FactorKind::kSmsPasscode, true, MfaMethod::kSmsOtp, true, "otp", "sms", "phone-number",
     kPasscodeErrors},
    {FactorKind::kTotp,
     true,
     MfaMethod::kTotp,
     true,
     "totp",
     "authenticator_app",
     "member-totp",
     {ErrorCode::kInvalidTotpCode, ErrorCode::kTotpNotFound, ErrorCode::kUnableToAuthenticateTotp,
      ErrorCode::kTotpCodeAlreadyAuthenticated, ErrorCode::kExpiredTotp}},
    {FactorKind::kRecoveryCode,
     true,
     MfaMethod::kTotp,
     false,
     "recovery_codes",
     "recovery_code",
     "totp-recovery-code",
     {ErrorCode::kInvalidRecoveryCode, ErrorCode::kRecoveryCodesNotFound,
      ErrorCode::kUnableToAuthenticateRecoveryCode, ErrorCode::kUnableToAuthenticateRecoveryCode,
      ErrorCode::kNoActiveRecoveryCodeBackedFactor}},
}};

// The row of `kind`; that of kHostPrimary for a number that is no kind. Thread-safe.
constexpr const FactorTraits& TraitsOf(FactorKind kind) {
  const auto row = static_cast<size_t>(kind);
  return kFactorTable[row < kFactorKindCount ? row : 0];
}

// The factors that a session has shown, each with the time it was shown last.
//
// A directory may hold kinds that only a newer version of the library knows. They share one place,
// and count neither as a primary nor as a second factor.
class FactorSet {
 public:
  bool Has(FactorKind kind) const { return shown_[Index(kind)] != Instant(); }
  // Shows `kind` at `at`. A factor shown at 1970-01-01T00:00:00Z counts as shown a millisecond
  // later.
  void Add(FactorKind kind, Instant at) {
    shown_[Index(kind)] = at == Instant() ? Instant::FromUnixMillis(1) : at;
  }
  // When `kind` was shown last; the epoch: never.
  Instant LastShown(FactorKind kind) const { return shown_[Index(kind)]; }
  bool HasPrimary() const { return HasAny(false, std::make_index_sequence<kFactorKindCount>()); }
  bool HasSecond() const { return HasAny(true, std::make_index_sequence<kFactorKindCount>()); }

 private:
  static constexpr size_t Index(FactorKind kind) {
    const auto index = static_cast<size_t>(kind);
    return index < kFactorKindCount ? index : kFactorKindCount;
  }
  template <size_t... I>
  bool HasAny(bool second, std::index_sequence<I...> /*kinds*/) const {
    return ((kFactorTable[I].second == second && shown_[I] != Instant()) || ...);
  }
  std::array<Instant, kFactorKindCount + 1> shown_{};
};

// One success: which factor was proved, and with what. On its way into a session.
struct FactorProof {
  FactorKind kind = FactorKind::kHostPrimary;
  Uuid id;          // of the phone number, e-mail address, registration or recovery code
  Address address;  // the phone number or e-mail address; empty for others
  Instant at;
};

// The id of what was proved as the wire shows it: "phone-number-test-<uuid>".
OTPCORE_EXPORT std::string ProofId(const FactorProof& proof, Environment environment);

}  // namespace otpcore

#endif  // OTPCORE_MODEL_FACTOR_H_
