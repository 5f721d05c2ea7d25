// SPDX-License-Identifier: Apache-2.0
// Sessions as this server makes and shows them. The directory keeps what commands look at; what a
// client is shown besides stands in the metadata that it keeps for the host.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_SESSIONS_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_SESSIONS_H_

#include <functional>
#include <optional>
#include <string>

#include "otpcore/otpcore.h"
#include "wire.h"

namespace mfa_server {

// The session directory as the host uses it, whichever it is.
struct SessionStore {
  // Makes a session. False: it may not be there, so its name must not be shown.
  std::function<bool(const otpcore::SessionCredential&, const otpcore::Session&,
                     otpcore::Instant expires_at, const std::string& metadata)>
      add;
  // Nothing: it is gone, or the directory does not answer.
  std::function<std::optional<otpcore::SessionInfo>(const otpcore::SessionCredential&)> get;
  // False: so too, or the metadata is not `was` any more.
  std::function<bool(const otpcore::SessionCredential&, const std::string& was,
                     const std::string& metadata)>
      compare_and_set_metadata;
};

// A new secret name of a session: 256 random bits.
std::string NewToken(otpcore::SecureRandom& random);

// A new id of a session: what clients are shown as member_session_id, and Session::id. Not secret.
std::string NewSessionId(otpcore::SecureRandom& random, otpcore::Environment environment);

// The metadata of a session that a password has just made, or an intermediate token.
std::string MetadataOfPrimary(otpcore::Instant now);

// `claims` merged into those of metadata as the API does it: null deletes a key, also further down,
// and what JWTs reserve is ignored. Nothing: they would be more than 4 KB.
std::optional<Json> MergeClaims(const std::string& metadata, const Json& claims);

// What became of a session, and how to name it.
struct IssuedSession {
  std::string token;
  Json member_session;  // null: of a full session that goes on, but cannot be looked at just now
};

// Makes the full session for an intermediate token, of which `before` was known and whose id it
// keeps, or writes down in the full one that `session_token` names what it got. Nothing when no
// session could be made: the passcode and the intermediate token are used then, and the person
// signs in again.
std::optional<IssuedSession> IssueSession(const SessionStore& store, otpcore::SecureRandom& random,
                                          otpcore::Instant now, const otpcore::ReplyBase& reply,
                                          const otpcore::SessionEffect& effect,
                                          const std::string& session_token,
                                          const otpcore::SessionInfo& before, const Json& claims);

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_SESSIONS_H_
