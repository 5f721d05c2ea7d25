// SPDX-License-Identifier: Apache-2.0
// JWTs of sessions: signed with RS256 for five minutes, so that a client can check one without
// asking; and the keys it needs for that.
//
// A JWT names its session by the session's id. This server takes one, also when its time is over,
// as long as signature and session are good; so a revoked session is gone here at once, and for a
// client that checks JWTs by itself after five minutes.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_JWT_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_JWT_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "otpcore/otpcore.h"
#include "sessions.h"
#include "wire.h"

struct json_t;  // of jansson, which libjose's values are made of

namespace mfa_server {

inline constexpr std::chrono::minutes kJwtLife{5};

// Thread-safe.
class JwtKeys {
 public:
  // `files` hold RSA private keys in PEM, 2048 bits or more: the first signs, those behind it are
  // still good and shown. Without any a key is made, which ends with the process. Null: `*problem`
  // says why.
  static std::unique_ptr<JwtKeys> Open(const std::vector<std::string>& files,
                                       const std::string& project_id, std::string* problem);

  // Of a session as RenderSession shows it. It ends with the session, at `expires_at`, if that is
  // sooner. Empty: it could not be signed.
  std::string Sign(const Json& member_session, otpcore::Instant now,
                   otpcore::Instant expires_at) const;
  // The id of the session in a JWT that one of the keys has signed for this project, whatever its
  // times; empty for any other text.
  std::string SessionIdIn(std::string_view jwt) const;
  // The public keys, as a JSON Web Key Set's `keys`.
  const Json& public_keys() const { return public_keys_; }
  const std::string& project_id() const { return project_id_; }

 private:
  struct Key {
    std::string id;
    std::string jwk;  // with its private part
  };
  explicit JwtKeys(std::string project_id);
  bool Add(json_t* jwk);  // which it takes; null: false

  const std::string project_id_;
  const std::string issuer_;
  std::vector<Key> keys_;
  Json public_keys_ = Json::array();
};

// `sessions` for a host whose JWTs `keys` has signed: those name the session by its id. Both must
// outlive it.
std::unique_ptr<otpcore::SessionDirectory> WithJwts(otpcore::SessionDirectory& sessions,
                                                    const JwtKeys& keys);
SessionStore WithJwts(const SessionStore& store, const JwtKeys& keys);

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_JWT_H_
