// SPDX-License-Identifier: Apache-2.0
// What an authenticator app and a person with a note do, in a few lines of their own: codes of RFC
// 6238, base32, and the canonical form of a recovery code. Nothing here is the library's.
#ifndef OTPCORE_TESTS_SIMULATION_TOTP_TEXT_H_
#define OTPCORE_TESTS_SIMULATION_TOTP_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "otpcore/model/totp_registration.h"

namespace otpcore {
namespace simulation {

// The code of one step of 30 seconds. `secret`: its bytes.
std::string AppCode(const TotpParameters& parameters, const std::string& secret, int64_t step);

// Without padding.
std::string Base32(const std::string& bytes);
// In either case; spaces and hyphens are dropped, '=' at the end too. Absent: no base32 (TO-19).
std::optional<std::string> FromBase32(const std::string& text);

// otpauth://… of TO-07. `secret`: base32.
std::string OtpauthUri(const std::string& issuer, const std::string& account,
                       const std::string& secret, const TotpParameters& parameters);

// Of a text of letters, digits, spaces and hyphens: lower case, o read as 0, i and l as 1, spaces
// and hyphens dropped (RC-04). Absent: it has other characters.
std::optional<std::string> Canonical(const std::string& text);
// Whether there is a letter in it.
bool HasLetter(const std::string& text);

}  // namespace simulation
}  // namespace otpcore

#endif  // OTPCORE_TESTS_SIMULATION_TOTP_TEXT_H_
