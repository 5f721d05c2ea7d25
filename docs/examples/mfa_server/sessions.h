// SPDX-License-Identifier: Apache-2.0
// Sessions as this server makes and shows them. The directory keeps what commands look at; what a
// client is shown besides stands in the metadata that it keeps for the host.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_SESSIONS_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_SESSIONS_H_

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
  // As the port's: tells one that is gone from a directory that does not answer.
  std::function<otpcore::SessionDirectory::FindResult(const otpcore::SessionCredential&)> find;
  // Lets it last at least `duration` from now. False: it is gone, or does not take it.
  std::function<bool(const otpcore::SessionCredential&, otpcore::Duration)> extend;
  // Ends it. False: it was gone, or may be there still.
  std::function<bool(const otpcore::SessionCredential&)> remove;
  // All that live of a Member. Nothing: the directory does not answer.
  std::function<std::optional<std::vector<otpcore::SessionInfo>>(const otpcore::EntityId&)> list;
};

// A new secret name of a session: 256 random bits.
std::string NewToken(otpcore::SecureRandom& random);

// A new id of a session: what clients are shown as member_session_id, and Session::id. Not secret.
std::string NewSessionId(otpcore::SecureRandom& random, otpcore::Environment environment);

// The metadata of a session that a password has just made.
std::string MetadataOfPrimary(otpcore::Instant now);

// How long an intermediate session lives.
inline constexpr std::chrono::minutes kIntermediateLife{10};

// `claims` merged into those of metadata as the API does it: null deletes a key, also further down,
// and what JWTs reserve is ignored. Nothing: they would be more than 4 KB.
std::optional<Json> MergeClaims(const std::string& metadata, const Json& claims);

// What was known before a proof, which may consume an intermediate token.
struct SessionBefore {
  otpcore::SessionArguments arguments;  // as they were given
  otpcore::SessionInfo info;            // of the session they name; empty: of none
  std::string new_id;                   // of a session that is created
  Json claims = Json::object();         // session_custom_claims
};

// A session after a success, and how to name it.
struct IssuedSession {
  bool intermediate = false;
  std::string token;  // empty: it was named by a JWT, and only its digest is known
  otpcore::Instant expires_at;
  // Of a full session. Null: it goes on, but cannot be looked at just now.
  Json member_session;
};

// Does the host's part of `effect` (SE-03): makes the session of kCreate, kCreateIntermediate and
// kUpgrade, or writes down in that of kExtend what it got. What comes of an intermediate session
// keeps its id and its factors. Nothing when no session could be made: the passcode and the
// intermediate token are used then, and the person signs in again.
std::optional<IssuedSession> IssueSession(const SessionStore& store, otpcore::SecureRandom& random,
                                          otpcore::Instant now, const otpcore::ReplyBase& reply,
                                          const otpcore::SessionEffect& effect,
                                          const SessionBefore& before);

// Makes a session of `session`, whose id it has, with that metadata.
std::optional<IssuedSession> MakeSession(const SessionStore& store, otpcore::SecureRandom& random,
                                         otpcore::Instant now, otpcore::Instant expires_at,
                                         bool intermediate, const otpcore::Session& session,
                                         std::string_view organization_slug,
                                         const std::string& metadata);

// The name of the session that the arguments give; nothing when they give none.
std::optional<otpcore::SessionCredential> CredentialOf(const otpcore::SessionArguments& arguments);

// The session of a credential. Errors: kSessionNotFound, kIntermediateSessionNotFound,
// kServerUnavailable.
otpcore::Error FindSession(const SessionStore& store, const otpcore::SessionCredential& credential,
                           otpcore::SessionInfo* info);

// `metadata` of a session that was just used, and what a client is shown of it.
std::string Accessed(const std::string& metadata, otpcore::Instant now, const Json& claims);
Json RenderSession(const otpcore::SessionInfo& info, std::string_view organization_slug);
// The metadata of a session that begins with `proof`.
std::string MetadataOfProof(const otpcore::FactorProof& proof, otpcore::Environment environment);
// The metadata of a session that goes on in another Organization with the e-mail factor of `info`.
std::string MetadataOfEmail(const otpcore::SessionInfo& info);
bool IsIntermediate(const otpcore::SessionInfo& info);

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_SESSIONS_H_
