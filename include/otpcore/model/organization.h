// SPDX-License-Identifier: Apache-2.0
// Organization: a tenant, and how it treats the second factor of its Members.
#ifndef OTPCORE_MODEL_ORGANIZATION_H_
#define OTPCORE_MODEL_ORGANIZATION_H_

#include <cstdint>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/base/ids.h"
#include "otpcore/base/time.h"
#include "otpcore/model/factor.h"
#include "otpcore/model/mark.h"

namespace otpcore {

// Wire names OPTIONAL, REQUIRED_FOR_ALL. Stable numbers.
enum class MfaPolicy : uint8_t { kOptional = 0, kRequiredForAll = 1 };
// Whether the Organization restricts the methods of its Members. Wire names ALL_ALLOWED,
// RESTRICTED. Stable numbers.
enum class MfaMethods : uint8_t { kAllAllowed = 0, kRestricted = 1 };

// A primary factor that an Organization may allow its Members (M-11). Wire names: sso magic_link
// email_otp password google_oauth microsoft_oauth slack_oauth github_oauth hubspot_oauth. Stable
// numbers, append only: they are stored.
enum class AuthMethod : uint8_t {
  kSso = 0,
  kMagicLink = 1,
  kEmailOtp = 2,
  kPassword = 3,
  kGoogleOauth = 4,
  kMicrosoftOauth = 5,
  kSlackOauth = 6,
  kGithubOauth = 7,
  kHubspotOauth = 8,
};
inline constexpr size_t kAuthMethodCount = 9;
// Wire names ALL_ALLOWED, RESTRICTED. Stable numbers.
enum class AuthMethods : uint8_t { kAllAllowed = 0, kRestricted = 1 };
// One bit for each method, at its number.
using AuthMethodSet = uint16_t;
constexpr AuthMethodSet BitOf(AuthMethod method) {
  return static_cast<AuthMethodSet>(1u << static_cast<unsigned>(method));
}

// An Organization as a reply shows it. A view: its texts live as long as what it was read from, a
// Reply or a record's bytes.
struct Organization {
  EntityId organization_id = {};
  std::string_view organization_slug = {};         // empty: none
  std::string_view organization_external_id = {};  // empty: none
  std::string_view organization_name = {};
  MfaPolicy mfa_policy = MfaPolicy::kOptional;
  MfaMethods mfa_methods = MfaMethods::kAllAllowed;
  bool sms_otp_allowed = false;  // in allowed_mfa_methods; read when mfa_methods is kRestricted
  bool totp_allowed = false;     // likewise
  AuthMethods auth_methods = AuthMethods::kAllAllowed;
  AuthMethodSet allowed_auth_methods = 0;  // read when auth_methods is kRestricted
  Instant created_at = {};
  Instant updated_at = {};

  // Whether the Organization lets its Members sign in so (EM-08). Only email_otp is enforced here;
  // the others are the host's.
  bool Allows(AuthMethod method) const {
    return auth_methods == AuthMethods::kAllAllowed || (allowed_auth_methods & BitOf(method)) != 0;
  }
  // Whether the Organization lets its Members use the method, or a second factor of this kind
  // (S-13). Primary factors are not its to allow: their answer means nothing.
  bool Allows(MfaMethod method) const {
    if (mfa_methods == MfaMethods::kAllAllowed) return true;
    switch (method) {
      case MfaMethod::kSmsOtp: return sms_otp_allowed;
      case MfaMethod::kTotp: return totp_allowed;
      case MfaMethod::kNone: return false;
    }
    return false;
  }
  bool Allows(FactorKind kind) const { return Allows(TraitsOf(kind).method); }
};

// What the store keeps of an Organization; everything else belongs to the host.
struct OrganizationRecord : Organization {
  bool deleted = false;
  OperationMark mark = {};
};

OTPCORE_EXPORT std::string_view WireName(MfaPolicy policy);
OTPCORE_EXPORT std::string_view WireName(MfaMethods methods);
OTPCORE_EXPORT std::string_view WireName(AuthMethods methods);
OTPCORE_EXPORT std::string_view WireName(AuthMethod method);
// Reads a wire name, letter for letter. Returns false for any other text; `*method` is then
// unchanged.
OTPCORE_EXPORT bool ParseAuthMethod(std::string_view name, AuthMethod* method);

}  // namespace otpcore

#endif  // OTPCORE_MODEL_ORGANIZATION_H_
