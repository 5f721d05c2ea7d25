// SPDX-License-Identifier: Apache-2.0
// Sessions: they belong to the host; commands only look at them and say what becomes of them.
#ifndef OTPCORE_MODEL_SESSION_H_
#define OTPCORE_MODEL_SESSION_H_

#include <cstdint>
#include <string>

#include "otpcore/base/ids.h"
#include "otpcore/base/time.h"

namespace otpcore {

// Names a session; at most one of the three arguments of a request.
struct SessionCredential {
  enum class Kind : uint8_t { kIntermediateToken, kSessionToken, kSessionJwt };
  Kind kind = Kind::kSessionToken;
  std::string value;
};

// The session arguments of a request; empty text counts as absent.
struct SessionArguments {
  std::string intermediate_session_token;
  std::string session_token;
  std::string session_jwt;
};

struct Session {
  Id organization_id;
  Id member_id;
  bool has_primary_factor = false;
  bool has_sms_otp_factor = false;
  bool has_totp_factor = false;
  bool HasMfaFactor() const { return has_sms_otp_factor || has_totp_factor; }
};

// What a success does to the session: an intermediate token is consumed for a full session, a full
// one is extended; either gets the factor {type otp, delivery_method sms, phone_id, phone_number}.
struct SessionEffect {
  SessionCredential credential;
  Id organization_id;
  Id member_id;
  Duration session_duration{0};
  std::string phone_id;
  std::string phone_number;
};

}  // namespace otpcore

#endif  // OTPCORE_MODEL_SESSION_H_
