// SPDX-License-Identifier: Apache-2.0
// Factors: the kinds of proof that a session can carry, what each is called on the wire, and the
// set of those that a session has shown.
#ifndef OTPCORE_MODEL_FACTOR_H_
#define OTPCORE_MODEL_FACTOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

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

// One row of the table of factors. All text is static.
struct FactorTraits {
  FactorKind kind;
  bool second;                       // counts as an MFA factor (P-01, S-12)
  std::string_view method;           // its name among mfa_methods, or "": no Organization names it
  std::string_view type;             // in a session's list of factors: `type` …
  std::string_view delivery_method;  // … and `delivery_method`
  std::string_view id_prefix;        // of the id of what was proved: "phone-number-test-<uuid>"
  ErrorCode wrong;                   // the code is wrong, or there is none that it could be
  ErrorCode dead;                    // the code was right once, or its time is over
};

// The row of `kind`. Thread-safe.
OTPCORE_EXPORT const FactorTraits& TraitsOf(FactorKind kind);

// The factors that a session has shown, each with the time it was shown last.
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
  bool HasPrimary() const {
    return Has(FactorKind::kHostPrimary) || Has(FactorKind::kEmailPasscode);
  }
  bool HasSecond() const {
    return Has(FactorKind::kSmsPasscode) || Has(FactorKind::kTotp) ||
           Has(FactorKind::kRecoveryCode);
  }

 private:
  static constexpr size_t Index(FactorKind kind) { return static_cast<size_t>(kind); }
  std::array<Instant, kFactorKindCount> shown_{};
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
