// SPDX-License-Identifier: Apache-2.0
// Names in the session directory for what this server keeps there beside sessions.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_SECRET_NAME_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_SECRET_NAME_H_

#include <chrono>
#include <string>

namespace mfa_server {

// The life of what has no end.
inline constexpr std::chrono::hours kKeptForever{100 * 366 * 24};

// 32 bytes that only somebody with the secret can know; the same for the same text.
std::string SecretName(const std::string& secret, const std::string& text);

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_SECRET_NAME_H_
