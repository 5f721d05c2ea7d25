// SPDX-License-Identifier: Apache-2.0
// Under which name a shared session directory keeps a token.
#ifndef OTPCORE_EXAMPLES_STORES_SESSION_DIGEST_H_
#define OTPCORE_EXAMPLES_STORES_SESSION_DIGEST_H_

#include <string>

#include "otpcore/model/session.h"

namespace otpcore::examples {

// A token is a password for one session: who reads the database must not get any. Tokens are drawn
// from 256 bits, so a plain hash will do. The kinds do not mix.
std::string SessionDigest(const SessionCredential& credential);

// What a session has proved, as one number to be stored: append only.
inline constexpr int kPrimaryFactorBit = 1;
inline constexpr int kSmsOtpFactorBit = 2;
inline constexpr int kTotpFactorBit = 4;

inline int FactorBitsOf(const Session& session) {
  return (session.factors.HasPrimary() ? kPrimaryFactorBit : 0) |
         (session.factors.Has(FactorKind::kSmsPasscode) ? kSmsOtpFactorBit : 0) |
         (session.factors.Has(FactorKind::kTotp) ? kTotpFactorBit : 0);
}

inline void SetFactors(int64_t bits, Session* session) {
  session->factors.HasPrimary() = (bits & kPrimaryFactorBit) != 0;
  session->factors.Has(FactorKind::kSmsPasscode) = (bits & kSmsOtpFactorBit) != 0;
  session->factors.Has(FactorKind::kTotp) = (bits & kTotpFactorBit) != 0;
}

}  // namespace otpcore::examples

#endif  // OTPCORE_EXAMPLES_STORES_SESSION_DIGEST_H_
