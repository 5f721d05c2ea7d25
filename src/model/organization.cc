// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/organization.h"

#include <array>

namespace otpcore {
namespace {

// Each at the number of its method.
constexpr std::array<std::string_view, kAuthMethodCount> kAuthMethodNames = {
    "sso",         "magic_link",   "email_otp",    "password", "google_oauth", "microsoft_oauth",
    "slack_oauth", "github_oauth", "hubspot_oauth"};

}  // namespace

std::string_view WireName(MfaPolicy policy) {
  return policy == MfaPolicy::kRequiredForAll ? "REQUIRED_FOR_ALL" : "OPTIONAL";
}

std::string_view WireName(MfaMethods methods) {
  return methods == MfaMethods::kRestricted ? "RESTRICTED" : "ALL_ALLOWED";
}

std::string_view WireName(AuthMethods methods) {
  return methods == AuthMethods::kRestricted ? "RESTRICTED" : "ALL_ALLOWED";
}

std::string_view WireName(AuthMethod method) {
  const auto number = static_cast<size_t>(method);
  return number < kAuthMethodCount ? kAuthMethodNames[number] : "";
}

bool ParseAuthMethod(std::string_view name, AuthMethod* method) {
  for (size_t i = 0; i < kAuthMethodCount; ++i) {
    if (name != kAuthMethodNames[i]) continue;
    *method = static_cast<AuthMethod>(i);
    return true;
  }
  return false;
}

}  // namespace otpcore
