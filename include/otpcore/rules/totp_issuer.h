// SPDX-License-Identifier: Apache-2.0
// The issuer of TOTP registrations: the name under which an app shows the account (rule TO-07).
#ifndef OTPCORE_RULES_TOTP_ISSUER_H_
#define OTPCORE_RULES_TOTP_ISSUER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "otpcore/base/export.h"

namespace otpcore {

inline constexpr size_t kTotpIssuerCharactersMax = 64;

// Absent when `issuer` is 1 … 64 characters of UTF-8 without colon and control characters, one of
// them visible; else one sentence for the operator. Thread-safe.
OTPCORE_EXPORT std::optional<std::string> CheckIssuer(std::string_view issuer);

}  // namespace otpcore

#endif  // OTPCORE_RULES_TOTP_ISSUER_H_
